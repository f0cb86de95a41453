//! Every kind of event that this build knows, by its noun.

use coterie_domain::{
    booking::BookingEvent,
    charge::ChargeEvent,
    company::CompanyEvent,
    credit::CreditEvent,
    event::DomainEvent,
    invoice::InvoiceEvent,
    ledger::JournalEvent,
    legal_entity::LegalEntityEvent,
    location::LocationEvent,
    member::{MemberEvent, PayerAccountEvent},
    membership::MembershipEvent,
    organization::{OrganizationEvent, StaffEvent},
    payment::PaymentEvent,
    plan::PlanEvent,
    resource::{PriceRuleEvent, ResourceEvent, ResourceTypeEvent},
    tax::TaxEvent,
};

use super::links::humanized;
use crate::components::Choice;

/// A noun and the types of its events.
type Kind = (&'static str, &'static [(&'static str, i16)]);

fn kind<E: DomainEvent>() -> Kind {
    (E::CATEGORY, E::TYPES)
}

fn all() -> [Kind; 19] {
    [
        kind::<BookingEvent>(),
        kind::<ChargeEvent>(),
        kind::<CompanyEvent>(),
        kind::<CreditEvent>(),
        kind::<InvoiceEvent>(),
        kind::<JournalEvent>(),
        kind::<LegalEntityEvent>(),
        kind::<LocationEvent>(),
        kind::<MemberEvent>(),
        kind::<MembershipEvent>(),
        kind::<OrganizationEvent>(),
        kind::<PayerAccountEvent>(),
        kind::<PaymentEvent>(),
        kind::<PlanEvent>(),
        kind::<PriceRuleEvent>(),
        kind::<ResourceEvent>(),
        kind::<ResourceTypeEvent>(),
        kind::<StaffEvent>(),
        kind::<TaxEvent>(),
    ]
}

/// The nouns as choices of a filter.
pub(super) fn categories() -> Vec<Choice> {
    all()
        .into_iter()
        .map(|(category, _)| Choice::new(category, humanized(category)))
        .collect()
}

/// The types as choices of a filter.
pub(super) fn types() -> Vec<Choice> {
    let mut names: Vec<&str> = all()
        .into_iter()
        .flat_map(|(_, types)| types.iter().map(|(name, _)| *name))
        .collect();
    names.sort_unstable();
    names
        .into_iter()
        .map(|name| Choice::new(name, humanized(name)))
        .collect()
}
