//! Members and how they pay, as pages show them.

use crate::{
    App, UseCaseError, catalogue,
    page::{Page, PageRequest},
    read::{self, Columns},
    seal::{Kept, open_documents},
};
use coterie_domain::{
    CompanyId, LegalEntityId, LocationId, MemberId, Payer, catalogue::Catalogue, member::PayerAccountEvent,
};
use jiff::{Timestamp, civil::Date};
use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

pub use crate::company::page::{CompanyDetail, CompanyRow, companies, company};

/// The most members of one company that its page shows.
const MAX_COMPANY_MEMBERS: i64 = 1000;

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and all of them can meet"
)]
#[derive(Debug, Clone, PartialEq)]
pub struct MemberRow {
    pub member_id: MemberId,
    pub name: String,
    pub email: String,
    /// Whether the address is confirmed.
    pub confirmed: bool,
    /// Without an account: here for a booking that is paid up front.
    pub visitor: bool,
    pub home_location_id: Option<LocationId>,
    pub home_location_name: Option<String>,
    pub company_id: Option<CompanyId>,
    pub company_name: Option<String>,
    /// The day from which she belongs to it, and the first on which she does not any more, where they are known.
    pub company_from: Option<Date>,
    pub company_until: Option<Date>,
    pub company_manager: bool,
    /// Whether a membership runs, under notice or not.
    pub active: bool,
    /// By the organization's clock.
    pub joined_at: Timestamp,
    pub position: i64,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct MemberFilter {
    /// Part of the name or address, in any case.
    pub search: Option<String>,
}

/// A payer's account with one legal entity.
#[derive(Debug, Clone, PartialEq)]
pub struct PayerAccountRow {
    pub payer: Payer,
    pub legal_entity_id: LegalEntityId,
    pub legal_entity_name: String,
    pub customer_id: Option<String>,
    pub card: Option<SavedCard>,
}

/// What Stripe tells of a saved card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedCard {
    pub payment_method_id: String,
    pub brand: String,
    pub last4: String,
    pub expires: String,
}

macro_rules! select_members {
    ($rest:literal) => {
        concat!(
            "select m.member_id, m.name, m.email, m.confirmed, m.visitor, m.home_location_id, m.company_id, c.name as company_name, m.company_from, m.company_until,
                    coalesce(m.company_manager, false) as company_manager,
                    m.joined_at, m.position, lower(m.name) as sort_name,
                    exists (select from membership_view s where s.tenant_id = m.tenant_id and s.member_id = m.member_id
                              and s.state <> 'ended') as active
             from member_view m left join company_view c on c.tenant_id = m.tenant_id and c.company_id = m.company_id
             where m.tenant_id = $1 ",
            $rest
        )
    };
}

/// Members by name.
///
/// # Errors
/// When the database fails.
pub async fn list(
    app: &App,
    tenant: Uuid,
    filter: MemberFilter,
    request: &PageRequest,
) -> Result<Page<MemberRow>, UseCaseError> {
    let (after_name, after_id) = request.after::<(String, Uuid)>().unzip();
    let search = filter.search.map(|text| text.trim().to_lowercase());
    let mut tx = read::begin(app, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let rows = sqlx::query(select_members!(
        "and ($2::text is null or strpos(lower(m.name), $2) > 0 or strpos(lower(m.email), $2) > 0)
           and ($3::text is null or (lower(m.name), m.member_id) > ($3, $4))
         order by lower(m.name), m.member_id limit $5"
    ))
    .bind(tenant)
    .bind(search)
    .bind(after_name)
    .bind(after_id)
    .bind(request.limit() + 1)
    .fetch_all(&mut *tx)
    .await?;
    let items = rows
        .iter()
        .map(|row| Ok((row.try_get::<String, _>("sort_name")?, member(row, &catalogue)?)))
        .collect::<Result<Vec<_>, UseCaseError>>()?;
    let page = request.cut(items, |(name, member)| (name.clone(), member.member_id));
    Ok(Page {
        items: page.items.into_iter().map(|(_, member)| member).collect(),
        next: page.next,
    })
}

/// One member; `None` when the organization has none under this id (or the model has not seen her yet).
///
/// # Errors
/// When the database fails.
pub async fn find(app: &App, tenant: Uuid, id: MemberId) -> Result<Option<MemberRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let row = sqlx::query(select_members!("and m.member_id = $2"))
        .bind(tenant)
        .bind(id.0)
        .fetch_optional(&mut *tx)
        .await?;
    row.map(|row| member(&row, &catalogue)).transpose()
}

/// The members of one company, by name.
pub(crate) async fn members_of_company(
    conn: &mut PgConnection,
    tenant: Uuid,
    company: CompanyId,
    catalogue: &Catalogue,
) -> Result<Vec<MemberRow>, UseCaseError> {
    let rows = sqlx::query(select_members!(
        "and m.company_id = $2 order by lower(m.name), m.member_id limit $3"
    ))
    .bind(tenant)
    .bind(company.0)
    .bind(MAX_COMPANY_MEMBERS)
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| member(row, catalogue)).collect()
}

/// A payer's accounts, one per legal entity that knows her, with what is saved of a card.
///
/// # Errors
/// When the database fails.
pub async fn accounts(app: &App, tenant: Uuid, payer: Payer) -> Result<Vec<PayerAccountRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let rows = sqlx::query(
        "select legal_entity_id, customer_id, payment_method_id, brand, last4, expires, card::text as card, card_version
         from payer_account_view
         where tenant_id = $1 and payer_id = $2 order by legal_entity_id limit 1000",
    )
    .bind(tenant)
    .bind(payer.id())
    .fetch_all(&mut *tx)
    .await?;
    let kept = rows.iter().map(|row| Kept::read(row, "card"));
    let kept = kept.collect::<Result<Vec<_>, _>>()?;
    let sealed: Vec<bool> = kept.iter().map(Option::is_some).collect();
    let kept = kept.into_iter().flatten().collect();
    let cards = open_documents(&app.config.keys, &mut tx, tenant, "PaymentMethodSaved", kept).await?;
    let mut cards = cards.into_iter();
    rows.iter()
        .zip(sealed)
        .map(|(row, sealed)| {
            let legal_entity_id: LegalEntityId = row.id("legal_entity_id")?;
            let entity = catalogue.legal_entities.get(&legal_entity_id);
            let card = if sealed { cards.next() } else { None };
            let card = match card {
                Some(PayerAccountEvent::PaymentMethodSaved(card)) => Some(SavedCard {
                    payment_method_id: card.payment_method_id,
                    brand: card.brand,
                    last4: card.last4,
                    expires: card.expires,
                }),
                _ => old_card(row)?,
            };
            Ok(PayerAccountRow {
                payer,
                legal_entity_id,
                legal_entity_name: entity.map(|entity| entity.fact.name.clone()).unwrap_or_default(),
                customer_id: row.try_get("customer_id")?,
                card,
            })
        })
        .collect()
}

/// A card in columns of its own: so it was kept before cards were sealed.
fn old_card(row: &PgRow) -> Result<Option<SavedCard>, sqlx::Error> {
    let text = |column: &str| Ok::<_, sqlx::Error>(row.try_get::<Option<String>, _>(column)?.unwrap_or_default());
    let method: Option<String> = row.try_get("payment_method_id")?;
    let Some(payment_method_id) = method else {
        return Ok(None);
    };
    Ok(Some(SavedCard {
        payment_method_id,
        brand: text("brand")?,
        last4: text("last4")?,
        expires: text("expires")?,
    }))
}

fn member(row: &PgRow, catalogue: &Catalogue) -> Result<MemberRow, UseCaseError> {
    let home_location_id: Option<LocationId> = row.maybe_id("home_location_id")?;
    Ok(MemberRow {
        member_id: row.id("member_id")?,
        name: row.try_get("name")?,
        email: row.try_get("email")?,
        confirmed: row.try_get("confirmed")?,
        visitor: row.try_get("visitor")?,
        home_location_name: home_location_id
            .and_then(|id| catalogue.locations.get(&id))
            .map(|location| location.name.clone()),
        home_location_id,
        company_id: row.maybe_id("company_id")?,
        company_name: row.try_get("company_name")?,
        company_from: row.maybe_date("company_from")?,
        company_until: row.maybe_date("company_until")?,
        company_manager: row.try_get("company_manager")?,
        active: row.try_get("active")?,
        joined_at: row.time("joined_at")?,
        position: row.try_get("position")?,
    })
}
