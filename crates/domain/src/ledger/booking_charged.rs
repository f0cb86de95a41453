use super::{Entry, JournalEntryPosted, LedgerAccount};
use crate::{
    JournalEntryId,
    charge::{ChargeKind, ChargeMade},
};

/// Where a kind of charge that is earned at once earns.
pub(super) fn revenue_of(kind: ChargeKind) -> LedgerAccount {
    match kind {
        ChargeKind::Booking | ChargeKind::CancellationFee | ChargeKind::Pass => LedgerAccount::BookingRevenue,
        ChargeKind::Recurring | ChargeKind::RecurringCredit | ChargeKind::SetUpFee => LedgerAccount::MembershipRevenue,
        ChargeKind::OneOff | ChargeKind::Metered => LedgerAccount::ServiceRevenue,
        ChargeKind::Discount => LedgerAccount::Discounts,
        // Not earned: it is owed to the payer as long as it is held.
        ChargeKind::Deposit => LedgerAccount::Deposits,
        // Earned by its use, or when it lapses.
        ChargeKind::CreditPack => LedgerAccount::PrepaidCredit,
    }
}

fn rule_of(kind: ChargeKind) -> &'static str {
    match revenue_of(kind) {
        LedgerAccount::BookingRevenue => "booking_charged@1",
        LedgerAccount::Deposits => "deposit_requested@1",
        LedgerAccount::PrepaidCredit => "credit_pack_sold@1",
        _ => "charge_made@1",
    }
}

/// Booked time beyond the allowance, a pass, or a cancellation fee, on the day of the booking or the pass; a fee or
/// something sold on its day: earned, not yet invoiced.
/// Recurring charges, and what coupons take off them, post when they are invoiced (`invoice_issued`), because they are earned by the day.
///
/// ```text
/// Dr Unbilled receivable   net
/// Cr Booking revenue       net   (or membership, or service revenue)
/// ```
///
/// A deposit is no revenue: `Cr Deposits`, a liability. Nor is a pack of credits that is sold: `Cr Prepaid credit`, until it is used
/// (`credit_pack_used`) or lapses (`credit_pack_expired`).
///
/// Used at another legal entity's location, the revenue is that one's (`used_elsewhere`), and this one owes it:
///
/// ```text
/// Dr Unbilled receivable     net
/// Cr Due to other entities   net
/// ```
pub fn booking_charged(id: JournalEntryId, charge: &ChargeMade) -> Option<JournalEntryPosted> {
    if charge.kind.is_deferred() {
        return None;
    }
    let (rule, earned) = match charge.supplied_by {
        None => (rule_of(charge.kind), revenue_of(charge.kind)),
        Some(_) => ("booking_charged_elsewhere@1", LedgerAccount::DueToEntities),
    };
    Entry::new(
        id,
        charge.legal_entity_id,
        charge.service_from,
        charge.net.currency,
        rule,
        charge.description.clone(),
        charge.source.clone(),
    )
    .post_for(LedgerAccount::UnbilledReceivable, charge.net.minor, charge.payer, None)
    .post(earned, -charge.net.minor)
    .done()
}
