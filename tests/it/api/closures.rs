//! A location's hours, terms and closed days, changed while it is lived in.

use super::client::{Client, Harbour, set_up, subscribed};
use coterie_tests::{TestStack, stack};
use serde_json::{Value, json};

const HOLIDAYS: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Land//Holidays//DE\r\n\
    BEGIN:VEVENT\r\nUID:good-friday\r\nDTSTART;VALUE=DATE:20260403\r\nSUMMARY:Good Friday\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:new-year\r\nDTSTART;VALUE=DATE:20200101\r\nRRULE:FREQ=YEARLY;COUNT=8\r\nSUMMARY:New Year\r\nEND:VEVENT\r\n\
    END:VCALENDAR\r\n";

struct House {
    stack: TestStack,
    api: Client,
    harbour: Harbour,
    ada: Value,
    here: String,
}

async fn house() -> House {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    let here = format!("/v1/locations/{}", harbour.location.as_str().expect("an id"));
    House {
        stack,
        api,
        harbour,
        ada,
        here,
    }
}

impl House {
    fn wish(&self, day: &str) -> Value {
        json!({ "member_id": self.ada, "resource_id": self.harbour.elbe,
            "starts_at": format!("{day}T10:00"), "ends_at": format!("{day}T11:00") })
    }
}

#[tokio::test]
async fn a_closed_day_takes_no_booking_and_gives_back_the_ones_it_has() {
    let house = house().await;
    let (api, here) = (&house.api, &house.here);
    let booked = api.made("/v1/bookings", &house.wish("2026-01-21")).await;

    let closing = json!({ "first_day": "2026-01-21", "last_day": "2026-01-22", "reason": "Burst pipe" });
    let closed: Value = api.post(&format!("{here}/closures"), &closing).await.expect(201).json();
    assert_eq!(closed["bookings"], 1, "{closed}");
    let refused: Value = api
        .post("/v1/bookings", &house.wish("2026-01-22"))
        .await
        .expect(422)
        .json();
    assert_eq!(refused["code"], "location_closed");
    assert_eq!(
        refused["detail"],
        "Speicher is closed then: Burst pipe. It opens again on 23 January 2026."
    );
    let day: Value = api.get(&format!("{here}/days/2026-01-22")).await.expect(200).json();
    assert_eq!(
        (&day["opening"], &day["closed_because"]),
        (&Value::Null, &json!("Burst pipe"))
    );

    // Less than a day before the start, and still free: the house is to blame.
    let path = format!("/v1/bookings/{}/cancel", booked["booking_id"].as_str().expect("an id"));
    let cancelled: Value = api.post(&path, &json!({})).await.expect(200).json();
    assert_eq!(cancelled["cancellation"]["percent_due"], 0, "{cancelled}");

    let closure = closed["closures"][0]["closure_id"].as_str().expect("an id");
    api.post(&format!("{here}/closures/{closure}/lift"), &json!({}))
        .await
        .expect(200);
    api.post(&format!("{here}/closures/{closure}/lift"), &json!({}))
        .await
        .expect(409);
    api.made("/v1/bookings", &house.wish("2026-01-22")).await;
    house.stack.shutdown().await;
}

#[tokio::test]
async fn a_calendar_of_holidays_comes_in_once() {
    let house = house().await;
    let (api, here) = (&house.api, &house.here);
    let import = json!({ "calendar": HOLIDAYS });
    let path = format!("{here}/closures/import");
    let first: Value = api.post(&path, &import).await.expect(200).json();
    // 2020 to 2026 are over by the chain's clock: New Year of 2027 and Good Friday are not.
    let days: Vec<_> = first["closures"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["first_day"])
        .collect();
    assert_eq!(days, [&json!("2026-04-03"), &json!("2027-01-01")], "{first}");
    assert_eq!(first["passed_over"], 7);
    let again: Value = api.post(&path, &import).await.expect(200).json();
    assert_eq!((&again["closures"], &again["passed_over"]), (&json!([]), &json!(9)));
    let listed: Value = api.get(&format!("{here}/closures")).await.expect(200).json();
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(2), "{listed}");
    let refused: Value = api
        .post(&path, &json!({ "calendar": "Mondays" }))
        .await
        .expect(422)
        .json();
    assert_eq!(refused["errors"][0]["field"], "calendar", "{refused}");
    house.stack.shutdown().await;
}

#[tokio::test]
async fn hours_and_terms_change_from_now_on() {
    let house = house().await;
    let (api, here) = (&house.api, &house.here);
    let before = api.made("/v1/bookings", &house.wish("2026-01-23")).await;
    let steps = json!({ "cancellation": [
        { "at_least_minutes_before": 1440, "percent_due": 50 }, { "at_least_minutes_before": 43200, "percent_due": 0 } ] });
    let set: Value = api
        .post(&format!("{here}/cancellation"), &steps)
        .await
        .expect(200)
        .json();
    assert_eq!(set["cancellation"][0]["at_least_minutes_before"], 43200, "{set}");
    let backwards = json!({ "cancellation": [
        { "at_least_minutes_before": 60, "percent_due": 0 }, { "at_least_minutes_before": 1440, "percent_due": 50 } ] });
    let refused: Value = api
        .post(&format!("{here}/cancellation"), &backwards)
        .await
        .expect(422)
        .json();
    assert_eq!(refused["errors"][0]["field"], "cancellation", "{refused}");

    let after = api.made("/v1/bookings", &house.wish("2026-01-26")).await;
    for (booking, percent) in [(before, 0), (after, 50)] {
        let path = format!("/v1/bookings/{}/cancel", booking["booking_id"].as_str().expect("an id"));
        let cancelled: Value = api.post(&path, &json!({})).await.expect(200).json();
        assert_eq!(cancelled["cancellation"]["percent_due"], percent, "{cancelled}");
    }

    let hours = json!({ "opening_hours": "Mon-Fri 12:00-20:00" });
    api.post(&format!("{here}/opening_hours"), &hours).await.expect(200);
    let refused: Value = api
        .post("/v1/bookings", &house.wish("2026-01-27"))
        .await
        .expect(422)
        .json();
    assert_eq!(refused["code"], "outside_opening_hours");
    house.stack.shutdown().await;
}
