//! Companies and members from files, known by the ids they have there.

use super::{
    batch::{self, Became, List},
    cells::Cells,
    company, member,
    report::{Mode, Report, RowError},
    scope::Scope,
    table::{self, Layout, Row},
};
use crate::{
    App, Caller, Operation, UseCaseError, access, catalogue as folded,
    company::{self as companies, RegisterCompany},
    member::{self as members, ImportMember},
    secret::SecretKey,
};
use coterie_domain::{CompanyId, MemberId, Refusal, text};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

pub const COMPANIES_FILE: &str = company::LAYOUT.file;
pub const MEMBERS_FILE: &str = member::LAYOUT.file;

/// The texts to import. A member may name a company of the same import or of an earlier one.
#[derive(Debug, Clone, Copy, Default)]
pub struct People<'a> {
    pub companies: Option<&'a str>,
    pub members: Option<&'a str>,
}

/// Imports companies and members; those who are known by their external id stay as they are.
///
/// # Errors
/// `Forbidden` unless the caller operates; whatever the database says. Faults of the files are in the report.
pub async fn people(app: &App, caller: &Caller, files: People<'_>, mode: Mode) -> Result<Report, UseCaseError> {
    access::operates(caller)?;
    let mut report = Report::new(mode);
    let known = Known::read(app, caller).await?;
    let rows = |layout: &Layout, text: Option<&str>, report: &mut Report| {
        text.map(|text| table::read(layout, text, &mut report.errors))
            .unwrap_or_default()
    };
    let company_rows = rows(&company::LAYOUT, files.companies, &mut report);
    let member_rows = rows(&member::LAYOUT, files.members, &mut report);
    let new_companies = judge_companies(&company_rows, &known, &mut report);
    let new_members = judge_members(app, caller, &company_rows, &member_rows, &known, &mut report).await?;
    if mode == Mode::DryRun || !report.errors.is_empty() {
        return Ok(report);
    }
    report.files.clear();
    batch::carry_out(app, caller, &Companies(&known), &new_companies, &mut report).await?;
    batch::carry_out(app, caller, &Members(&known), &new_members, &mut report).await?;
    Ok(report)
}

/// What earlier imports made.
struct Known {
    /// Ids of other systems are kept hidden.
    secret: SecretKey,
    tenant: Uuid,
    companies: BTreeMap<String, CompanyId>,
    members: BTreeMap<String, MemberId>,
    company_of: BTreeMap<MemberId, CompanyId>,
}

impl Known {
    async fn read(app: &App, caller: &Caller) -> Result<Self, UseCaseError> {
        let mut op = Operation::open(app, caller).await?;
        let tenant = op.tenant();
        let keys: Vec<(String, String, Uuid)> =
            sqlx::query_as("select kind, external_id, id from import_key where tenant_id = $1")
                .bind(tenant)
                .fetch_all(op.conn())
                .await?;
        let joined: Vec<(Uuid, Uuid)> =
            sqlx::query_as("select member_id, company_id from company_member where tenant_id = $1")
                .bind(tenant)
                .fetch_all(op.conn())
                .await?;
        let mut known = Self {
            secret: app.config.secret.clone(),
            tenant,
            companies: BTreeMap::new(),
            members: BTreeMap::new(),
            company_of: BTreeMap::new(),
        };
        for (kind, external_id, id) in keys {
            match kind.as_str() {
                "company" => drop(known.companies.insert(external_id, CompanyId(id))),
                "member" => drop(known.members.insert(external_id, MemberId(id))),
                _ => {}
            }
        }
        known.company_of = joined
            .into_iter()
            .map(|(member, company)| (MemberId(member), CompanyId(company)))
            .collect();
        Ok(known)
    }
    /// As the guard has the id; rows from before it was hidden have it as it was.
    fn company(&self, external_id: &str) -> Option<CompanyId> {
        let hidden = self.secret.import_hmac(self.tenant, "company", external_id);
        let known = self.companies.get(&hidden).or_else(|| self.companies.get(external_id));
        known.copied()
    }
    /// That, or what it became in this import.
    async fn company_in_op(&self, op: &mut Operation, external_id: &str) -> Result<Option<CompanyId>, UseCaseError> {
        if external_id.is_empty() || self.company(external_id).is_some() {
            return Ok(self.company(external_id));
        }
        let found = members::find_import(op, "company", external_id).await?;
        Ok(found.map(CompanyId))
    }
    fn member(&self, external_id: &str) -> Option<MemberId> {
        let hidden = self.secret.import_hmac(self.tenant, "member", external_id);
        let known = self.members.get(&hidden).or_else(|| self.members.get(external_id));
        known.copied()
    }
}

/// A row's id in its list: there, and there once.
fn external_id<'a>(cells: &mut Cells<'a>, seen: &mut BTreeSet<&'a str>) -> &'a str {
    let id = cells.text("external_id");
    if id.is_empty() {
        cells.fault("external_id", "Please give every row an id of its own, such as M-001.");
    } else if !seen.insert(id) {
        cells.fault(
            "external_id",
            format!("An earlier row has the id \u{201c}{id}\u{201d} too."),
        );
    }
    id
}

fn judge_companies<'a>(rows: &'a [Row], known: &Known, report: &mut Report) -> Vec<(&'a Row, RegisterCompany)> {
    let (mut seen, mut commands) = (BTreeSet::new(), Vec::new());
    for row in rows {
        let mut cells = Cells::new(&company::LAYOUT, row);
        let id = external_id(&mut cells, &mut seen);
        if let Some(command) = company::command(&mut cells) {
            report.count(COMPANIES_FILE, known.company(id).is_none());
            commands.push((row, command));
        }
        report.errors.append(&mut cells.errors);
    }
    commands
}

async fn judge_members<'a>(
    app: &App,
    caller: &Caller,
    company_rows: &[Row],
    rows: &'a [Row],
    known: &Known,
    report: &mut Report,
) -> Result<Vec<(&'a Row, ImportMember)>, UseCaseError> {
    let catalogue = folded::read(app, caller.tenant).await?;
    let (nothing, listed) = (BTreeSet::new(), company_rows.iter().map(|row| row.text("external_id")));
    let listed: BTreeSet<&str> = listed.collect();
    let scope = Scope {
        catalogue: &catalogue,
        faulty: &nothing,
        companies: &BTreeMap::new(),
    };
    let taken = taken_addresses(app, caller, rows, known).await?;
    let (mut seen, mut addresses, mut commands) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for row in rows {
        let mut cells = Cells::new(&member::LAYOUT, row);
        let id = external_id(&mut cells, &mut seen);
        let company = cells.text("company");
        if !company.is_empty() && !listed.contains(company) && known.company(company).is_none() {
            cells.fault(
                "company",
                format!("There is no company with the id \u{201c}{company}\u{201d}."),
            );
        }
        let address = text::email(cells.text("email")).unwrap_or_default();
        if !address.is_empty() && !addresses.insert(address.clone()) {
            cells.fault("email", "An earlier row has this address too.");
        } else if taken.contains(&address) {
            cells.fault("email", "Somebody here already uses this address.");
        }
        if let Some(command) = member::command(&mut cells, &scope) {
            report.count(MEMBERS_FILE, known.member(id).is_none());
            commands.push((row, command));
        }
        report.errors.append(&mut cells.errors);
    }
    Ok(commands)
}

/// Addresses of new rows that somebody of the organization has.
async fn taken_addresses(
    app: &App,
    caller: &Caller,
    rows: &[Row],
    known: &Known,
) -> Result<BTreeSet<String>, UseCaseError> {
    let hmacs: BTreeMap<Vec<u8>, String> = rows
        .iter()
        .filter(|row| known.member(row.text("external_id")).is_none())
        .filter_map(|row| text::email(row.text("email")).ok())
        .map(|email| (app.config.secret.email_hmac(caller.tenant, &email), email))
        .collect();
    let mut op = Operation::open(app, caller).await?;
    let taken: Vec<Vec<u8>> =
        sqlx::query_scalar("select email_hmac from sign_in where tenant_id = $1 and email_hmac = any($2)")
            .bind(caller.tenant)
            .bind(hmacs.keys().cloned().collect::<Vec<_>>())
            .fetch_all(op.conn())
            .await?;
    Ok(taken.iter().filter_map(|hmac| hmacs.get(hmac).cloned()).collect())
}

/// The rows of `companies.csv`.
struct Companies<'a>(&'a Known);

impl<'a> List for Companies<'a> {
    type Row = (&'a Row, RegisterCompany);

    fn file(&self) -> &'static str {
        COMPANIES_FILE
    }

    async fn carry_out_in_op(&self, op: &mut Operation, rows: &[Self::Row]) -> Result<Vec<Became>, UseCaseError> {
        let mut became = Vec::with_capacity(rows.len());
        for (row, command) in rows {
            became.push(if self.0.company(row.text("external_id")).is_some() {
                Became::Unchanged
            } else {
                companies::register_in_op(op, command.clone()).await?;
                Became::Created
            });
        }
        Ok(became)
    }

    fn refused(&self, (row, _): &Self::Row, refusal: &Refusal) -> Vec<RowError> {
        told(&company::LAYOUT, row, refusal)
    }
}

/// The rows of `members.csv`.
struct Members<'a>(&'a Known);

impl<'a> List for Members<'a> {
    type Row = (&'a Row, ImportMember);

    fn file(&self) -> &'static str {
        MEMBERS_FILE
    }

    async fn carry_out_in_op(&self, op: &mut Operation, rows: &[Self::Row]) -> Result<Vec<Became>, UseCaseError> {
        let mut became = Vec::with_capacity(rows.len());
        for (row, command) in rows {
            let known = self.0.member(row.text("external_id"));
            let member = match known {
                Some(member) => member,
                None => members::import_in_op(op, command.clone()).await?,
            };
            // An import that was cut short may have left her outside of her company.
            let company = self.0.company_in_op(op, row.text("company")).await?;
            if let Some(company) = company.filter(|company| self.0.company_of.get(&member) != Some(company)) {
                companies::add_member_in_op(op, company, member, None).await?;
            }
            became.push(if known.is_none() {
                Became::Created
            } else {
                Became::Unchanged
            });
        }
        Ok(became)
    }

    fn refused(&self, (row, _): &Self::Row, refusal: &Refusal) -> Vec<RowError> {
        told(&member::LAYOUT, row, refusal)
    }
}

fn told(layout: &Layout, row: &Row, refusal: &Refusal) -> Vec<RowError> {
    let mut cells = Cells::new(layout, row);
    cells.refuse(refusal);
    cells.errors
}
