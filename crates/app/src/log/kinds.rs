//! Every kind of event that this build knows, by its noun.

use coterie_domain::{
    add_on::AddOnEvent,
    assignment::AssignmentEvent,
    billing::BillingEvent,
    blocker::BlockerEvent,
    booking::BookingEvent,
    charge::ChargeEvent,
    company::CompanyEvent,
    coupon::CouponEvent,
    credit::CreditEvent,
    credit_note::CreditNoteEvent,
    credit_pack::CreditPackEvent,
    deposit::DepositEvent,
    event::DomainEvent,
    floor::FloorEvent,
    invoice::InvoiceEvent,
    invoice_run::InvoiceRunEvent,
    ledger::JournalEvent,
    legal_entity::LegalEntityEvent,
    location::LocationEvent,
    member::{MemberEvent, PayerAccountEvent},
    membership::MembershipEvent,
    meter::MeterEvent,
    organization::{OrganizationEvent, StaffEvent},
    pass::PassEvent,
    payment::PaymentEvent,
    photo::PhotoEvent,
    plan::PlanEvent,
    price_change::PriceChangeEvent,
    resource::{PriceRuleEvent, ResourceEvent, ResourceTypeEvent},
    retention::RetentionEvent,
    series::SeriesEvent,
    tax::TaxEvent,
    usage::UsageEvent,
    visitor_booking::VisitorBookingEvent,
    waitlist::WaitlistEvent,
};

/// A noun and the types of its events with their versions.
pub type Kind = (&'static str, &'static [(&'static str, i16)]);

fn kind<E: DomainEvent>() -> Kind {
    (E::CATEGORY, E::TYPES)
}

/// The nouns by name, each with its types.
pub fn all() -> [Kind; 38] {
    [
        kind::<AddOnEvent>(),
        kind::<AssignmentEvent>(),
        kind::<BillingEvent>(),
        kind::<BlockerEvent>(),
        kind::<BookingEvent>(),
        kind::<ChargeEvent>(),
        kind::<CompanyEvent>(),
        kind::<CouponEvent>(),
        kind::<CreditEvent>(),
        kind::<CreditNoteEvent>(),
        kind::<CreditPackEvent>(),
        kind::<DepositEvent>(),
        kind::<FloorEvent>(),
        kind::<InvoiceEvent>(),
        kind::<InvoiceRunEvent>(),
        kind::<JournalEvent>(),
        kind::<LegalEntityEvent>(),
        kind::<LocationEvent>(),
        kind::<MemberEvent>(),
        kind::<MembershipEvent>(),
        kind::<MeterEvent>(),
        kind::<OrganizationEvent>(),
        kind::<PassEvent>(),
        kind::<PayerAccountEvent>(),
        kind::<PaymentEvent>(),
        kind::<PhotoEvent>(),
        kind::<PlanEvent>(),
        kind::<PriceChangeEvent>(),
        kind::<PriceRuleEvent>(),
        kind::<ResourceEvent>(),
        kind::<ResourceTypeEvent>(),
        kind::<RetentionEvent>(),
        kind::<SeriesEvent>(),
        kind::<StaffEvent>(),
        kind::<TaxEvent>(),
        kind::<UsageEvent>(),
        kind::<VisitorBookingEvent>(),
        kind::<WaitlistEvent>(),
    ]
}

/// Whether a noun has events.
pub fn is_category(category: &str) -> bool {
    all().iter().any(|(name, _)| *name == category)
}

/// The noun that a type of event belongs to; a name is one noun's only.
pub fn category_of(event_type: &str) -> Option<&'static str> {
    let has = |(_, types): &Kind| types.iter().any(|(name, _)| *name == event_type);
    all().into_iter().find(has).map(|(category, _)| category)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_belongs_to_one_noun() {
        let mut names: Vec<&str> = all()
            .iter()
            .flat_map(|(_, types)| types.iter().map(|(name, _)| *name))
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert_eq!(category_of("BookingCancelled"), Some("booking"));
        assert_eq!(category_of("bookingcancelled"), None);
    }
}
