//! Companies as pages show them.

use crate::{
    App, UseCaseError, catalogue,
    member::page::{MemberRow, members_of_company},
    page::{Page, PageRequest},
    read::{self, Columns},
    seal::{Kept, open_documents},
};
use coterie_domain::{
    CompanyId,
    company::{CompanyEvent, CompanyRegistered},
};
use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq)]
pub struct CompanyRow {
    pub company_id: CompanyId,
    pub name: String,
    /// As registered, or corrected since: billing address and tax id.
    pub fact: CompanyRegistered,
    pub members: i64,
    pub position: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CompanyDetail {
    pub row: CompanyRow,
    /// By name.
    pub members: Vec<MemberRow>,
}

macro_rules! select_companies {
    ($rest:literal) => {
        concat!(
            "select c.company_id, c.document::text as document, c.document_version, coalesce(c.document_type, 'CompanyRegistered') as document_type, c.position, lower(c.name) as sort_name,
                    (select count(*) from member_view m where m.tenant_id = c.tenant_id and m.company_id = c.company_id and m.company_until is null) as members
             from company_view c where c.tenant_id = $1 ",
            $rest
        )
    };
}

/// Companies by name.
///
/// # Errors
/// When the database fails.
pub async fn companies(app: &App, tenant: Uuid, request: &PageRequest) -> Result<Page<CompanyRow>, UseCaseError> {
    let (after_name, after_id) = request.after::<(String, Uuid)>().unzip();
    let mut tx = read::begin(app, tenant).await?;
    let rows = sqlx::query(select_companies!(
        "and ($2::text is null or (lower(c.name), c.company_id) > ($2, $3)) order by lower(c.name), c.company_id limit $4"
    ))
    .bind(tenant)
    .bind(after_name)
    .bind(after_id)
    .bind(request.limit() + 1)
    .fetch_all(&mut *tx)
    .await?;
    let names = rows
        .iter()
        .map(|row| row.try_get::<String, _>("sort_name"))
        .collect::<Result<Vec<_>, _>>()?;
    let companies = company_rows(app, &mut tx, tenant, &rows).await?;
    let items = names.into_iter().zip(companies).collect();
    let page = request.cut(items, |(name, company)| (name.clone(), company.company_id));
    Ok(Page {
        items: page.items.into_iter().map(|(_, company)| company).collect(),
        next: page.next,
    })
}

/// One company with its members.
///
/// # Errors
/// When the database fails.
pub async fn company(app: &App, tenant: Uuid, id: CompanyId) -> Result<Option<CompanyDetail>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let found = sqlx::query(select_companies!("and c.company_id = $2"))
        .bind(tenant)
        .bind(id.0)
        .fetch_optional(&mut *tx)
        .await?;
    let found = company_rows(app, &mut tx, tenant, found.as_slice()).await?.pop();
    let Some(row) = found else { return Ok(None) };
    Ok(Some(CompanyDetail {
        row,
        members: members_of_company(&mut tx, tenant, id, &catalogue).await?,
    }))
}

async fn company_rows(
    app: &App,
    conn: &mut PgConnection,
    tenant: Uuid,
    rows: &[PgRow],
) -> Result<Vec<CompanyRow>, UseCaseError> {
    let mut facts = Vec::with_capacity(rows.len());
    for row in rows {
        let kept = Kept::read(row, "document")?.into_iter().collect();
        let event_type = match row.try_get("document_type")? {
            "CompanyCorrected" => "CompanyCorrected",
            _ => "CompanyRegistered",
        };
        facts.extend(open_documents(&app.config.keys, conn, tenant, event_type, kept).await?);
    }
    rows.iter()
        .zip(facts)
        .map(|(row, event)| {
            let fact = match event {
                CompanyEvent::CompanyRegistered(fact) => fact,
                CompanyEvent::CompanyCorrected(fact) => fact.into_registered(),
                _ => {
                    return Err(UseCaseError::Broken(
                        "a company's document is no registration".to_owned(),
                    ));
                }
            };
            Ok(CompanyRow {
                company_id: row.id("company_id")?,
                name: fact.name.clone(),
                fact,
                members: row.try_get("members")?,
                position: row.try_get("position")?,
            })
        })
        .collect()
}
