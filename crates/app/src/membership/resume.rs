use super::change::{self, Changed};
use crate::{App, Caller, Outcome};
use coterie_domain::{MembershipId, membership};
use jiff::civil::Date;

/// Ends a pause, today unless another day is said: its days from then on are charged.
///
/// # Errors
/// When it is not paused; a day that is over, but for staff; another member's membership.
pub async fn resume(app: &App, caller: &Caller, id: MembershipId, on: Option<Date>) -> Outcome<Changed> {
    change::carry_out(app, caller, id, |changing| {
        let on = on.unwrap_or(changing.today);
        changing.check_not_backdated(caller, on, "on")?;
        Ok(membership::resume(&changing.membership, on)?)
    })
    .await
}
