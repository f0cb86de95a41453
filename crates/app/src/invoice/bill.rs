use super::issue_in_op;
use crate::{Operation, UseCaseError, membership, usage};
use coterie_domain::{MembershipId, Payer, local_time};
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
    let payers: BTreeSet<Payer> = membership.terms.iter().map(|term| term.payer).collect();
    for payer in payers {
        issue_in_op(op, payer, membership.fact.legal_entity_id, today).await?;
    }
    Ok(())
}
