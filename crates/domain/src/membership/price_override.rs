use super::{Membership, PriceOverridden};
use crate::{
    Money,
    money::MAX_AMOUNT_MINOR,
    refusal::{Faults, Refusal},
    text,
};
use jiff::civil::Date;

/// Agrees on another price than the plan's, of a whole cycle and told as the plan's is on the first of these days.
///
/// # Errors
/// All faulty fields at once.
pub fn override_price(
    membership: &Membership,
    price: Money,
    from: Date,
    until: Option<Date>,
    reason: &str,
) -> Result<PriceOverridden, Refusal> {
    let mut faults = Faults::default();
    faults.check(
        (0..=MAX_AMOUNT_MINOR).contains(&price.minor) && price.currency == membership.fact.price.currency,
        "price",
        format!(
            "Please give a price of zero or more in {}.",
            membership.fact.price.currency
        ),
    );
    faults.check(
        membership.agreed_on(from),
        "from",
        "The membership does not run on that day.",
    );
    faults.check(
        until.is_none_or(|until| from < until),
        "until",
        "Please choose a day after the first one.",
    );
    let reason = text::name(reason)
        .map_err(|message| faults.add("reason", message))
        .unwrap_or_default();
    faults.finish()?;
    Ok(PriceOverridden {
        membership_id: membership.fact.membership_id,
        price,
        tax_included: membership.term_on(from).tax_included,
        from,
        until,
        reason,
    })
}
