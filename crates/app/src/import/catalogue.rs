//! The offer from files: judged against a copy of the catalogue that grows row by row, then carried out.

use super::{
    cells::Cells,
    command::Step,
    legal_entity, location, plan, price_rule,
    report::{Mode, Report, RowError},
    resource,
    scope::Scope,
    table::{self, Layout, Row},
    tax_rate,
};
use crate::{App, Caller, UseCaseError, access, catalogue as folded};
use std::collections::{BTreeMap, BTreeSet};

type Judge = fn(&mut Cells<'_>, &Scope<'_>) -> Option<Step>;

/// In the order in which they need each other.
const NOUNS: [(Layout, Judge); 7] = [
    (legal_entity::LAYOUT, legal_entity::step),
    (tax_rate::LAYOUT, tax_rate::step),
    (location::LAYOUT, location::step),
    (resource::TYPES, resource::type_step),
    (resource::LAYOUT, resource::step),
    (price_rule::LAYOUT, price_rule::step),
    (plan::LAYOUT, plan::step),
];

/// The files that a catalogue may have; none is needed.
pub const CATALOGUE_FILES: [&str; 7] = [
    legal_entity::LAYOUT.file,
    tax_rate::LAYOUT.file,
    location::LAYOUT.file,
    resource::TYPES.file,
    resource::LAYOUT.file,
    price_rule::LAYOUT.file,
    plan::LAYOUT.file,
];

/// How often a row is tried again when somebody else changes the catalogue at the same moment.
const TRIES: u32 = 5;

/// Imports catalogue files, given as texts by their names in [`CATALOGUE_FILES`]; other names are ignored.
///
/// What is there under the same name stays: a row that says otherwise is an error, save that other terms of a plan are
/// published as its next revision, and another price or tax rate as the one that counts from now on.
///
/// # Errors
/// `Forbidden` unless the caller operates; whatever the database says. Faults of the files are in the report.
pub async fn catalogue(
    app: &App,
    caller: &Caller,
    files: &BTreeMap<String, String>,
    mode: Mode,
) -> Result<Report, UseCaseError> {
    access::operates(caller)?;
    let mut report = Report::new(mode);
    let tables = read(files, &mut report.errors);
    judge(app, caller, &tables, &mut report).await?;
    if mode == Mode::Apply && report.errors.is_empty() {
        report.files.clear();
        apply(app, caller, &tables, &mut report).await?;
    }
    Ok(report)
}

struct Table {
    layout: &'static Layout,
    judge: Judge,
    rows: Vec<Row>,
}

fn read(files: &BTreeMap<String, String>, errors: &mut Vec<RowError>) -> Vec<Table> {
    static KNOWN: [(Layout, Judge); 7] = NOUNS;
    KNOWN
        .iter()
        .filter_map(|(layout, judge)| {
            let rows = table::read(layout, files.get(layout.file)?, errors);
            Some(Table {
                layout,
                judge: *judge,
                rows,
            })
        })
        .collect()
}

async fn judge(app: &App, caller: &Caller, tables: &[Table], report: &mut Report) -> Result<(), UseCaseError> {
    let mut shadow = (*folded::read(app, caller.tenant).await?).clone();
    let mut faulty = BTreeSet::new();
    for table in tables {
        for row in &table.rows {
            let mut cells = Cells::new(table.layout, row);
            let scope = Scope {
                catalogue: &shadow,
                faulty: &faulty,
            };
            let step = (table.judge)(&mut cells, &scope);
            if let (Some(Step::Create(command)), true) = (&step, cells.is_fine())
                && let Err(refusal) = command.decide(&mut shadow)?
            {
                cells.refuse(&refusal);
            }
            match step {
                Some(step) if cells.is_fine() => report.count(table.layout.file, matches!(step, Step::Create(_))),
                _ => {
                    faulty.insert((table.layout.file, row.text("name").to_owned()));
                }
            }
            report.errors.append(&mut cells.errors);
        }
    }
    Ok(())
}

async fn apply(app: &App, caller: &Caller, tables: &[Table], report: &mut Report) -> Result<(), UseCaseError> {
    for table in tables {
        for row in &table.rows {
            let mut tries = 0;
            loop {
                tries += 1;
                match apply_row(app, caller, table, row, report).await {
                    Err(UseCaseError::Contended(_) | UseCaseError::Busy(_)) if tries < TRIES => {}
                    done => break done?,
                }
            }
        }
    }
    Ok(())
}

/// Judged again against the catalogue as it is now: somebody else may have changed it since.
async fn apply_row(
    app: &App,
    caller: &Caller,
    table: &Table,
    row: &Row,
    report: &mut Report,
) -> Result<(), UseCaseError> {
    let catalogue = folded::read(app, caller.tenant).await?;
    let faulty = BTreeSet::new();
    let mut cells = Cells::new(table.layout, row);
    let scope = Scope {
        catalogue: &catalogue,
        faulty: &faulty,
    };
    match (table.judge)(&mut cells, &scope) {
        Some(Step::Create(command)) if cells.is_fine() => match command.carry_out(app, caller).await {
            Ok(()) => report.count(table.layout.file, true),
            Err(UseCaseError::Refused(refusal)) => cells.refuse(&refusal),
            Err(error) => return Err(error),
        },
        Some(Step::Unchanged) if cells.is_fine() => report.count(table.layout.file, false),
        _ => {}
    }
    report.errors.append(&mut cells.errors);
    Ok(())
}
