use super::{Written, people::ACME, written};
use crate::{
    ClosureId, FloorId, OrganizationId, PhotoId, PriceRuleId, ResourceId, StaffId,
    floor::{FloorAdded, FloorEvent, FloorPlanSet, FloorRenamed},
    legal_entity::{Address, Language, LegalEntityCreated, LegalEntityEvent, LetterheadSet, StripeConnected},
    local_time::{Hours, OpeningHours},
    location::{
        CancellationPolicy, CancellationPolicySet, ClosureLifted, DayPassesSet, LocationAmenitiesSet, LocationClosed,
        LocationEvent, LocationOpened, OpeningHoursSet,
    },
    organization::{OrganizationCreated, OrganizationEvent, Role, StaffAdded, StaffEvent},
    period::CycleLength,
    photo::{PhotoAdded, PhotoEvent, PhotoRemoved},
    plan::{Allowance, PlanEvent, PlanVersionPublished},
    resource::{
        BookedBy, Conditions, Position, PriceRuleEvent, PriceRulePublished, ResourceAdded, ResourceEvent,
        ResourcePlaced, ResourceTermsSet, ResourceTypeCreated, ResourceTypeEvent,
    },
    tax::{TaxEvent, TaxRateSet},
    testing::{BERLIN, FLEX, FLEX_1, MITTE, ROOM, ROOM_TYPE, currency, date, eur, id},
};
use jiff::civil::Time;

pub fn address() -> Address {
    Address {
        street: "Hafenstr. 1".into(),
        postcode: "10115".into(),
        city: "Berlin".into(),
        country: "DE".into(),
    }
}

pub fn all() -> Vec<Written> {
    let organization = OrganizationCreated {
        organization_id: OrganizationId(id(1)),
        name: "Harbour Works".into(),
        slug: "harbour".into(),
        sandbox: true,
    };
    let staff = StaffAdded {
        staff_id: StaffId(id(2)),
        name: "Grace".into(),
        email: "grace@example.com".into(),
        role: Role::Finance,
    };
    let entity = LegalEntityCreated {
        legal_entity_id: BERLIN,
        name: "Harbour Berlin GmbH".into(),
        address: address(),
        tax_id: "DE123456789".into(),
        currency: currency("EUR"),
        time_zone: "Europe/Berlin".into(),
        invoice_series: "BER".into(),
        payment_terms_days: 14,
    };
    let connected = StripeConnected {
        legal_entity_id: BERLIN,
        account_id: "acct_1".into(),
    };
    let letterhead = super::money::letterhead();
    let letterhead = LetterheadSet {
        legal_entity_id: BERLIN,
        language: Language::De,
        colour: letterhead.colour,
        logo: letterhead.logo,
        bank: letterhead.bank,
        contact: letterhead.contact,
        register: letterhead.register,
    };
    let open = Hours {
        from: Time::constant(8, 0, 0, 0),
        to: Time::midnight(),
    };
    let location = LocationOpened {
        location_id: MITTE,
        legal_entity_id: BERLIN,
        name: "Mitte".into(),
        address: address(),
        time_zone: "Europe/Berlin".into(),
        hours: OpeningHours([Some(open), None, None, None, None, None, None]),
        cancellation: CancellationPolicy::default(),
    };
    let hours = OpeningHoursSet {
        location_id: MITTE,
        hours: OpeningHours([Some(open), Some(open), None, None, None, None, None]),
    };
    let policy = CancellationPolicySet {
        location_id: MITTE,
        policy: CancellationPolicy::default(),
    };
    let closed = LocationClosed {
        closure_id: ClosureId(id(60)),
        location_id: MITTE,
        first_day: date("2026-12-24"),
        last_day: date("2026-12-26"),
        reason: "Christmas".into(),
        external_id: Some("xmas-2026".into()),
    };
    let lifted = ClosureLifted {
        closure_id: closed.closure_id,
        location_id: MITTE,
    };
    let floor = FloorAdded {
        floor_id: FloorId(id(0x25)),
        location_id: MITTE,
        name: "First floor".into(),
        level: 1,
    };
    let renamed = FloorRenamed {
        floor_id: floor.floor_id,
        name: "Gallery".into(),
        level: 2,
    };
    let plan_set = FloorPlanSet {
        floor_id: floor.floor_id,
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        height_per_mille: 707,
    };
    let placed = ResourcePlaced {
        resource_id: ROOM,
        position: Some(Position {
            floor_id: floor.floor_id,
            x_percent: "12.5".parse().unwrap(),
            y_percent: "40".parse().unwrap(),
        }),
    };
    let amenities = LocationAmenitiesSet {
        location_id: MITTE,
        amenities: vec!["kitchen".into(), "showers".into()],
    };
    let photo = PhotoAdded {
        photo_id: PhotoId(id(0x26)),
        resource_id: ROOM,
        alt: "A long table under a window".into(),
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        width: 1_600,
        height: 1_200,
    };
    let photo_gone = PhotoRemoved {
        photo_id: photo.photo_id,
        resource_id: ROOM,
    };
    let passes = DayPassesSet {
        location_id: MITTE,
        price: eur(2_500),
        tax_included: true,
        capacity: 12,
        tax_category: "standard".into(),
        horizon_days: 60,
    };
    let kind = ResourceTypeCreated {
        resource_type_id: ROOM_TYPE,
        name: "Meeting room".into(),
        tax_category: "standard".into(),
    };
    let room = ResourceAdded {
        resource_id: ROOM,
        resource_type_id: ROOM_TYPE,
        location_id: MITTE,
        name: "Room Spree".into(),
        capacity: 6,
        buffer_before_minutes: 10,
        buffer_after_minutes: 15,
        min_minutes: 30,
        max_minutes: 480,
        step_minutes: 30,
    };
    let terms = ResourceTermsSet {
        resource_id: ROOM,
        lead_minutes: 60,
        horizon_days: 90,
        amenities: vec!["projector".into()],
        parts: vec![ResourceId(id(0x31))],
        approval: true,
        hold_minutes: 60,
        check_in_minutes: Some(15),
        no_show_fee: Some(eur(1_500)),
        visitors: true,
    };
    let rule = PriceRulePublished {
        price_rule_id: PriceRuleId(id(0x50)),
        resource_type_id: ROOM_TYPE,
        location_id: Some(MITTE),
        half_day: Some(eur(7_000)),
        minimum: Some(eur(1_000)),
        conditions: Conditions {
            weekdays: vec![1, 2],
            hours: Some(open),
            first_day: Some(date("2026-02-01")),
            last_day: Some(date("2026-12-31")),
            plan_id: Some(FLEX),
            resource_id: Some(ROOM),
            min_minutes: Some(60),
            min_people: Some(2),
            company_id: Some(ACME),
            booked_by: Some(BookedBy::Member),
        },
        per_hour: eur(2_000),
        tax_included: true,
        day_cap: Some(eur(9_000)),
        per_seat: true,
    };
    let plan = PlanVersionPublished {
        plan_id: FLEX,
        plan_version_id: FLEX_1,
        number: 1,
        name: "Flex".into(),
        legal_entity_id: BERLIN,
        price: eur(30_000),
        tax_included: true,
        length: CycleLength::Quarter,
        in_arrears: false,
        set_up_fee: Some(eur(5_000)),
        trial_days: 14,
        term_cycles: 4,
        notice_days: 30,
        rollover_cycles: 1,
        allowances_by_days: false,
        billing_day: 31,
        tax_category: "standard".into(),
        allowances: vec![Allowance {
            resource_type_id: ROOM_TYPE,
            minutes: 300,
        }],
        locations: vec![MITTE],
        access_hours: Some(OpeningHours([Some(open), None, None, None, None, None, None])),
        seats: Some(5),
        day_passes: 2,
        money: Some(eur(3_000)),
        deposit: Some(eur(60_000)),
    };
    let rate = TaxRateSet {
        country: "DE".into(),
        category: "standard".into(),
        rate_percent: "7.7".parse().unwrap(),
        effective_from: date("2026-01-01"),
    };
    vec![
        written(&OrganizationEvent::from(organization)),
        written(&StaffEvent::from(staff)),
        written(&LegalEntityEvent::from(entity)),
        written(&LegalEntityEvent::from(connected)),
        written(&LegalEntityEvent::from(letterhead)),
        written(&LocationEvent::from(location)),
        written(&LocationEvent::from(hours)),
        written(&LocationEvent::from(policy)),
        written(&LocationEvent::from(closed)),
        written(&LocationEvent::from(lifted)),
        written(&LocationEvent::from(amenities)),
        written(&PhotoEvent::from(photo)),
        written(&PhotoEvent::from(photo_gone)),
        written(&FloorEvent::from(floor)),
        written(&FloorEvent::from(renamed)),
        written(&FloorEvent::from(plan_set)),
        written(&ResourceEvent::from(placed)),
        written(&LocationEvent::from(passes)),
        written(&ResourceTypeEvent::from(kind)),
        written(&ResourceEvent::from(room)),
        written(&ResourceEvent::from(terms)),
        written(&PriceRuleEvent::from(rule)),
        written(&PlanEvent::from(plan)),
        written(&TaxEvent::from(rate)),
    ]
}
