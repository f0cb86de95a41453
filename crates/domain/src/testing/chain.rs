//! A small chain to decide about, built by the same decisions and events as a real one.

use super::{at, date, eur, given, id};
use crate::{
    BookingId, ChargeId, CreditNoteId, DomainEvent, InvoiceId, JournalEntryId, LegalEntityId, LocationId, LotId,
    MemberId, MembershipId, Money, OrganizationId, Payer, PaymentId, PlanId, PlanVersionId, PriceRuleId, ResourceId,
    ResourceTypeId,
    catalogue::Catalogue,
    credit::{Holds, Lot},
    legal_entity::{self, LegalEntityEvent, NewLegalEntity},
    location::{self, LocationEvent, NewLocation},
    member::{self, EmailConfirmed, Member, MemberEvent},
    membership::{self, Membership, MembershipEvent},
    organization::{self, OrganizationEvent},
    plan::{self, Allowance, NewPlanVersion, PlanEvent, PlanTerms},
    resource::{self, NewPriceRule, NewResource, PriceRuleEvent, ResourceEvent, ResourceTypeEvent},
    tax::{self, TaxEvent},
};
use rust_decimal::Decimal;
use uuid::Uuid;

pub const BERLIN: LegalEntityId = LegalEntityId(Uuid::from_u128(0x10));
pub const NEW_YORK: LegalEntityId = LegalEntityId(Uuid::from_u128(0x11));
/// Open on weekdays and Saturday, in Berlin.
pub const MITTE: LocationId = LocationId(Uuid::from_u128(0x20));
/// Open day and night, in Berlin.
pub const NIGHT: LocationId = LocationId(Uuid::from_u128(0x21));
/// The other legal entity's, in New York.
pub const PIER: LocationId = LocationId(Uuid::from_u128(0x22));
pub const ROOM_TYPE: ResourceTypeId = ResourceTypeId(Uuid::from_u128(0x30));
/// Half-hour steps, 30 minutes to 8 hours, 10 minutes before and 15 after.
pub const ROOM: ResourceId = ResourceId(Uuid::from_u128(0x40));
pub const NIGHT_ROOM: ResourceId = ResourceId(Uuid::from_u128(0x41));
pub const PIER_ROOM: ResourceId = ResourceId(Uuid::from_u128(0x42));
pub const FLEX: PlanId = PlanId(Uuid::from_u128(0x60));
pub const FLEX_1: PlanVersionId = PlanVersionId(Uuid::from_u128(0x61));
pub const ADA: MemberId = MemberId(Uuid::from_u128(0x70));
pub const MEMBERSHIP: MembershipId = MembershipId(Uuid::from_u128(0x80));
pub const BOOKING: BookingId = BookingId(Uuid::from_u128(0x90));
pub const CHARGE: ChargeId = ChargeId(Uuid::from_u128(0xa0));
pub const FEE: ChargeId = ChargeId(Uuid::from_u128(0xa1));
pub const INVOICE: InvoiceId = InvoiceId(Uuid::from_u128(0xb0));
pub const CREDIT_NOTE: CreditNoteId = CreditNoteId(Uuid::from_u128(0xb8));
pub const PAYMENT: PaymentId = PaymentId(Uuid::from_u128(0xc0));
pub const ENTRY: JournalEntryId = JournalEntryId(Uuid::from_u128(0xd0));

/// Folds an event in at the next position, through the payload that the log would keep.
pub fn record<E: DomainEvent>(catalogue: &mut Catalogue, event: impl Into<E>) {
    let event = event.into();
    let payload = event.payload().expect("declared shapes are written");
    catalogue
        .apply(
            catalogue.position + 1,
            E::CATEGORY,
            event.event_type(),
            event.event_version(),
            &payload,
        )
        .expect("what was written is read");
}

/// The chain of domain.md's figures: Berlin at 19 %, EUR 300 a month on the 1st with 5 room hours, EUR 20 an hour.
pub fn chain() -> Catalogue {
    let mut all = Catalogue::default();
    let organization = organization::create(OrganizationId(id(1)), "Harbour Works", "harbour", false).unwrap();
    record::<OrganizationEvent>(&mut all, organization);
    for (entity, name, country, money, zone, series) in [
        (BERLIN, "Harbour Berlin GmbH", "DE", "EUR", "Europe/Berlin", "BER"),
        (
            NEW_YORK,
            "Harbour New York Inc.",
            "US",
            "USD",
            "America/New_York",
            "NYC",
        ),
    ] {
        let new = NewLegalEntity {
            name: name.into(),
            street: "Hafenstr. 1".into(),
            postcode: "10115".into(),
            city: "City".into(),
            country: country.into(),
            tax_id: "DE123456788".into(),
            currency: money.into(),
            time_zone: zone.into(),
            invoice_series: series.into(),
            payment_terms_days: 14,
        };
        record::<LegalEntityEvent>(
            &mut all,
            legal_entity::create(entity, &new, &Catalogue::default()).unwrap(),
        );
    }
    for (place, entity, name, country, zone, hours) in [
        (
            MITTE,
            BERLIN,
            "Mitte",
            "DE",
            "Europe/Berlin",
            "Mon-Fri 08:00-20:00; Sat 09:00-18:00",
        ),
        (NIGHT, BERLIN, "Nachtwerk", "DE", "Europe/Berlin", "Mon-Sun 00:00-24:00"),
        (PIER, NEW_YORK, "Pier", "US", "America/New_York", "Mon-Sun 00:00-24:00"),
    ] {
        let new = NewLocation {
            name: name.into(),
            street: "Hafenstr. 1".into(),
            postcode: "10115".into(),
            city: "City".into(),
            country: country.into(),
            time_zone: zone.into(),
            opening_hours: hours.into(),
        };
        let opened = location::open(place, entity, &new, &all).unwrap();
        record::<LocationEvent>(&mut all, opened);
    }
    let rooms = resource::create_type(ROOM_TYPE, "Meeting room", "standard", &all).unwrap();
    record::<ResourceTypeEvent>(&mut all, rooms);
    for (room, place) in [(ROOM, MITTE), (NIGHT_ROOM, NIGHT), (PIER_ROOM, PIER)] {
        let new = NewResource {
            name: "Room Spree".into(),
            capacity: 6,
            buffer_before_minutes: 10,
            buffer_after_minutes: 15,
            max_minutes: 8 * 60,
            ..NewResource::default()
        };
        let added = resource::add(room, ROOM_TYPE, place, &new, &all).unwrap();
        record::<ResourceEvent>(&mut all, added);
    }
    publish_price(&mut all, 0x50, None, eur(2_000), None);
    record::<TaxEvent>(
        &mut all,
        tax::set_rate("DE", "standard", Decimal::from(19), date("2021-01-01")).unwrap(),
    );
    publish_plan(&mut all, FLEX_1, 1, eur(30_000));
    all
}

pub fn publish_price(
    all: &mut Catalogue,
    rule: u128,
    place: Option<LocationId>,
    per_hour: Money,
    day_cap: Option<Money>,
) {
    let new = NewPriceRule {
        location_id: place,
        day_cap,
        ..NewPriceRule::by_the_hour(ROOM_TYPE, per_hour)
    };
    publish(all, rule, &new);
}

pub fn publish(all: &mut Catalogue, rule: u128, new: &NewPriceRule) {
    let rule = resource::publish_price(PriceRuleId(id(rule)), new, all).unwrap();
    record::<PriceRuleEvent>(all, rule);
}

pub fn publish_plan(all: &mut Catalogue, version: PlanVersionId, billing_day: i8, price: Money) {
    let new = NewPlanVersion {
        name: "Flex".into(),
        legal_entity_id: BERLIN,
        price,
        tax_included: false,
        billing_day,
        terms: PlanTerms::default(),
        tax_category: "standard".into(),
        allowances: vec![Allowance {
            resource_type_id: ROOM_TYPE,
            minutes: 300,
        }],
        locations: vec![MITTE, NIGHT],
        access_hours: String::new(),
    };
    let published = plan::publish(FLEX, version, new, all).unwrap();
    record::<PlanEvent>(all, published);
}

pub fn ada() -> Member {
    let signed_up = member::sign_up(ADA, "Ada Lovelace", "ada@example.com", Some(MITTE)).unwrap();
    given(
        Member::evolve,
        [MemberEvent::from(signed_up), EmailConfirmed { member_id: ADA }.into()],
    )
    .state()
}

/// Ada's membership from a day on, its first cycle not yet opened.
pub fn membership_from(start: &str, all: &Catalogue) -> Membership {
    let quote = membership::quote(FLEX_1, MITTE, date(start), all).unwrap();
    let started = membership::start(MEMBERSHIP, &ada(), Payer::Member(ADA), &quote).unwrap();
    given(Membership::evolve, [MembershipEvent::from(started)]).state()
}

pub fn lot(number: u128, left: i64, valid_from: &str, valid_until: &str) -> Lot {
    Lot {
        lot_id: LotId(id(number)),
        membership_id: MEMBERSHIP,
        holds: Holds::Minutes {
            resource_type_id: ROOM_TYPE,
        },
        left,
        valid_from: at(valid_from),
        valid_until: at(valid_until),
        pack: None,
    }
}

/// Ids in order, where a decision asks for several.
pub fn ids_from(first: u128) -> impl FnMut() -> Uuid {
    let mut next = first;
    move || {
        next += 1;
        id(next - 1)
    }
}
