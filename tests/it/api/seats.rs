//! Prices for each of those who come, and for those of one company: whatever books by them counts the seats and names the rule.

use super::client::{Client, Harbour, booking, id, member, set_up, subscribed};
use coterie_tests::{guards::guards_agree, stack};
use serde_json::{Value, json};

fn eur(minor: i64) -> Value {
    json!({ "minor": minor, "currency": "EUR" })
}

/// EUR 5 an hour for each, on weekdays.
fn per_seat(harbour: &Harbour) -> Value {
    json!({ "resource_type_id": harbour.room_type, "location_id": harbour.location, "per_hour": eur(500),
        "per_seat": true, "conditions": { "weekdays": [1, 2, 3, 4, 5] } })
}

fn for_people(mut wish: Value, people: i32) -> Value {
    wish["people"] = json!(people);
    wish
}

/// The reasons of a booking or a quote.
fn why(priced: &Value) -> Vec<&str> {
    let because = priced["because"].as_array().expect("reasons");
    because.iter().filter_map(|step| step["text"].as_str()).collect()
}

/// Uses the five hours of a plan up, so that everything after is charged.
async fn use_the_allowance_up(api: &Client, member: &Value, resource: &Value) {
    api.made("/v1/bookings", &booking(member, resource, 7, 12)).await;
}

#[tokio::test]
async fn a_booking_is_charged_for_each_who_comes_and_says_so() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    use_the_allowance_up(&api, &ada, &harbour.spree).await;
    let rule = api.made("/v1/price_rules", &per_seat(&harbour)).await;
    assert_eq!(rule["per_seat"], true);

    let six = for_people(booking(&ada, &harbour.elbe, 10, 12), 6);
    let booked = api.made("/v1/bookings", &six).await;
    assert_eq!(
        (&booked["people"], &booked["charged"]),
        (&json!(6), &eur(6000)),
        "{booked}"
    );
    assert_eq!(why(&booked), ["2 h at 6 seats × EUR 5.00 an hour (Mon–Fri)"]);
    assert_eq!(booked["because"][0]["rule"], rule["price_rule_id"]);
    // Where nobody says how many come it is priced as for one.
    let one = api.made("/v1/bookings", &booking(&ada, &harbour.elbe, 13, 14)).await;
    assert_eq!((&one["people"], &one["charged"]), (&Value::Null, &eur(500)));

    // Moved, as many come as did; or more, or fewer, or no more than the other room holds.
    let path = format!("/v1/bookings/{}/move", id(&booked["booking_id"]));
    let quote = async |body: Value| -> Value { api.post(&format!("{path}/quote"), &body).await.expect(200).json() };
    let later = json!({ "starts_at": "2026-01-23T10:00", "ends_at": "2026-01-23T13:00" });
    assert_eq!(quote(later.clone()).await["after"], eur(9000));
    assert_eq!(quote(for_people(later.clone(), 2)).await["after"], eur(3000));
    let mut smaller = later.clone();
    smaller["resource_id"] = harbour.spree.clone();
    let refused: Value = api.post(&format!("{path}/quote"), &smaller).await.expect(422).json();
    assert_eq!(refused["errors"][0]["field"], "people", "{refused}");
    let moved: Value = api.post(&path, &for_people(smaller, 4)).await.expect(200).json();
    assert_eq!((&moved["people"], &moved["charged"]), (&json!(4), &eur(6000)));

    for people in [0, 9, -1] {
        let wish = for_people(booking(&ada, &harbour.elbe, 18, 19), people);
        let refused: Value = api.post("/v1/bookings", &wish).await.expect(422).json();
        assert_eq!(refused["errors"][0]["field"], "people", "{people}: {refused}");
        assert_eq!(refused["errors"][0]["message"], "Elbe is for 1 to 8 people.");
    }
    stack.settle(api.chain.tenant).await;
    let listed: Value = api
        .get("/v1/bookings?from=2026-01-23T00:00:00Z")
        .await
        .expect(200)
        .json();
    assert_eq!(listed["data"][0]["people"], 4, "{listed}");
    guards_agree(&stack.db.worker, api.chain.tenant).await;
    stack.shutdown().await;
}

#[tokio::test]
async fn series_holds_searches_and_those_who_wait_count_the_seats_too() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let (ada, bea) = (
        subscribed(&api, &harbour, "Ada").await,
        subscribed(&api, &harbour, "Bea").await,
    );
    for member in [&ada, &bea] {
        let resource = if member == &ada { &harbour.spree } else { &harbour.elbe };
        use_the_allowance_up(&api, member, resource).await;
    }
    api.made("/v1/price_rules", &per_seat(&harbour)).await;

    let mut series = for_people(booking(&ada, &harbour.elbe, 14, 15), 3);
    series["rule"] = json!("FREQ=DAILY;COUNT=2");
    let sum: Value = api.post("/v1/series/quote", &series).await.expect(200).json();
    assert_eq!(sum["charged"], eur(3000), "{sum}");
    let booked = api.made("/v1/series", &series).await;
    assert_eq!(booked["charged"], eur(3000));

    let mut hold = for_people(booking(&ada, &harbour.elbe, 16, 18), 5);
    hold["hold"] = json!(true);
    let kept = api.made("/v1/bookings", &hold).await;
    assert_eq!((&kept["state"], &kept["charged"]), (&json!("held"), &eur(5000)));
    let path = format!("/v1/bookings/{}/confirm", id(&kept["booking_id"]));
    let confirmed: Value = api
        .post(&path, &json!({ "agreed": eur(5000) }))
        .await
        .expect(200)
        .json();
    assert_eq!((&confirmed["people"], &confirmed["charged"]), (&json!(5), &eur(5000)));

    let path = format!(
        "/v1/free_slots?first_day=2026-01-22&minutes=60&capacity=6&member_id={}",
        id(&ada)
    );
    let found: Value = api.get(&path).await.expect(200).json();
    assert_eq!(found["items"][0]["price"], eur(3000), "{found}");

    // Bea waits for it with four; when Ada gives it up it is held for her at the price for four.
    api.made("/v1/waitlist", &for_people(booking(&bea, &harbour.elbe, 16, 18), 4))
        .await;
    let path = format!("/v1/bookings/{}/cancel", id(&confirmed["booking_id"]));
    api.post(&path, &json!({})).await.expect(200);
    let line: Value = api.get("/v1/waitlist").await.expect(200).json();
    let offered = format!("/v1/bookings/{}", id(&line["items"][0]["booking_id"]));
    let offered: Value = api.get(&offered).await.expect(200).json();
    assert_eq!((&offered["people"], &offered["charged"]), (&json!(4), &eur(4000)));
    stack.settle(api.chain.tenant).await;
    guards_agree(&stack.db.worker, api.chain.tenant).await;
    stack.shutdown().await;
}

#[tokio::test]
async fn a_companys_price_is_for_whom_it_pays_and_a_preview_counts_it_and_the_seats() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    let company = json!({ "name": "Tide Ltd", "billing_email": "bills@tide.test" });
    let company = api.made("/v1/companies", &company).await["company_id"].clone();
    let bea = member(&api, "Bea").await;
    let path = format!("/v1/companies/{}/members", id(&company));
    api.post(&path, &json!({ "member_id": bea })).await.expect(200);
    let new = json!({ "member_id": bea, "plan_version_id": harbour.plan_version, "location_id": harbour.location,
        "without_card": true });
    api.made("/v1/memberships", &new).await;

    let rule = json!({ "resource_type_id": harbour.room_type, "per_hour": eur(1200),
        "conditions": { "company_id": company, "booked_by": "member", "min_people": 2 } });
    let published = api.made("/v1/price_rules", &rule).await;
    assert_eq!(
        (
            &published["conditions"]["company_id"],
            &published["conditions"]["booked_by"],
            &published["conditions"]["min_people"]
        ),
        (&company, &json!("member"), &json!(2))
    );
    let (hers, others) = (
        for_people(booking(&bea, &harbour.elbe, 10, 16), 2),
        for_people(booking(&ada, &harbour.spree, 10, 16), 2),
    );
    let booked = api.made("/v1/bookings", &hers).await;
    assert_eq!((&booked["full_price"], &booked["charged"]), (&eur(7200), &eur(1200)));
    assert_eq!(
        why(&booked)[0],
        "6 h at EUR 12.00 an hour (the company's price, for members, 2 people or more)",
        "whoever reads it does not learn which company"
    );
    let booked = api.made("/v1/bookings", &others).await;
    assert_eq!(booked["charged"], eur(2000));

    let refused = async |conditions: Value| -> Value {
        let mut wrong = rule.clone();
        wrong["conditions"] = conditions;
        let refused: Value = api.post("/v1/price_rules", &wrong).await.expect(422).json();
        refused["errors"][0]["field"].clone()
    };
    let unknown = json!({ "company_id": ada });
    assert_eq!(
        refused(unknown).await,
        "conditions.company_id",
        "a member is no company"
    );
    let both = json!({ "company_id": company, "booked_by": "visitor" });
    assert_eq!(refused(both).await, "conditions.booked_by");
    assert_eq!(refused(json!({ "min_people": 0 })).await, "conditions.min_people");
    // Another chain's company is none here, to publish by or to try by.
    let elsewhere = Client::open(&stack, "beacon").await;
    let there = set_up(&elsewhere).await;
    let foreign =
        json!({ "resource_type_id": there.room_type, "per_hour": eur(1200), "conditions": { "company_id": company } });
    for path in ["/v1/price_rules", "/v1/price_rules/preview"] {
        let refused: Value = elsewhere.post(path, &foreign).await.expect(422).json();
        assert_eq!(refused["errors"][0]["field"], "conditions.company_id", "{refused}");
    }

    stack
        .advance(&api.chain, "2026-02-02T08:00:00Z".parse().expect("an instant"))
        .await;
    stack.settle(api.chain.tenant).await;
    let preview = async |rule: Value| -> Value {
        let preview: Value = api.post("/v1/price_rules/preview", &rule).await.expect(200).json();
        json!([
            preview["bookings"],
            preview["changed"],
            preview["before"]["minor"],
            preview["after"]["minor"]
        ])
    };
    // For the company alone, and by the seat: one hour of hers is charged, and two came.
    let mut dearer = rule.clone();
    dearer["per_hour"] = eur(700);
    dearer["per_seat"] = json!(true);
    assert_eq!(preview(dearer.clone()).await, json!([2, 1, 3200, 3400]));
    dearer["conditions"] = json!({ "booked_by": "visitor" });
    assert_eq!(
        preview(dearer).await,
        json!([2, 0, 3200, 3200]),
        "no visitor booked anything"
    );
    stack.shutdown().await;
}
