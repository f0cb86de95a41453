use crate::{
    BookingId, CreditNoteId, InvoiceId, LegalEntityId, MemberId, Money, PaymentId, VisitorBookingId,
    charge::ChargeMade,
    event::{domain_events, same_shape},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

domain_events!(
    /// What happened to a visitor's booking.
    VisitorBookingEvent, "visitor_booking", {
        VisitorBookingOpened = 3 [1 => gives_nothing_back, 2 => same_shape],
        VisitorPageMade = 1,
        VisitorBookingPaid = 1,
        VisitorBookingLapsed = 1,
        VisitorPaidLate = 1,
        VisitorRefunded = 1,
        VisitorCancelled = 1,
    }
);

/// The first version's charge did not say what it gives back: a visit gives nothing.
fn gives_nothing_back(mut payload: Value) -> Result<Value, &'static str> {
    let charge = payload.get_mut("charge").and_then(Value::as_object_mut);
    let charge = charge.ok_or("it has no charge")?;
    charge.insert("gives_back".to_owned(), Value::Null);
    Ok(payload)
}

/// Written before the gateway is asked for the page: what is to be paid, and as what it will stand in the books. The invoice
/// and the payment have their ids from now on, the number only when it is issued.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VisitorBookingOpened {
    pub visitor_booking_id: VisitorBookingId,
    /// The hold, and the booking that it becomes.
    pub booking_id: BookingId,
    /// The visitor.
    pub member_id: MemberId,
    pub legal_entity_id: LegalEntityId,
    /// The connected account at the gateway.
    pub account_id: String,
    pub invoice_id: InvoiceId,
    pub payment_id: PaymentId,
    /// The charge that it makes when it is paid.
    pub charge: ChargeMade,
    /// With tax: what the page asks for.
    pub amount: Money,
    /// Nobody can pay on the page after.
    pub pay_by: Timestamp,
}

/// The gateway has a page for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisitorPageMade {
    pub visitor_booking_id: VisitorBookingId,
    pub session_id: String,
    pub url: String,
}

/// Paid, and booked in the same append.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisitorBookingPaid {
    pub visitor_booking_id: VisitorBookingId,
    pub intent_id: String,
    pub amount: Money,
}

/// The page closed and nobody had paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisitorBookingLapsed {
    pub visitor_booking_id: VisitorBookingId,
}

/// Money came that no booking can be made of. It is hers, and goes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisitorPaidLate {
    pub visitor_booking_id: VisitorBookingId,
    pub intent_id: String,
    pub amount: Money,
    pub why: WhyRefunded,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyRefunded {
    /// The time was not held any more, and is somebody else's or over.
    TimeGone,
    /// It was not what was asked for.
    AnotherAmount,
}

/// The gateway gave it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisitorRefunded {
    pub visitor_booking_id: VisitorBookingId,
    pub refund_id: String,
    pub amount: Money,
}

/// She gave up what she had paid for. What is not due of the price is hers, and goes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisitorCancelled {
    pub visitor_booking_id: VisitorBookingId,
    /// Of the price, still due under the terms by which she booked.
    pub percent_due: u8,
    pub intent_id: String,
    /// With tax: what goes back, which may be nothing.
    pub amount: Money,
    /// What takes it back of her invoice.
    pub credit_note_id: Option<CreditNoteId>,
}

/// What is known of a visitor's booking, folded from its stream.
#[derive(Debug, Clone, PartialEq)]
pub struct VisitorBooking {
    pub fact: VisitorBookingOpened,
    pub page: Option<VisitorPageMade>,
    pub standing: VisitorStanding,
}

/// Where it stands with the money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VisitorStanding {
    /// She may still pay.
    Open,
    Paid(VisitorBookingPaid),
    Lapsed,
    /// The money is to go back.
    RefundDue(VisitorPaidLate),
    Refunded(VisitorRefunded),
    /// She gave it up; what is hers of the money is to go back.
    Cancelled(VisitorCancelled),
    /// It went back.
    GivenBack(VisitorCancelled),
}

/// Money of a visitor's that is to go back and has not yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueBack<'a> {
    pub intent_id: &'a str,
    pub amount: Money,
    /// Whether it is all that came: then somebody may have given back some of it by hand.
    pub all: bool,
    /// The invoice that it was taken back of, where there is one.
    pub of_invoice: Option<InvoiceId>,
}

impl VisitorStanding {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paid(_) => "paid",
            Self::Lapsed => "lapsed",
            Self::RefundDue(_) => "refund_due",
            Self::Refunded(_) => "refunded",
            Self::Cancelled(_) => "cancelled",
            Self::GivenBack(_) => "given_back",
        }
    }
}

impl VisitorBooking {
    /// Whether there is something yet to come: from her or from the gateway.
    pub fn live(&self) -> bool {
        self.standing == VisitorStanding::Open || self.due_back().is_some()
    }

    /// What is to go back to her: money that came too late, or what is not due of what she gave up.
    pub fn due_back(&self) -> Option<DueBack<'_>> {
        match &self.standing {
            VisitorStanding::RefundDue(late) => Some(DueBack {
                intent_id: &late.intent_id,
                amount: late.amount,
                all: true,
                of_invoice: None,
            }),
            VisitorStanding::Cancelled(cancelled) if cancelled.amount.minor > 0 => Some(DueBack {
                intent_id: &cancelled.intent_id,
                amount: cancelled.amount,
                all: false,
                of_invoice: Some(self.fact.invoice_id),
            }),
            _ => None,
        }
    }

    pub fn evolve(state: Option<Self>, event: VisitorBookingEvent) -> Option<Self> {
        let standing = match event {
            VisitorBookingEvent::VisitorBookingOpened(fact) => {
                return Some(Self {
                    fact,
                    page: None,
                    standing: VisitorStanding::Open,
                });
            }
            VisitorBookingEvent::VisitorPageMade(page) => {
                return state.map(|visit| Self {
                    page: Some(page),
                    ..visit
                });
            }
            VisitorBookingEvent::VisitorBookingPaid(fact) => VisitorStanding::Paid(fact),
            VisitorBookingEvent::VisitorBookingLapsed(_) => VisitorStanding::Lapsed,
            VisitorBookingEvent::VisitorPaidLate(fact) => VisitorStanding::RefundDue(fact),
            VisitorBookingEvent::VisitorCancelled(fact) => VisitorStanding::Cancelled(fact),
            VisitorBookingEvent::VisitorRefunded(fact) => {
                return state.map(|visit| Self {
                    standing: match visit.standing {
                        VisitorStanding::Cancelled(cancelled) => VisitorStanding::GivenBack(cancelled),
                        _ => VisitorStanding::Refunded(fact),
                    },
                    ..visit
                });
            }
        };
        state.map(|visit| Self { standing, ..visit })
    }
}
