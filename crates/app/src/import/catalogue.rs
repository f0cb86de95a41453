//! The offer from files: judged against a copy of the catalogue that grows row by row, then carried out.

use super::{
    batch::{self, Became, List},
    cells::Cells,
    command::Step,
    legal_entity, location, plan, price_rule,
    report::{Mode, Report, RowError},
    resource,
    scope::Scope,
    table::{self, Layout, Row},
    tax_rate,
};
use crate::{App, Caller, Operation, UseCaseError, access, catalogue as folded, member};
use coterie_domain::{CompanyId, Refusal, catalogue::Catalogue};
use std::collections::{BTreeMap, BTreeSet};

type Judge = fn(&mut Cells<'_>, &Scope<'_>) -> Option<Step>;

/// In the order in which they need each other.
const NOUNS: [(Layout, Judge); 7] = [
    (legal_entity::LAYOUT, legal_entity::step),
    (tax_rate::LAYOUT, tax_rate::step),
    (location::LAYOUT, location::step),
    (resource::TYPES, resource::type_step),
    (resource::LAYOUT, resource::step),
    (plan::LAYOUT, plan::step),
    (price_rule::LAYOUT, price_rule::step),
];

/// The files that a catalogue may have; none is needed.
pub const CATALOGUE_FILES: [&str; 7] = [
    legal_entity::LAYOUT.file,
    tax_rate::LAYOUT.file,
    location::LAYOUT.file,
    resource::TYPES.file,
    resource::LAYOUT.file,
    plan::LAYOUT.file,
    price_rule::LAYOUT.file,
];

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
    let mut op = Operation::open(app, caller).await?;
    let companies = companies_of(&mut op, tables.iter().flat_map(|table| &table.rows)).await?;
    drop(op);
    for table in tables {
        for row in &table.rows {
            let mut cells = Cells::new(table.layout, row);
            let scope = Scope {
                catalogue: &shadow,
                faulty: &faulty,
                companies: &companies,
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
        batch::carry_out(app, caller, table, &table.rows, report).await?;
    }
    Ok(())
}

/// Companies that rows name. Prices ask for them, and the catalogue does not know them.
async fn companies_of(
    op: &mut Operation,
    rows: impl IntoIterator<Item = &Row>,
) -> Result<BTreeMap<String, CompanyId>, UseCaseError> {
    let named: BTreeSet<&str> = rows.into_iter().map(|row| row.text("company")).collect();
    let mut known = BTreeMap::new();
    for external_id in named.into_iter().filter(|id| !id.is_empty()) {
        if let Some(id) = member::find_import(op, "company", external_id).await? {
            known.insert(external_id.to_owned(), CompanyId(id));
        }
    }
    Ok(known)
}

impl List for Table {
    type Row = Row;

    fn file(&self) -> &'static str {
        self.layout.file
    }

    /// Judged again against the catalogue as it is now: somebody else may have changed it since.
    async fn carry_out_in_op(&self, op: &mut Operation, rows: &[Row]) -> Result<Vec<Became>, UseCaseError> {
        let mut catalogue = Catalogue::clone(&*op.catalogue_to_change().await?);
        let faulty = BTreeSet::new();
        let companies = companies_of(op, rows).await?;
        let mut became = Vec::with_capacity(rows.len());
        for row in rows {
            let mut cells = Cells::new(self.layout, row);
            let scope = Scope {
                catalogue: &catalogue,
                faulty: &faulty,
                companies: &companies,
            };
            became.push(match (self.judge)(&mut cells, &scope) {
                Some(Step::Create(command)) if cells.is_fine() => {
                    command.carry_out_in_op(op, &mut catalogue).await?;
                    Became::Created
                }
                Some(Step::Unchanged) if cells.is_fine() => Became::Unchanged,
                _ => Became::Nothing(cells.errors),
            });
        }
        Ok(became)
    }

    fn refused(&self, row: &Row, refusal: &Refusal) -> Vec<RowError> {
        let mut cells = Cells::new(self.layout, row);
        cells.refuse(refusal);
        cells.errors
    }
}
