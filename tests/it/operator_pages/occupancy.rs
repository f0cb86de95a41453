//! The week of hours: a table that is read without seeing its colours, and the same as a file.

use super::{add_room, form, owner_of_a_new_chain, set_up_entity_and_location, set_up_room_type, tenant_of};
use coterie_app::{booking, catalogue, member, membership, plan, resource, tax};
use coterie_domain::{MemberId, Money, plan::NewPlanVersion, resource::NewPriceRule};
use coterie_tests::{TestStack, stack};

/// Somebody books Elbe on Thursday, 22 January, from nine to half past eleven.
async fn booked(house: &TestStack) {
    let (app, tenant) = (house.app(), tenant_of(house).await);
    let owner = coterie_app::Caller::new(
        tenant,
        coterie_app::Actor::Staff {
            id: uuid::Uuid::nil().into(),
            role: coterie_domain::organization::Role::Owner,
        },
    );
    let known = catalogue::read(app, tenant).await.expect("a catalogue");
    let entity = *known.legal_entities.keys().next().expect("an entity");
    let place = *known.locations.keys().next().expect("a house");
    let kind = *known.resource_types.keys().next().expect("a type");
    let room = *known.resources.keys().next().expect("a room");
    let eur = |minor| Money::new(minor, "EUR".parse().expect("EUR is known"));
    let from = "2021-01-01".parse().expect("a date");
    tax::set_rate(app, &owner, "DE", "standard", 19.into(), from)
        .await
        .expect("a rate");
    resource::publish_price(app, &owner, NewPriceRule::by_the_hour(kind, eur(2000)))
        .await
        .expect("a price");
    let flex = NewPlanVersion {
        name: "Flex".to_owned(),
        legal_entity_id: entity,
        price: eur(30_000),
        tax_included: false,
        billing_day: 1,
        terms: coterie_domain::plan::PlanTerms::default(),
        tax_category: "standard".to_owned(),
        allowances: Vec::new(),
        locations: Vec::new(),
        access_hours: String::new(),
    };
    let flex = plan::publish(app, &owner, None, flex).await.expect("a plan").outcome;
    let ada = member::ImportMember {
        external_id: "1".to_owned(),
        name: "Ada".to_owned(),
        email: "ada@example.test".to_owned(),
        home_location_id: Some(place),
        password: None,
    };
    let ada: MemberId = member::import(app, &owner, ada).await.expect("a member").outcome;
    let subscribe = membership::Subscribe {
        member_id: ada,
        plan_version_id: flex.plan_version_id,
        location_id: place,
        agreed_gross_minor: None,
        without_card: true,
        coupon: None,
    };
    membership::subscribe(app, &owner, subscribe)
        .await
        .expect("a membership");
    let wish = booking::Book {
        member_id: ada,
        resource_id: room,
        start: "2026-01-22T09:00".parse().expect("a wall time"),
        end: "2026-01-22T11:30".parse().expect("a wall time"),
        people: None,
    };
    booking::book(app, &owner, wish).await.expect("it is free");
    house.settle(tenant).await;
}

#[tokio::test]
async fn a_month_is_shown_hour_by_hour_and_taken_away_as_a_file() {
    let house = stack().await;
    let olive = owner_of_a_new_chain(&house).await;
    set_up_entity_and_location(&olive).await;
    set_up_room_type(&olive).await;
    add_room(&olive, "Elbe", "8").await;
    booked(&house).await;

    // The last month that is over has no booking in it.
    let usual = olive.get("/operator/occupancy").await.expect(200);
    assert!(
        usual.body.contains("Mon 1 Dec 2025 to Wed 31 Dec 2025"),
        "{}",
        usual.body
    );
    let january = olive.get("/operator/occupancy?month=2026-01").await.expect(200);
    // Five Thursdays: an hour of five is booked at nine and ten, half of one at eleven.
    let thursday = "<th scope=\"row\">Thursday</th><td class=\"heat-0\">0&nbsp;%</td><td class=\"heat-2\">20&nbsp;%</td>\
        <td class=\"heat-2\">20&nbsp;%</td><td class=\"heat-1\">10&nbsp;%</td>";
    assert!(january.body.contains(thursday), "{}", january.body);
    assert!(
        january.body.contains("<span class=\"visually-hidden\">closed</span>"),
        "Sundays"
    );
    assert!(
        january
            .body
            .contains("<td>09:00</td><td class=\"number\">1 h</td><td class=\"number\">5 h</td>"),
        "{}",
        january.body
    );
    assert!(!january.body.contains("style="), "the page's policy allows none");

    let file = january
        .body
        .split('"')
        .find(|part| part.starts_with("/operator/occupancy.csv?"))
        .expect("a link to the file")
        .replace("&#38;", "&");
    let file = olive.get(&file).await.expect(200);
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(
        file.header("content-disposition"),
        Some("attachment; filename=\"occupancy-2026-01-01-2026-01-31.csv\"")
    );
    assert!(
        file.body
            .contains("\nHarbour House,Meeting room,Thursday,11:00,30,300,10\n"),
        "{}",
        file.body
    );

    let wrong = form(&olive, "/operator/occupancy", "Show")
        .await
        .fill("first_day", "2026-01-31")
        .fill("last_day", "2026-01-01")
        .press(&olive)
        .await
        .expect(422);
    assert!(
        wrong.body.contains("The last day must not be before the first."),
        "{}",
        wrong.body
    );
    let one = form(&olive, "/operator/occupancy", "Show")
        .await
        .fill("first_day", "2026-01-22")
        .fill("last_day", "2026-01-22")
        .choose("location_id", "Harbour House")
        .choose("resource_type_id", "Meeting room")
        .press(&olive)
        .await
        .expect(200);
    assert!(one.body.contains("2 h 30 min of 12 h"), "{}", one.body);
    house.shutdown().await;
}
