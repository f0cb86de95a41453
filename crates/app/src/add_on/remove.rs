use super::may_choose;
use crate::{
    App, Caller, Outcome,
    membership::{Changed, carry_out},
};
use coterie_domain::{AddOnId, MembershipId, membership};
use jiff::civil::Date;

/// Removes an add-on from a membership; `from` is the first day without it, today unless said. What was charged for its days
/// from then on is given back.
///
/// # Errors
/// One that the membership does not have then; a member for what is not hers to remove, or for a day that is over; another
/// member's membership.
pub async fn remove(
    app: &App,
    caller: &Caller,
    id: MembershipId,
    add_on: AddOnId,
    from: Option<Date>,
) -> Outcome<Changed> {
    carry_out(app, caller, id, |changing| {
        may_choose(caller, changing.catalogue.add_on(add_on)?)?;
        let from = from.unwrap_or(changing.today);
        changing.check_not_backdated(caller, from, "from")?;
        Ok(membership::remove_add_on(&changing.membership, add_on, from)?)
    })
    .await
}
