use super::may_choose;
use crate::{
    App, Caller, Outcome,
    membership::{Changed, carry_out},
};
use coterie_domain::{AddOnId, MembershipId, membership};
use jiff::civil::Date;

/// Adds so many of an add-on to a membership, from today unless said: the days of the open cycle are charged at once.
///
/// # Errors
/// What the domain refuses; a member for what is not hers to add, or for a day that is over; another member's membership.
pub async fn add(
    app: &App,
    caller: &Caller,
    id: MembershipId,
    add_on: AddOnId,
    quantity: i64,
    from: Option<Date>,
) -> Outcome<Changed> {
    carry_out(app, caller, id, |changing| {
        let wanted = changing.catalogue.add_on(add_on)?;
        may_choose(caller, wanted)?;
        let from = from.unwrap_or(changing.today);
        changing.check_not_backdated(caller, from, "from")?;
        Ok(membership::add_add_on(
            &changing.membership,
            wanted,
            quantity,
            from,
            &changing.catalogue,
        )?)
    })
    .await
}
