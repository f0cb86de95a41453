use super::change::{Changed, carry_out};
use crate::{App, Caller, Outcome, access};
use coterie_domain::{
    MembershipId,
    membership::{self, Item},
};
use jiff::civil::Date;

/// Says which kinds of charge whoever uses a membership pays herself, from a day on; the company that settles it pays for the
/// others. Days of the plan that are charged already are given back to the one and charged to the other; every other charge asks
/// when it is made. Staff only.
///
/// # Errors
/// A membership that no company pays for, a day outside of it, what is agreed on already.
pub async fn set_split(
    app: &App,
    caller: &Caller,
    id: MembershipId,
    own: &[Item],
    from: Option<Date>,
) -> Outcome<Changed> {
    access::operates(caller)?;
    carry_out(app, caller, id, |changing| {
        let from = from.unwrap_or(changing.today);
        Ok(membership::set_split(&changing.membership, own, from)?)
    })
    .await
}
