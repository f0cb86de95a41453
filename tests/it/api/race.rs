//! Two members ask for one slot at the same moment, and a thousand do.

use super::client::{Client, booking, set_up, subscribed};
use coterie_tests::stack;
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

const CLIENTS: usize = 1_000;
/// How often a client that is turned away asks again.
const MORE_TRIES: usize = 3;

#[tokio::test]
async fn of_two_who_ask_for_one_slot_at_once_one_gets_it() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let (ada, bea) = (
        subscribed(&api, &harbour, "Ada").await,
        subscribed(&api, &harbour, "Bea").await,
    );
    for hour in [8, 10, 12, 14, 16] {
        let wishes = [
            booking(&ada, &harbour.elbe, hour, hour + 1),
            booking(&bea, &harbour.elbe, hour, hour + 1),
        ];
        let (one, other) = tokio::join!(
            api.post("/v1/bookings", &wishes[0]),
            api.post("/v1/bookings", &wishes[1])
        );
        let mut answers = [one, other];
        answers.sort_by_key(|answer| answer.status);
        let [won, lost] = answers;
        won.expect(201);
        let lost: Value = lost.expect(409).json();
        assert_eq!(lost["code"], "slot_taken");
    }
    stack.shutdown().await;
}

/// Everybody is answered, one with the room and the others with when it is free: no timeout, no error of the house's own
/// but that it is busy. (That a release build turns nobody away is measured by `make bench PART=race`.)
async fn a_thousand_ask(rounds: usize) {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    for round in 0..rounds {
        let day =
            jiff::civil::date(2026, 2, 2).saturating_add(jiff::Span::new().days(i64::try_from(round).expect("few")));
        let wish = json!({ "member_id": ada, "resource_id": harbour.elbe,
            "starts_at": format!("{day}T10:00"), "ends_at": format!("{day}T11:00") });
        let asked = Instant::now();
        let turned_away = AtomicUsize::new(0);
        let all = (0..CLIENTS).map(|_| async {
            let began = Instant::now();
            let mut answer = api.post("/v1/bookings", &wish).await;
            // A machine that is busy with other tests may turn some away; they ask again, as they are told to.
            for _ in 0..MORE_TRIES {
                if answer.status.as_u16() != 503 {
                    break;
                }
                assert!(answer.header("retry-after").is_some(), "{}", answer.body);
                turned_away.fetch_add(1, Ordering::Relaxed);
                answer = api.post("/v1/bookings", &wish).await;
            }
            (answer, began.elapsed())
        });
        let mut answers = futures::future::join_all(all).await;
        let mut won = 0;
        for (answer, _) in &answers {
            match answer.status.as_u16() {
                201 => won += 1,
                409 => assert!(answer.body.contains("\"slot_taken\""), "{}", answer.body),
                other => panic!("round {round}: {other}: {}", answer.body),
            }
        }
        assert_eq!(won, 1, "round {round}");
        answers.sort_by_key(|(_, took)| *took);
        let at = |percent: usize| answers[(CLIENTS * percent / 100).min(CLIENTS - 1)].1;
        let (half, late): (Duration, Duration) = (at(50), at(99));
        println!(
            "round {round}: {CLIENTS} asked, {} times turned away, all answered after {:?}; p50 {half:?}, p99 {late:?}",
            turned_away.load(Ordering::Relaxed),
            asked.elapsed()
        );
    }
    let held: i64 = sqlx::query_scalar("select count(*) from reservation")
        .fetch_one(&stack.db.owner)
        .await
        .expect("counted");
    assert_eq!(usize::try_from(held), Ok(rounds));
    stack.shutdown().await;
}

#[tokio::test]
async fn of_a_thousand_who_ask_for_one_slot_one_gets_it() {
    a_thousand_ask(3).await;
}

#[tokio::test]
#[ignore = "takes minutes"]
async fn of_a_thousand_who_ask_for_one_slot_one_gets_it_each_of_many_times() {
    a_thousand_ask(100).await;
}

/// A hall and its two rooms, booked, moved and given up by many at once in whatever order: nobody hears of a deadlock.
#[tokio::test]
async fn rooms_that_hold_each_other_are_taken_in_one_order() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    let hall = json!({ "resource_type_id": harbour.room_type, "location_id": harbour.location, "name": "Hall" });
    let hall = api.made("/v1/resources", &hall).await["resource_id"].clone();
    let terms = json!({ "part_ids": [harbour.spree, harbour.elbe] });
    let path = format!("/v1/resources/{}/terms", hall.as_str().expect("an id"));
    api.post(&path, &terms).await.expect(200);
    let rooms = [&hall, &harbour.elbe, &harbour.spree];
    let all = (0..120_usize).map(|number| {
        let (api, ada) = (&api, &ada);
        let (first, second) = (rooms[number % 3], rooms[(number / 3) % 3]);
        async move {
            let wish = |room: &Value, hour: usize| {
                json!({ "member_id": ada, "resource_id": room,
                    "starts_at": format!("2026-02-02T{hour:02}:00"), "ends_at": format!("2026-02-02T{:02}:00", hour + 1) })
            };
            let booked = api.post("/v1/bookings", &wish(first, 8 + number % 5)).await;
            let mut answers = vec![booked.status.as_u16()];
            if booked.status.as_u16() == 201 {
                let id: Value = booked.json();
                let path = format!("/v1/bookings/{}", id["booking_id"].as_str().expect("an id"));
                let moved = wish(second, 8 + (number + 2) % 5);
                let moved = json!({ "resource_id": second, "starts_at": moved["starts_at"], "ends_at": moved["ends_at"] });
                answers.push(api.post(&format!("{path}/move"), &moved).await.status.as_u16());
                if number % 2 == 0 {
                    answers.push(api.post(&format!("{path}/cancel"), &json!({})).await.status.as_u16());
                }
            }
            answers
        }
    });
    let answers: Vec<u16> = futures::future::join_all(all).await.into_iter().flatten().collect();
    assert!(
        answers.iter().all(|status| [200, 201, 409].contains(status)),
        "{answers:?}"
    );
    assert!(answers.contains(&200), "some were moved: {answers:?}");
    coterie_tests::guards::guards_agree(&stack.db.worker, api.chain.tenant).await;
    stack.shutdown().await;
}
