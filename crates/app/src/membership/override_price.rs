use super::change::{self, Changed};
use crate::{App, Caller, Outcome, access};
use coterie_domain::{MembershipId, Money, membership};
use jiff::civil::Date;

/// Another price than the plan's, agreed with staff.
#[derive(Debug, Clone)]
pub struct OverridePrice {
    pub membership_id: MembershipId,
    /// Of a whole cycle, told as the plan's is.
    pub price: Money,
    /// Today unless said.
    pub from: Option<Date>,
    /// The day on which the plan's price counts again.
    pub until: Option<Date>,
    pub reason: String,
}

/// Agrees on another price for some time; days of open cycles are given back and charged anew. Staff only.
///
/// # Errors
/// All faulty fields at once.
pub async fn override_price(app: &App, caller: &Caller, command: &OverridePrice) -> Outcome<Changed> {
    access::operates(caller)?;
    change::carry_out(app, caller, command.membership_id, |changing| {
        let from = command.from.unwrap_or(changing.today);
        Ok(membership::override_price(
            &changing.membership,
            command.price,
            from,
            command.until,
            &command.reason,
        )?)
    })
    .await
}
