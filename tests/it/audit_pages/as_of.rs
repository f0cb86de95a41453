//! How a thing stood at every point of its history, and what its last event changed.

use super::house::{CANCELLED_AT, hides, house, shows};
use coterie_app::log::history::{AsOf, history};
use coterie_domain::organization::Role;
use jiff::{SignedDuration, Timestamp};

#[tokio::test]
async fn a_booking_stood_as_it_stood() {
    let house = house().await;
    let auditor = house.colleague(Role::Finance).await;
    let booked = house.recorded(house.cancelled.0).await;
    let (confirmed, cancelled) = (booked[0].0, booked[1].0);
    let at = |query: String| format!("/log/streams/{}{query}", house.cancelled);

    let now = auditor.get(&at(String::new())).await.expect(200);
    shows(
        &now,
        &[
            "After event 2 of 2: Booking cancelled, 21 Jan 2026, 12:30:00 CET",
            "type=\"range\"",
            "<dt>State <span class=\"badge badge-info\">changed</span></dt><dd>cancelled <span class=\"was\">before: confirmed",
        ],
    );
    // Every point of the log between the two, by position, by the slider and by time, shows the booking as it was made.
    for moment in [
        format!("?as_of={confirmed}"),
        format!("?as_of={}", cancelled - 1),
        "?step=1".to_owned(),
        "?as_of=2026-01-20T10:00".to_owned(),
        "?as_of=2026-01-21+12:29:59".to_owned(),
        "?as_of=2026-01-20".to_owned(),
        "?as_of=2026-01-21T11:29:59Z".to_owned(),
    ] {
        let then = auditor.get(&at(moment)).await.expect(200);
        shows(
            &then,
            &[
                "After event 1 of 2: Booking confirmed",
                "<dt>State</dt><dd>confirmed</dd>",
            ],
        );
        hides(&then, &["badge-info", "version-2"]);
    }
    for moment in [
        format!("?as_of={cancelled}"),
        "?step=2".to_owned(),
        "?step=99".to_owned(),
        "?as_of=2026-01-21T12:30".to_owned(),
        "?as_of=2026-01-21".to_owned(),
    ] {
        shows(
            &auditor.get(&at(moment)).await.expect(200),
            &["After event 2 of 2", "version-2"],
        );
    }
    for moment in [
        format!("?as_of={}", confirmed - 1),
        "?as_of=2026-01-20T09:59".to_owned(),
    ] {
        let before = auditor.get(&at(moment)).await.expect(200);
        shows(&before, &["It did not exist yet.", "There was nothing yet."]);
        hides(&before, &["version-1"]);
    }
    for wrong in ["?as_of=yesterday", "?as_of=2026-02-30", "?step=two"] {
        auditor.get(&at(wrong.to_owned())).await.expect(422);
    }
    house.stack.shutdown().await;
}

#[tokio::test]
async fn an_invoice_was_open_before_it_was_paid() {
    let house = house().await;
    let (app, tenant) = (house.stack.app(), house.chain.tenant);
    let whole = history(app, tenant, house.invoice, AsOf::Now)
        .await
        .unwrap()
        .expect("a history");
    let types: Vec<&str> = whole.stops.iter().map(|stop| stop.event_type.as_str()).collect();
    assert_eq!(types[0], "InvoiceIssued");
    assert!(
        types.contains(&"JournalEntryPosted") && types.contains(&"PaymentAttempted"),
        "{types:?}"
    );

    // The state at every stop, in words: nothing is paid before a payment settles, and what is paid and open is the whole.
    let mut states = Vec::new();
    for (stop, step) in whole.stops.iter().zip(1..) {
        let by_position = history(app, tenant, house.invoice, AsOf::Position(stop.position))
            .await
            .unwrap()
            .expect("a history");
        assert_eq!(by_position.step, step);
        let state = by_position.state.expect("it was issued");
        let minor = |key: &str| state[key]["minor"].as_i64().expect("an amount");
        assert_eq!(minor("paid") + minor("open"), 13_819);
        let settled = types[..step].contains(&"PaymentSettled");
        assert_eq!(minor("open") == 0, settled, "{types:?} at {step}: {state}");
        states.push(state["state"].as_str().expect("a word").to_owned());
    }
    states.dedup();
    assert_eq!(states[0], "open");

    let auditor = house.colleague(Role::Finance).await;
    let page = auditor
        .get(&format!("/log/streams/{}", house.invoice))
        .await
        .expect(200);
    shows(
        &page,
        &[
            "BER-000001",
            "Journal entry posted",
            "Payment attempted",
            "EUR\u{a0}138.19",
        ],
    );
    house.stack.shutdown().await;
}

#[tokio::test]
async fn a_time_is_the_last_position_at_or_before_it() {
    let house = house().await;
    let tenant = house.chain.tenant;
    let times: Vec<(i64, jiff_sqlx::Timestamp)> =
        sqlx::query_as("select position, occurred_at from event where tenant_id = $1 order by position")
            .bind(tenant)
            .fetch_all(&house.stack.db.owner)
            .await
            .expect("the log can be read");
    let times: Vec<(i64, Timestamp)> = times.into_iter().map(|(at, time)| (at, time.to_jiff())).collect();
    let mut tx = house.stack.app().pool.begin().await.expect("a transaction");
    coterie_eventlog::set_tenant_in_op(&mut tx, tenant)
        .await
        .expect("a tenant");
    let moment: Timestamp = CANCELLED_AT.parse().expect("an instant");
    for asked in times
        .iter()
        .flat_map(|(_, time)| [-1, 0, 1].map(|microseconds| *time + SignedDuration::from_micros(microseconds)))
        .chain([moment, Timestamp::UNIX_EPOCH])
    {
        let found = coterie_eventlog::position_at(&mut tx, tenant, asked)
            .await
            .expect("a position");
        // The same by walking the whole log.
        let walked = times.iter().filter(|(_, time)| *time <= asked).map(|(at, _)| *at).max();
        assert_eq!(found, walked.unwrap_or(0), "{asked}");
    }
    drop(tx);
    house.stack.shutdown().await;
}
