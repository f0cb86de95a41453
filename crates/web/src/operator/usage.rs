//! Usage of meters: the latest of it, and a file of more, judged before it counts.

use axum::response::Response;
use coterie_app::{
    import::Mode,
    projections,
    usage::{self, MAX_ROWS, Report, page},
};
use coterie_domain::{MemberId, catalogue::Catalogue};

use super::{
    desk::Desk,
    form::Form,
    member_detail, meters,
    sheet::{Html, Sheet},
    times,
};
use crate::{
    components::{Badge, Choice, Column, EmptyState, Field, Link, Select, Table, Tone},
    failure::{Failure, FieldError},
    form::Submitted,
    upload::Upload,
};

pub(super) const HERE: &str = "/operator/usage";
/// What a file of usage may weigh, with what belongs to the form.
pub(super) const UPLOAD_LIMIT_BYTES: usize = 2 * 1024 * 1024;
/// The most faults that are listed at once.
const SHOWN_FAULTS: usize = 200;

fn form() -> Form {
    let choices = [
        Choice::new("check", "Check it and count nothing"),
        Choice::new("count", "Count it if nothing is wrong"),
    ];
    let hint = format!(
        "A header, then at most {MAX_ROWS} rows. Columns: {}. Members by email address, meters by name.",
        usage::FILE_COLUMNS.join(", ")
    );
    Form::upload(HERE, "Send the file")
        .with(
            Field::file("file", "CSV file")
                .attribute("accept", ".csv,text/csv")
                .hint(hint),
        )
        .with(Select::new("mode", "What to do", choices).value("check"))
}

/// Usage that is not charged yet of a member, or the latest of all.
pub(super) async fn table(desk: &Desk, catalogue: &Catalogue, member: Option<MemberId>) -> Result<Table, Failure> {
    let (caption, empty) = match member {
        Some(_) => (
            "Usage not charged yet",
            "What meters count of her is charged on her billing day.",
        ),
        None => ("Latest usage", "Programs tell of it at /v1/usage, and you by a file."),
    };
    let mut columns = vec![
        Column::text("Day"),
        Column::text("Meter"),
        Column::number("Quantity"),
        Column::text("Id"),
    ];
    if member.is_none() {
        columns.extend([Column::text("Member"), Column::text("State")]);
    }
    let mut table = Table::new(caption, columns).empty(EmptyState::new("No usage", empty));
    for row in page::latest(&desk.house.app, desk.tenant(), member, member.is_some()).await? {
        let meter = usage_name(catalogue, &row);
        let mut cells = vec![
            times::day(row.used.used_on).into(),
            meter.0.into(),
            meter.1.into(),
            row.used.event_id.clone().into(),
        ];
        if member.is_none() {
            cells.push(Link::new(&row.member_name, member_detail::address(row.used.member_id)).into());
            cells.push(match row.charge_id {
                Some(_) => Badge::new(Tone::Good, "Charged").into(),
                None => Badge::new(Tone::Neutral, "Waits").into(),
            });
        }
        table.push(cells);
    }
    Ok(table)
}

fn usage_name(catalogue: &Catalogue, row: &page::UsageRow) -> (String, String) {
    match catalogue.meters.get(&row.used.meter_id) {
        Some(meter) => (meter.name.clone(), format!("{} {}", row.used.quantity, meter.unit)),
        None => (String::new(), row.used.quantity.to_string()),
    }
}

async fn sheet(desk: &Desk, form: &Form, report: Option<&Report>) -> Result<Sheet, Failure> {
    desk.caught_up(&[projections::PEOPLE]).await?;
    let catalogue = desk.catalogue().await?;
    let mut sheet = Sheet::booked(desk, "Usage")
        .lead("What meters count is charged on the billing day of each membership. The same id counts once.")
        .action("Meters", meters::HERE);
    if let Some(report) = report {
        sheet = sheet.card("report", "What the file says", &told(report));
    }
    Ok(sheet
        .card("file", "A file of usage", &[Html::of(form)])
        .part(&table(desk, &catalogue, None).await?))
}

fn told(report: &Report) -> Vec<Html> {
    let sentence = match (report.mode, report.errors.len()) {
        (Mode::DryRun, 0) => format!(
            "Nothing is wrong. {} would count, {} are known already. Nothing was counted.",
            report.counted, report.known_before
        ),
        (Mode::Apply, 0) => format!(
            "{} counted, {} were known already.",
            report.counted, report.known_before
        ),
        (_, faults) => format!("{faults} faults. Nothing was counted."),
    };
    let mut parts = vec![Html::text(&sentence)];
    if !report.errors.is_empty() {
        let mut faults = Table::new(
            "Faults",
            [
                Column::text("Where"),
                Column::text("Column"),
                Column::text("What is wrong"),
            ],
        );
        for error in report.errors.iter().take(SHOWN_FAULTS) {
            faults.push([
                format!("Row {}", error.row).into(),
                error.column.clone().into(),
                error.message.clone().into(),
            ]);
        }
        parts.push(Html::of(&faults));
    }
    parts
}

/// The latest usage and the form.
pub(super) async fn show(desk: Desk) -> Result<Response, Failure> {
    Ok(sheet(&desk, &form(), None).await?.show())
}

/// Judges a file, and counts it where that is asked for and nothing is wrong.
pub(super) async fn send(desk: Desk, upload: Upload) -> Result<Response, Failure> {
    match attempt(&desk, &upload.submitted, upload.file).await {
        Ok(report) if report.mode == Mode::Apply && report.errors.is_empty() => {
            let sentence = format!(
                "{} counted, {} were known already.",
                report.counted, report.known_before
            );
            Ok(desk.done(report.position, sentence, HERE))
        }
        Ok(report) => {
            let status = if report.errors.is_empty() { 200 } else { 422 };
            let status = http::StatusCode::from_u16(status).unwrap_or_default();
            let form = form().refilled(&upload.submitted);
            Ok(sheet(&desk, &form, Some(&report)).await?.show_with(status))
        }
        Err(failure) => {
            let failure = super::desk::shown_again(failure)?;
            let form = form().refused(&upload.submitted, &failure);
            Ok(sheet(&desk, &form, None).await?.show_with(failure.status))
        }
    }
}

async fn attempt(desk: &Desk, submitted: &Submitted, file: Vec<u8>) -> Result<Report, Failure> {
    let wrong = |message: &str| Failure::invalid(vec![FieldError::new("file", message)]);
    if file.is_empty() {
        return Err(wrong("Please choose a file."));
    }
    let text = String::from_utf8(file).map_err(|_| wrong("The file is not text in UTF-8."))?;
    let mode = match submitted.get("mode") {
        "count" => Mode::Apply,
        _ => Mode::DryRun,
    };
    Ok(usage::from_file(&desk.house.app, &desk.caller(), &text, mode).await?)
}
