use super::issue_in_op;
use crate::{Operation, UseCaseError, membership, read::Columns, usage};
use coterie_domain::{LegalEntityId, MembershipId, Payer, local_time};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use std::collections::BTreeSet;

/// The billing day of a membership: its payer is invoiced for the cycle that begins and the usage of the one before.
/// What meters counted of it is charged first.
/// Several memberships of one payer due together make one invoice: the first takes all.
///
/// # Errors
/// A missing tax rate; whatever the database says.
pub async fn bill_in_op(op: &mut Operation, id: MembershipId) -> Result<(), UseCaseError> {
    let (membership, _) = membership::load(op, id).await?;
    let catalogue = op.catalogue().await?;
    let zone = catalogue.zone_of(membership.fact.home_location_id)?;
    let today = local_time::day_at(op.now, &zone);
    usage::count_in_op(op, &membership, today).await?;
    if catalogue.legal_entity(membership.fact.legal_entity_id)?.by_run {
        // Its charges wait for finance's run.
        return Ok(());
    }
    // Whoever paid until somebody else took over may have something to come yet.
    let mut payers: BTreeSet<Payer> = membership.terms.iter().map(|term| term.payer).collect();
    // So may whoever pays for a part of it.
    payers.extend(owing_in_op(op, id, membership.fact.legal_entity_id, today).await?);
    for payer in payers {
        issue_in_op(op, payer, membership.fact.legal_entity_id, today).await?;
    }
    Ok(())
}

/// Those who owe something under a membership that can be invoiced on a day.
async fn owing_in_op(
    op: &mut Operation,
    id: MembershipId,
    entity: LegalEntityId,
    up_to: Date,
) -> Result<Vec<Payer>, UseCaseError> {
    let tenant = op.tenant();
    let rows = sqlx::query(
        "select distinct payer_kind, payer_id from charge_guard
         where tenant_id = $1 and membership_id = $2 and legal_entity_id = $3 and billable_on <= $4
           and invoice_id is null and not voided",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(entity.0)
    .bind(up_to.to_sqlx())
    .fetch_all(op.conn())
    .await?;
    rows.iter().map(Columns::payer).collect()
}
