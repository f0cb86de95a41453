//! Occupancy as a table for spreadsheets: comma-separated, with a header (RFC 4180).

use std::io;

/// A line of the table: one hour of one weekday for one type at one location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'a> {
    pub location: &'a str,
    pub resource_type: &'a str,
    pub weekday: &'a str,
    pub hour: i8,
    pub booked_minutes: i64,
    pub open_minutes: i64,
    pub percent: Option<i64>,
}

/// # Errors
/// Never for a table in memory; the writer's own word.
pub fn csv<'a>(rows: impl IntoIterator<Item = Row<'a>>) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "location",
        "resource_type",
        "weekday",
        "hour",
        "booked_minutes",
        "open_minutes",
        "booked_percent",
    ])?;
    for row in rows {
        writer.write_record([
            harmless(row.location),
            harmless(row.resource_type),
            row.weekday.to_owned(),
            format!("{:02}:00", row.hour),
            row.booked_minutes.to_string(),
            row.open_minutes.to_string(),
            row.percent.map_or_else(String::new, |percent| percent.to_string()),
        ])?;
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}

/// A name that a spreadsheet would take for a formula is made a text.
fn harmless(name: &str) -> String {
    if name.starts_with(['=', '+', '-', '@']) {
        format!("'{name}")
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_spreadsheets_read_as_it_is_meant() {
        let row = Row {
            location: "Speicher, \"Süd\"",
            resource_type: "=SUM(A1)",
            weekday: "Monday",
            hour: 9,
            booked_minutes: 90,
            open_minutes: 480,
            percent: Some(19),
        };
        let closed = Row {
            open_minutes: 0,
            percent: None,
            ..row.clone()
        };
        let bytes = csv([row, closed]).unwrap();
        insta::assert_snapshot!(String::from_utf8(bytes).unwrap(), @r#"
        location,resource_type,weekday,hour,booked_minutes,open_minutes,booked_percent
        "Speicher, ""Süd""",'=SUM(A1),Monday,09:00,90,480,19
        "Speicher, ""Süd""",'=SUM(A1),Monday,09:00,90,0,
        "#);
    }
}
