//! A file's text as rows of named cells.

use super::report::RowError;
use std::collections::BTreeMap;

/// The largest file that is read.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;
/// The most rows of one file.
pub const MAX_ROWS: usize = 50_000;

/// A file and the columns that it may have, in any order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    pub file: &'static str,
    pub required: &'static [&'static str],
    pub optional: &'static [&'static str],
}

impl Layout {
    fn column(&self, name: &str) -> Option<&'static str> {
        self.required
            .iter()
            .chain(self.optional)
            .copied()
            .find(|known| *known == name)
    }
    pub(crate) fn has(&self, name: &str) -> bool {
        self.column(name).is_some()
    }
    pub(crate) fn error(&self, row: usize, column: &str, message: impl Into<String>) -> RowError {
        RowError {
            file: self.file,
            row,
            column: column.to_owned(),
            message: message.into(),
        }
    }
}

/// One row: trimmed cells by column.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub number: usize,
    cells: BTreeMap<&'static str, String>,
}

impl Row {
    /// The cell's text; empty where the file has no such column.
    pub(crate) fn text(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// Reads every row that has the header's columns; what cannot be read is added to `errors`.
pub(crate) fn read(layout: &Layout, text: &str, errors: &mut Vec<RowError>) -> Vec<Row> {
    if text.len() > MAX_BYTES {
        errors.push(layout.error(1, "", format!("Please import at most {MAX_BYTES} bytes at a time.")));
        return Vec::new();
    }
    // Spreadsheets put a byte-order mark in front, and some write semicolons.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first_line = text.lines().next().unwrap_or_default();
    let delimiter = if first_line.contains(';') && !first_line.contains(',') {
        b';'
    } else {
        b','
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(str::to_lowercase).collect(),
        Err(error) => {
            errors.push(layout.error(1, "", format!("The header cannot be read: {error}.")));
            return Vec::new();
        }
    };
    let Some(columns) = columns(layout, &header, errors) else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    // A cell may hold line breaks, and then lines are not rows.
    let mut breaks = header.iter().map(|cell| line_breaks(cell)).sum::<usize>();
    for (index, record) in reader.records().enumerate() {
        let position = record.as_ref().ok().and_then(csv::StringRecord::position);
        let line = position.and_then(|position| usize::try_from(position.line()).ok());
        let number = line.map_or(index + 2, |line| line.saturating_sub(breaks));
        if let Ok(record) = &record {
            breaks += record.iter().map(line_breaks).sum::<usize>();
        }
        if index >= MAX_ROWS {
            errors.push(layout.error(number, "", format!("Please import at most {MAX_ROWS} rows at a time.")));
            break;
        }
        match record {
            // An empty line at the end of a sheet.
            Ok(record) if record.iter().all(str::is_empty) => {}
            Ok(record) if record.len() == columns.len() => rows.push(Row {
                number,
                cells: columns.iter().copied().zip(record.iter().map(str::to_owned)).collect(),
            }),
            Ok(record) => {
                let message = format!(
                    "This row has {} cells, the header has {}. A cell with a comma in it needs quotes.",
                    record.len(),
                    columns.len()
                );
                errors.push(layout.error(number, "", message));
            }
            Err(error) => errors.push(layout.error(number, "", format!("This row cannot be read: {error}."))),
        }
    }
    rows
}

fn line_breaks(cell: &str) -> usize {
    cell.bytes().filter(|byte| *byte == b'\n').count()
}

/// The layout's columns in the file's order; `None` when the header is not one.
fn columns(layout: &Layout, header: &[String], errors: &mut Vec<RowError>) -> Option<Vec<&'static str>> {
    let before = errors.len();
    let mut columns = Vec::with_capacity(header.len());
    for name in header {
        match layout.column(name) {
            Some(known) if columns.contains(&known) => {
                errors.push(layout.error(1, name, "This column is there twice."));
            }
            Some(known) => columns.push(known),
            None => {
                let known: Vec<&str> = layout.required.iter().chain(layout.optional).copied().collect();
                let message = format!("There is no such column; there are {}.", known.join(", "));
                errors.push(layout.error(1, name, message));
            }
        }
    }
    for required in layout.required {
        if !columns.contains(required) {
            errors.push(layout.error(1, required, "This column is missing."));
        }
    }
    (errors.len() == before).then_some(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYOUT: Layout = Layout {
        file: "things.csv",
        required: &["name", "size"],
        optional: &["note"],
    };

    fn shown(text: &str) -> (Vec<String>, Vec<String>) {
        let mut errors = Vec::new();
        let rows = read(&LAYOUT, text, &mut errors);
        let rows = rows
            .iter()
            .map(|row| format!("{}: {} {}", row.number, row.text("name"), row.text("size")));
        let errors = errors
            .iter()
            .map(|error| format!("{} {}: {}", error.row, error.column, error.message));
        (rows.collect(), errors.collect())
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_numbers_them() {
        let (rows, errors) = shown("\u{feff}size;Name\n\"4\n\"; Spree\n\n5;Havel \n");
        assert_eq!(rows, ["2: Spree 4", "4: Havel 5"]);
        assert!(errors.is_empty());
    }

    #[test]
    fn a_header_says_all_its_faults_and_a_short_row_is_named() {
        let (_, errors) = shown("name,name,colour\n");
        assert_eq!(
            errors,
            [
                "1 name: This column is there twice.",
                "1 colour: There is no such column; there are name, size, note.",
                "1 size: This column is missing."
            ]
        );
        let (rows, errors) = shown("name,size\na,1\nb\n\"c, d\",3\n");
        assert_eq!(rows, ["2: a 1", "4: c, d 3"]);
        assert_eq!(errors.len(), 1);
        assert!(errors[0].starts_with("3 : This row has 1 cells"));
    }
}
