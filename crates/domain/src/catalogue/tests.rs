use super::*;
use crate::{
    LegalEntityId, LocationId, Money, OrganizationId, PlanVersionId, Refusal, ResourceId, ResourceTypeId,
    legal_entity::{self, NewLegalEntity, StripeConnected},
    location::{self, NewLocation},
    organization,
    resource::{self, NewResource},
    testing::{
        BERLIN, FLEX, FLEX_1, MITTE, NEW_YORK, PIER, ROOM, ROOM_TYPE, chain, currency, eur, id, publish_plan, record,
        when,
    },
};

#[test]
fn every_category_of_the_catalogue_is_folded_in_and_no_other() {
    for category in CATEGORIES {
        let mut all = Catalogue::default();
        let refused = all.apply(1, category, "NobodyKnows", 1, "{}");
        assert!(matches!(refused, Err(DecodeError::UnknownType { .. })), "{category}");
        assert_eq!(all, Catalogue::default(), "what cannot be read moves nothing");
    }
    let mut all = Catalogue::default();
    all.apply(7, "booking", "BookingConfirmed", 1, "{}").unwrap();
    assert_eq!(all.position, 0);
}

#[test]
fn what_was_published_is_found_and_the_rest_is_not() {
    let mut all = chain();
    assert_eq!(all.position, 13);
    assert_eq!(all.zone_of(PIER).unwrap().iana_name(), Some("America/New_York"));
    when(all.legal_entity(LegalEntityId(id(9)))).then_refused("unknown_legal_entity");
    when(all.location(LocationId(id(9)))).then_refused("unknown_location");
    when(all.resource_type(ResourceTypeId(id(9)))).then_refused("unknown_resource_type");
    when(all.resource(ResourceId(id(9)))).then_refused("unknown_resource");
    when(all.plan_version(PlanVersionId(id(9)))).then_refused("unknown_plan");
    // Only the newest revision is on offer; the old one stays readable for those who agreed to it.
    publish_plan(&mut all, PlanVersionId(id(0x05)), 15, eur(33_000));
    assert_eq!(all.latest_version_of(FLEX).unwrap().number, 2);
    let offered: Vec<i32> = all.plans_on_offer().iter().map(|plan| plan.number).collect();
    assert_eq!(offered, [2]);
    assert_eq!(all.plan_version(FLEX_1).unwrap().price, eur(30_000));
}

#[test]
fn an_entity_is_connected_to_one_stripe_account() {
    let mut all = chain();
    let connect = |account: &str, all: &Catalogue| legal_entity::connect_stripe(BERLIN, account, all);
    record::<LegalEntityEvent>(&mut all, connect("acct_1", &chain()).unwrap());
    when(connect("acct_1", &all)).then(&StripeConnected {
        legal_entity_id: BERLIN,
        account_id: "acct_1".into(),
    });
    when(connect("acct_2", &all)).then_refused("already_connected");
    assert_eq!(
        all.legal_entity(BERLIN).unwrap().stripe_account.as_deref(),
        Some("acct_1")
    );
    assert_eq!(all.legal_entity(NEW_YORK).unwrap().stripe_account, None);
}

#[test]
fn amounts_are_in_the_entitys_currency() {
    let all = chain();
    let entity = all.legal_entity(BERLIN).unwrap();
    assert!(entity.check_currency("price", eur(1).currency).is_ok());
    let refusal: Refusal = entity.check_currency("price", currency("USD")).unwrap_err();
    assert_eq!(refusal.sentence, "Harbour Berlin GmbH bills in EUR, not in USD.");
    assert_eq!(Money::new(1, entity.fact.currency), eur(1));
}

fn entity() -> NewLegalEntity {
    NewLegalEntity {
        name: "Harbour Hamburg GmbH".into(),
        street: "Kai 1".into(),
        postcode: "20457".into(),
        city: "Hamburg".into(),
        country: "de".into(),
        tax_id: String::new(),
        currency: "eur".into(),
        time_zone: "Europe/Berlin".into(),
        invoice_series: "ham".into(),
        payment_terms_days: 0,
    }
}

#[test]
fn a_legal_entity_says_all_its_faults_at_once() {
    let create = |new: NewLegalEntity| legal_entity::create(LegalEntityId(id(9)), &new, &chain());
    let created = create(entity()).unwrap();
    assert_eq!(
        (created.address.country.as_str(), created.invoice_series.as_str()),
        ("DE", "HAM")
    );
    when(create(NewLegalEntity::default())).then_faults(&[
        "name",
        "street",
        "city",
        "country",
        "currency",
        "time_zone",
        "invoice_series",
    ]);
    for (new, field) in [
        (
            NewLegalEntity {
                invoice_series: "ber".into(),
                ..entity()
            },
            "invoice_series",
        ),
        (
            NewLegalEntity {
                invoice_series: "B\u{e9}R".into(),
                ..entity()
            },
            "invoice_series",
        ),
        (
            NewLegalEntity {
                payment_terms_days: 91,
                ..entity()
            },
            "payment_terms_days",
        ),
        (
            NewLegalEntity {
                tax_id: "X".repeat(33),
                ..entity()
            },
            "tax_id",
        ),
        (
            NewLegalEntity {
                postcode: "1".repeat(17),
                ..entity()
            },
            "postcode",
        ),
        (
            NewLegalEntity {
                postcode: "1\n2".into(),
                ..entity()
            },
            "postcode",
        ),
        (
            NewLegalEntity {
                country: "\u{df}".into(),
                ..entity()
            },
            "country",
        ),
        (
            NewLegalEntity {
                currency: "XXX".into(),
                ..entity()
            },
            "currency",
        ),
    ] {
        when(create(new)).then_faults(&[field]);
    }
}

#[test]
fn a_location_belongs_to_an_entity_and_says_all_its_faults_at_once() {
    let open = |entity, new: &NewLocation| location::open(LocationId(id(9)), entity, new, &chain());
    when(open(LegalEntityId(id(9)), &NewLocation::default())).then_refused("unknown_legal_entity");
    when(open(BERLIN, &NewLocation::default())).then_faults(&[
        "name",
        "street",
        "city",
        "country",
        "time_zone",
        "opening_hours",
    ]);
}

#[test]
fn a_resource_says_all_its_faults_at_once() {
    let all = chain();
    let add = |new: NewResource| resource::add(ResourceId(id(9)), ROOM_TYPE, MITTE, &new, &all);
    let room = || NewResource {
        name: "Room Havel".into(),
        ..NewResource::default()
    };
    assert!(add(room()).is_ok());
    when(add(NewResource {
        capacity: 0,
        buffer_before_minutes: -1,
        buffer_after_minutes: 241,
        step_minutes: 7,
        min_minutes: 60,
        max_minutes: 30,
        ..NewResource::default()
    }))
    .then_faults(&[
        "name",
        "capacity",
        "buffer_before_minutes",
        "buffer_after_minutes",
        "step_minutes",
        "min_minutes",
    ]);
    when(add(NewResource {
        max_minutes: 1_441,
        ..room()
    }))
    .then_faults(&["max_minutes"]);
    when(add(NewResource {
        name: all.resource(ROOM).unwrap().name.clone(),
        ..room()
    }))
    .then_faults(&["name"]);
    when(resource::create_type(
        ResourceTypeId(id(9)),
        " Meeting room ",
        "standard",
        &all,
    ))
    .then_faults(&["name"]);
}

#[test]
fn an_organization_has_a_name_and_a_host_label() {
    let create = |name: &str, slug: &str| organization::create(OrganizationId(id(1)), name, slug, true);
    let created = create(" Harbour Works ", "Harbour-Works").unwrap();
    assert_eq!(
        (created.name.as_str(), created.slug.as_str(), created.sandbox),
        ("Harbour Works", "harbour-works", true)
    );
    when(create("", "-x")).then_faults(&["name", "slug"]);
    when(create(&"x".repeat(121), "a")).then_faults(&["name", "slug"]);
    // The Kelvin sign must not turn into the host of someone whose name has a k.
    when(create("Kai", "\u{212a}ai")).then_faults(&["slug"]);
}
