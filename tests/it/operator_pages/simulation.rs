//! What if, at a browser: a draft is written from what is published, priced, taken away as a file, and explained.

use super::{Form, error_at};
use coterie_app::{Caller, booking};
use coterie_tests::{
    OpenedChain, Person, TestStack,
    chain::{self, Chain, OWNER_EMAIL, OWNER_PASSWORD},
    stack,
};

const HERE: &str = "/operator/simulation";

async fn book(
    house: &TestStack,
    caller: &Caller,
    chain: &Chain,
    member: coterie_domain::MemberId,
    from: &str,
    until: &str,
) {
    let wish = booking::Book {
        member_id: member,
        resource_id: chain.elbe,
        start: from.parse().expect("a wall time"),
        end: until.parse().expect("a wall time"),
        people: None,
    };
    booking::book(house.app(), caller, wish).await.expect("it is free");
}

/// Member 1 has Flex since 20 January and booked six hours, of which five are granted; it is 2 February.
async fn february() -> (TestStack, Person) {
    let house = stack().await;
    let chain = chain::open_chain(house.app(), "harbour").await;
    let member = chain::another_member(house.app(), &chain, 1).await;
    book(
        &house,
        &chain.owner,
        &chain,
        member,
        "2026-01-22T10:00",
        "2026-01-22T12:00",
    )
    .await;
    book(
        &house,
        &chain.owner,
        &chain,
        member,
        "2026-01-23T10:00",
        "2026-01-23T14:00",
    )
    .await;
    house.settle(chain.tenant).await;
    let opened = OpenedChain {
        tenant: chain.tenant,
        slug: "harbour".to_owned(),
        url: house.house.chain_url("harbour"),
        owner: chain.owner_id,
        owner_email: OWNER_EMAIL.to_owned(),
    };
    house
        .advance(&opened, "2026-02-02T08:00:00Z".parse().expect("an instant"))
        .await;
    let olive = super::sign_in(&house, OWNER_EMAIL, OWNER_PASSWORD).await;
    (house, olive)
}

/// The first link of a page that begins so.
fn link(body: &str, begins: &str) -> String {
    let found = body.split('"').find(|part| part.starts_with(begins));
    found
        .unwrap_or_else(|| panic!("no link to {begins} in {body}"))
        .replace("&#38;", "&")
}

#[tokio::test]
async fn a_draft_is_written_priced_and_explained() {
    let (house, olive) = february().await;
    let chooser = Form::with_button(&olive.get(HERE).await.expect(200), "Write a draft");
    assert_eq!(chooser.value("month"), Some("2026-01"), "the last month that is over");
    let page = chooser.choose("plan_id", "Flex").press(&olive).await.expect(200);
    let draft = Form::with_button(&page, "Price the month");
    assert_eq!(
        (draft.value("price"), draft.value("cycle")),
        (Some("300.00"), Some("month"))
    );

    // As it is published, it is what was charged.
    let same = draft.press(&olive).await.expect(200);
    assert!(same.body.contains("The draft says what is published"), "{}", same.body);
    assert!(same.body.contains("EUR\u{a0}136.13"), "{}", same.body);

    let dearer = Form::with_button(&page, "Price the month")
        .fill("price", "400")
        .fill("allowance_hours_1", "6")
        .press(&olive)
        .await
        .expect(200);
    // 154.84 for the days, and nothing for the sixth hour, instead of 136.13.
    assert!(
        dearer.body.contains("EUR 154.84 instead of EUR 136.13, net"),
        "{}",
        dearer.body
    );
    assert!(
        dearer.body.contains("Flex version 2 is tried on 1 memberships"),
        "{}",
        dearer.body
    );
    assert!(!dearer.body.contains("style="), "the page's policy allows none");
    let again = Form::with_button(&dearer, "Price the month");
    assert_eq!(again.value("price"), Some("400"), "the draft is there to be changed");

    let file = olive
        .get(&link(&dearer.body, "/operator/simulation.csv?"))
        .await
        .expect(200);
    assert_eq!(
        (file.header("content-type"), file.header("content-disposition")),
        (
            Some("text/csv; charset=utf-8"),
            Some("attachment; filename=\"what-if-2026-01.csv\"")
        )
    );
    assert!(
        file.body
            .contains(",Member 1,Flex,Speicher,EUR,136.13,136.13,154.84,18.71,2,0,yes,no\n"),
        "{}",
        file.body
    );

    let why = olive
        .get(&link(&dearer.body, "/operator/simulation/"))
        .await
        .expect(200);
    for text in [
        "Flex version 2 costs EUR 400.00 a month",
        "3 h from the allowance, 1 h charged",
        "4 h from the allowance, 0 h charged",
    ] {
        assert!(why.body.contains(text), "{text} in {}", why.body);
    }
    house.shutdown().await;
}

#[tokio::test]
async fn prices_are_tried_and_what_is_wrong_is_shown_at_its_field() {
    let (house, olive) = february().await;
    let page = olive.get(&format!("{HERE}?month=2026-01")).await.expect(200);
    let draft = || Form::with_button(&page, "Price the month");
    let doubled = draft()
        .choose("rule_1_what", "instead of Meeting room, EUR 20.00 an hour")
        .fill("rule_1_per_hour", "40.00")
        .press(&olive)
        .await
        .expect(200);
    assert!(
        doubled.body.contains("EUR 156.13 instead of EUR 136.13, net"),
        "{}",
        doubled.body
    );

    let wrong = draft()
        .fill("month", "2026-03")
        .choose("rule_1_what", "beside all others")
        .fill("rule_1_per_hour", "15")
        .choose("rule_1_resource_type_id", "Meeting room")
        .press(&olive)
        .await
        .expect(422);
    assert!(error_at(&wrong, "month").is_some(), "{}", wrong.body);
    let again = Form::with_button(&wrong, "Price the month");
    assert_eq!(
        (again.value("month"), again.value("rule_1_per_hour")),
        (Some("2026-03"), Some("15"))
    );
    let wrong = draft()
        .choose("rule_2_what", "beside all others")
        .fill("rule_2_per_hour", "dear")
        .press(&olive)
        .await
        .expect(422);
    assert!(error_at(&wrong, "rule_2_per_hour").is_some() && error_at(&wrong, "rule_2_resource_type_id").is_some());
    // A day cap below an hour is refused by the rule of publishing, at the row that it stands in.
    let wrong = draft()
        .choose("rule_3_what", "beside all others")
        .fill("rule_3_per_hour", "15")
        .fill("rule_3_day_cap", "5")
        .choose("rule_3_resource_type_id", "Meeting room")
        .press(&olive)
        .await
        .expect(422);
    assert!(error_at(&wrong, "rule_3_day_cap").is_some(), "{}", wrong.body);
    house.shutdown().await;
}
