//! Usage from a file: judged in full first, and everything wrong is told by row and column. Only a file without faults is
//! counted, a batch to an append.

use super::report::{Became, Members, report, take_in_op};
use crate::{
    App, Caller, Operation, UseCaseError, access,
    import::{
        Mode, RowError,
        rows::{Cells, Layout, Row, read},
    },
};
use coterie_domain::{
    MemberId, MeterId,
    catalogue::Catalogue,
    usage::{MAX_BATCH, NewUsage},
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The most rows of one file: what one request can judge.
pub const MAX_ROWS: usize = 5_000;
/// What a file has to have.
pub const FILE_COLUMNS: [&str; 5] = ["event_id", "meter", "member", "quantity", "used_on"];
const LAYOUT: Layout = Layout {
    file: "usage.csv",
    required: &FILE_COLUMNS,
    optional: &[],
};

/// What became, or in a dry run would become, of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub mode: Mode,
    pub counted: usize,
    pub known_before: usize,
    /// By row; nothing was written where there are any.
    pub errors: Vec<RowError>,
    /// Of the last batch that was written.
    pub position: i64,
}

/// Reads a file of usage: meters by name, members by email address.
///
/// # Errors
/// Operators only; whatever the database says. Faults of the file are in the report.
pub async fn from_file(app: &App, caller: &Caller, text: &str, mode: Mode) -> Result<Report, UseCaseError> {
    access::operates(caller)?;
    let mut report_of_file = Report {
        mode,
        counted: 0,
        known_before: 0,
        errors: Vec::new(),
        position: 0,
    };
    let rows = read(&LAYOUT, text, &mut report_of_file.errors);
    if rows.len() > MAX_ROWS {
        let message = format!("Please send at most {MAX_ROWS} rows at a time.");
        report_of_file.errors.push(LAYOUT.error(MAX_ROWS + 2, "", message));
        return Ok(report_of_file);
    }
    let (numbers, pieces) = judge(app, caller, &rows, &mut report_of_file).await?;
    report_of_file.errors.sort();
    if mode == Mode::DryRun || !report_of_file.errors.is_empty() {
        return Ok(report_of_file);
    }
    (report_of_file.counted, report_of_file.known_before) = (0, 0);
    for (numbers, batch) in numbers.chunks(MAX_BATCH).zip(pieces.chunks(MAX_BATCH)) {
        let done = report(app, caller, batch).await?;
        report_of_file.position = done.position;
        tally(&mut report_of_file, numbers, &done.outcome.pieces);
    }
    Ok(report_of_file)
}

/// Reads and judges every row by the same decision that counts it, and writes nothing.
async fn judge(
    app: &App,
    caller: &Caller,
    rows: &[Row],
    report: &mut Report,
) -> Result<(Vec<usize>, Vec<NewUsage>), UseCaseError> {
    let mut op = Operation::open(app, caller).await?;
    let catalogue = op.catalogue().await?;
    let members = members(&mut op, rows).await?;
    let (mut numbers, mut pieces) = (Vec::new(), Vec::new());
    for row in rows {
        let mut cells = Cells::new(&LAYOUT, row);
        if let Some(new) = piece(&mut cells, &catalogue, &members) {
            numbers.push(row.number);
            pieces.push(new);
        }
        report.errors.append(&mut cells.errors);
    }
    let mut hers = Members::default();
    for (numbers, batch) in numbers.chunks(MAX_BATCH).zip(pieces.chunks(MAX_BATCH)) {
        let became = take_in_op(&mut op, batch, &mut hers).await?;
        tally(report, numbers, &became);
    }
    // Not committed: what was taken in is forgotten again.
    drop(op);
    Ok((numbers, pieces))
}

fn tally(report: &mut Report, numbers: &[usize], became: &[Became]) {
    for (number, became) in numbers.iter().zip(became) {
        match became {
            Became::Counted => report.counted += 1,
            Became::KnownBefore => report.known_before += 1,
            Became::Refused { field, message, .. } => {
                let column = field
                    .strip_suffix("_id")
                    .filter(|_| field != "event_id")
                    .unwrap_or(field);
                report.errors.push(LAYOUT.error(*number, column, message));
            }
        }
    }
}

fn piece(cells: &mut Cells<'_>, catalogue: &Catalogue, members: &BTreeMap<String, MemberId>) -> Option<NewUsage> {
    let meter = meter_named(cells.text("meter"), catalogue);
    if meter.is_none() {
        cells.fault("meter", "There is no meter of this name.");
    }
    let member = members.get(&cells.text("member").to_lowercase()).copied();
    if member.is_none() {
        cells.fault("member", "No member has this address.");
    }
    let used_on = cells.read("used_on", "a day such as 2026-01-20");
    Some(NewUsage {
        event_id: cells.owned("event_id"),
        meter_id: meter?,
        member_id: member?,
        quantity: cells.owned("quantity"),
        used_on: used_on?,
    })
}

fn meter_named(name: &str, catalogue: &Catalogue) -> Option<MeterId> {
    let mut meters = catalogue.meters.values();
    let found = meters.find(|meter| meter.name.to_lowercase() == name.to_lowercase());
    found.map(|meter| meter.meter_id)
}

/// Members by the addresses that the rows name.
async fn members(op: &mut Operation, rows: &[Row]) -> Result<BTreeMap<String, MemberId>, UseCaseError> {
    let addresses: Vec<String> = rows.iter().map(|row| row.text("member").to_lowercase()).collect();
    let tenant = op.tenant();
    let found: Vec<(String, Uuid)> =
        sqlx::query_as("select email, member_id from member_view where tenant_id = $1 and email = any($2)")
            .bind(tenant)
            .bind(addresses)
            .fetch_all(op.conn())
            .await?;
    Ok(found.into_iter().map(|(email, id)| (email, MemberId(id))).collect())
}
