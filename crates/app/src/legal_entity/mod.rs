//! Setting up who issues invoices.

mod letterhead;

pub use letterhead::*;

use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access};
use coterie_domain::{
    LegalEntityId,
    catalogue::Catalogue,
    legal_entity::{self, LegalEntityEvent, NewLegalEntity},
};
use uuid::Uuid;

/// # Errors
/// Faulty fields, a series that is taken; operators only.
pub async fn create(app: &App, caller: &Caller, new: NewLegalEntity) -> Outcome<LegalEntityId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let id = create_in_op(&mut op, &catalogue, &new).await?;
    op.commit(id).await
}

/// # Errors
/// Faulty fields, a series that is taken; whatever the database says.
pub(crate) async fn create_in_op(
    op: &mut Operation,
    catalogue: &Catalogue,
    new: &NewLegalEntity,
) -> Result<LegalEntityId, UseCaseError> {
    let id = LegalEntityId(op.new_id());
    let created = legal_entity::create(id, new, catalogue)?;
    let tenant = op.tenant();
    sqlx::query(
        "insert into invoice_series (tenant_id, legal_entity_id, series, last_sequence) values ($1, $2, $3, 0)",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(&created.invoice_series)
    .execute(op.conn())
    .await?;
    op.write(id.0, 0, [LegalEntityEvent::from(created)])?;
    Ok(id)
}

/// Records the connected account through which an entity is paid. Connecting the same account again changes nothing.
///
/// # Errors
/// An unknown entity, or one that is connected to another account.
pub async fn connect_stripe(app: &App, caller: &Caller, id: LegalEntityId, account_id: &str) -> Outcome<LegalEntityId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    if catalogue.legal_entity(id)?.stripe_account.as_deref() == Some(account_id) {
        return op.commit(id).await;
    }
    let connected = legal_entity::connect_stripe(id, account_id, &catalogue)?;
    let tenant = op.tenant();
    sqlx::query("insert into installation.stripe_account (account_id, tenant_id, legal_entity_id) values ($1, $2, $3)")
        .bind(account_id)
        .bind(tenant)
        .bind(id.0)
        .execute(op.conn())
        .await?;
    let version = op.version_of(id.0).await?;
    op.write(id.0, version, [LegalEntityEvent::from(connected)])?;
    op.commit(id).await
}

/// The organization and legal entity behind a connected account.
///
/// # Errors
/// When the database fails.
pub async fn by_stripe_account(app: &App, account_id: &str) -> Result<Option<(Uuid, LegalEntityId)>, UseCaseError> {
    let row: Option<(Uuid, Uuid)> =
        sqlx::query_as("select tenant_id, legal_entity_id from installation.stripe_account where account_id = $1")
            .bind(account_id)
            .fetch_optional(&app.pool)
            .await?;
    Ok(row.map(|(tenant, entity)| (tenant, LegalEntityId(entity))))
}
