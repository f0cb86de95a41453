//! A month priced by a draft as a table for spreadsheets: comma-separated, with a header (RFC 4180).

use std::io;

/// A line of the table: a membership. Amounts are decimals of its currency, net.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'a> {
    pub membership: &'a str,
    pub member: &'a str,
    pub plan: &'a str,
    pub location: &'a str,
    pub currency: &'a str,
    pub charged: String,
    pub published: String,
    pub draft: String,
    pub difference: String,
    pub bookings: usize,
    pub passes: usize,
    pub on_draft: bool,
    pub agreed_price: bool,
}

/// # Errors
/// Never for a table in memory; the writer's own word.
pub fn csv<'a>(rows: impl IntoIterator<Item = Row<'a>>) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "membership_id",
        "member",
        "plan",
        "location",
        "currency",
        "charged",
        "published",
        "draft",
        "difference",
        "bookings",
        "passes",
        "on_draft",
        "agreed_price",
    ])?;
    for row in rows {
        let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
        writer.write_record([
            row.membership.to_owned(),
            harmless(row.member),
            harmless(row.plan),
            harmless(row.location),
            row.currency.to_owned(),
            row.charged,
            row.published,
            row.draft,
            row.difference,
            row.bookings.to_string(),
            row.passes.to_string(),
            yes(row.on_draft),
            yes(row.agreed_price),
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
            membership: "0198f0a2-4c1e-7e5f-9c53-0d6f1f5f2a11",
            member: "=SUM(A1)",
            plan: "Flex, yearly",
            location: "Mitte",
            currency: "EUR",
            charged: "116.13".into(),
            published: "116.13".into(),
            draft: "100.00".into(),
            difference: "-16.13".into(),
            bookings: 2,
            passes: 0,
            on_draft: true,
            agreed_price: false,
        };
        let bytes = csv([row]).unwrap();
        insta::assert_snapshot!(String::from_utf8(bytes).unwrap(), @r#"
        membership_id,member,plan,location,currency,charged,published,draft,difference,bookings,passes,on_draft,agreed_price
        0198f0a2-4c1e-7e5f-9c53-0d6f1f5f2a11,'=SUM(A1),"Flex, yearly",Mitte,EUR,116.13,116.13,100.00,-16.13,2,0,yes,no
        "#);
    }
}
