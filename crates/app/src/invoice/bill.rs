use super::issue_in_op;
use crate::{Operation, UseCaseError, membership};
use coterie_domain::{MembershipId, local_time};

/// The billing day of a membership: its payer is invoiced for the cycle that begins and the usage of the one before.
/// Several memberships of one payer due together make one invoice: the first takes all.
///
/// # Errors
/// A missing tax rate; whatever the database says.
pub async fn bill_in_op(op: &mut Operation, id: MembershipId) -> Result<(), UseCaseError> {
    let (membership, _) = membership::load(op, id).await?;
    let catalogue = op.catalogue().await?;
    let zone = catalogue.zone_of(membership.fact.home_location_id)?;
    let today = local_time::day_at(op.now, &zone);
    issue_in_op(op, membership.fact.payer, membership.fact.legal_entity_id, today).await?;
    Ok(())
}
