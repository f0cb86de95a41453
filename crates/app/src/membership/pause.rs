use super::change::{self, Changed};
use crate::{App, Caller, Outcome};
use coterie_domain::{MembershipId, membership};
use jiff::civil::Date;

/// Lets a membership rest from a day on, until another or until it is resumed: what was paid for these days is given back.
///
/// # Errors
/// Days outside of the membership or of another pause; a day that is over, but for staff; another member's membership.
pub async fn pause(app: &App, caller: &Caller, id: MembershipId, from: Date, until: Option<Date>) -> Outcome<Changed> {
    change::carry_out(app, caller, id, |changing| {
        changing.check_not_backdated(caller, from, "from")?;
        Ok(membership::pause(&changing.membership, from, until)?)
    })
    .await
}
