//! Days, times, amounts and states as finance reads them.

use coterie_app::invoice::page::InvoiceState;
use coterie_domain::{
    Currency,
    payment::{DeclineKind, PaymentState},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::components::{Badge, Money, Tone};

/// `20 Jan 2026`
pub(crate) fn day(date: Date) -> String {
    date.strftime("%-d %b %Y").to_string()
}

/// `January 2026`
pub(crate) fn month(date: Date) -> String {
    date.strftime("%B %Y").to_string()
}

/// Days of supply `[from, to)` as `20 Jan 2026 – 31 Jan 2026`; one day stands alone.
pub(crate) fn service(from: Date, to: Date) -> String {
    let last = to.yesterday().unwrap_or(to).max(from);
    if last == from {
        return day(from);
    }
    format!("{} – {}", day(from), day(last))
}

/// `1 month`, `0.25 hours`, `5 hours`
pub(crate) fn quantity(count: &str, unit: &str) -> String {
    let plural = if count == "1" || unit.is_empty() { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

/// `20 Jan 2026, 10:00 CET`
pub(crate) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%-d %b %Y, %H:%M %Z").to_string()
}

/// Minor units of a currency as a component.
pub(crate) fn money(minor: i64, currency: Currency) -> Money {
    Money::new(minor, currency.code())
}

/// The domain's amount as a component.
pub(crate) fn amount(amount: coterie_domain::Money) -> Money {
    money(amount.minor, amount.currency)
}

/// Where collecting an invoice stands.
pub(crate) fn invoice_badge(state: InvoiceState) -> Badge {
    let tone = match state {
        InvoiceState::Open | InvoiceState::Credited => Tone::Neutral,
        InvoiceState::Pending => Tone::Info,
        InvoiceState::ActionRequired => Tone::Warning,
        InvoiceState::Failed => Tone::Bad,
        InvoiceState::Paid => Tone::Good,
    };
    Badge::new(tone, invoice_word(state))
}

/// The same in words, for choices.
pub(crate) fn invoice_word(state: InvoiceState) -> &'static str {
    match state {
        InvoiceState::Open => "Open",
        InvoiceState::Pending => "Pending",
        InvoiceState::ActionRequired => "Payer must confirm",
        InvoiceState::Failed => "Payment failed",
        InvoiceState::Paid => "Paid",
        InvoiceState::Credited => "Credited",
    }
}

/// Every state of a payment, in the order of its life.
pub(crate) const PAYMENT_STATES: [PaymentState; 7] = [
    PaymentState::Submitted,
    PaymentState::Processing,
    PaymentState::ActionRequired,
    PaymentState::Unknown,
    PaymentState::Settled,
    PaymentState::Failed,
    PaymentState::Canceled,
];

/// Where an attempt stands.
pub(crate) fn payment_badge(state: PaymentState) -> Badge {
    let tone = match state {
        PaymentState::Submitted | PaymentState::Processing => Tone::Info,
        PaymentState::ActionRequired => Tone::Warning,
        PaymentState::Unknown | PaymentState::Failed => Tone::Bad,
        PaymentState::Settled => Tone::Good,
        PaymentState::Canceled => Tone::Neutral,
    };
    Badge::new(tone, payment_word(state))
}

/// The same in words, for choices.
pub(crate) fn payment_word(state: PaymentState) -> &'static str {
    match state {
        PaymentState::Submitted => "Submitted",
        PaymentState::Processing => "At the bank",
        PaymentState::ActionRequired => "Payer must confirm",
        PaymentState::Unknown => "Outcome unknown",
        PaymentState::Settled => "Settled",
        PaymentState::Failed => "Failed",
        PaymentState::Canceled => "Canceled",
    }
}

/// What a kind of decline asks for.
pub(crate) fn advice(kind: Option<DeclineKind>) -> &'static str {
    match kind {
        Some(DeclineKind::Soft) => "worth another try later",
        Some(DeclineKind::Hard) => "needs another card",
        Some(DeclineKind::AuthenticationRequired) => "needs the payer at the payment page",
        Some(DeclineKind::Other) => "needs a look",
        None => "nobody knows whether money moved",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_period_names_its_last_day() {
        let date = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(
            service(date("2026-01-20"), date("2026-02-01")),
            "20 Jan 2026 – 31 Jan 2026"
        );
        assert_eq!(service(date("2026-01-23"), date("2026-01-24")), "23 Jan 2026");
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        assert_eq!(
            moment("2026-07-01T22:30:00Z".parse().unwrap(), &berlin),
            "2 Jul 2026, 00:30 CEST"
        );
    }
}
