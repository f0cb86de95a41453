//! From the pages of things to their histories, and along commands, requests, causes and effects.

use super::house::{hides, house, links_to, shows};
use coterie_domain::organization::Role;
use coterie_tests::chain;

#[tokio::test]
async fn who_what_when_and_from_which_command() {
    let house = house().await;
    let auditor = house.colleague(Role::Finance).await;
    let booked = house.recorded(house.cancelled.0).await;
    let [(confirmed, _, command, correlation), (cancelled, _, cancel_command, _)] = booked.as_slice() else {
        panic!("confirmed and cancelled: {booked:?}");
    };

    // One event: who, when in the house's zone and by the wall, in words, from which command.
    let page = auditor.get(&format!("/log/{confirmed}")).await.expect(200);
    shows(
        &page,
        &[
            "Booking confirmed",
            "Spree, 23 Jan 2026, 09:00–13:00 CET",
            "Ada Lovelace (member)",
            "20 Jan 2026, 10:00:00 CET (Europe/Berlin)",
            "wall time",
            "Hash of the log up to here",
        ],
    );
    links_to(&page, &format!("/log/commands/{command}?at={confirmed}"));
    links_to(&page, &format!("/log/correlations/{correlation}"));
    links_to(&page, &format!("/log/streams/{}?as_of={confirmed}", house.cancelled));
    links_to(&page, &format!("/log?actor=member%3A{}", house.chain.ada));

    // The command: everything that was written together, found with and without the hint where it stands.
    for address in [
        format!("/log/commands/{command}?at={confirmed}"),
        format!("/log/commands/{command}"),
        format!("/log/commands/{command}?at={cancelled}"),
    ] {
        let page = auditor.get(&address).await.expect(200);
        shows(
            &page,
            &[
                "Booking confirmed",
                "Credit used",
                "Charge made",
                "Journal entry posted",
            ],
        );
        hides(&page, &["Booking cancelled"]);
    }
    let page = auditor
        .get(&format!("/log/commands/{cancel_command}"))
        .await
        .expect(200);
    shows(&page, &["Booking cancelled", "Charge voided", "Credit restored"]);

    // The colleague herself was added by the owner, who is named with her role.
    let staff = auditor.get("/log?category=staff").await.expect(200);
    shows(
        &staff,
        &["Staff added: Fritz finance as finance", "Olga Owner (staff, owner)"],
    );
    house.stack.shutdown().await;
}

#[tokio::test]
async fn causes_and_effects_are_walked_in_both_directions() {
    let house = house().await;
    let auditor = house.colleague(Role::Finance).await;
    let issued = house.recorded(house.invoice).await[0].0;
    let page = auditor.get(&format!("/log/{issued}")).await.expect(200);
    shows(
        &page,
        &["Invoice issued", "BER-000001 over EUR\u{a0}138.19 to Ada Lovelace"],
    );
    // Either the invoice or the card that was saved for it led to the attempt; whichever it was, the attempt says so.
    let (attempt, cause, correlation): (i64, i64, uuid::Uuid) = sqlx::query_as(
        "select position, causation, correlation_id from event
         where tenant_id = $1 and event_type = 'PaymentAttempted' order by position limit 1",
    )
    .bind(house.chain.tenant)
    .fetch_one(&house.stack.db.owner)
    .await
    .expect("the attempt names its cause");
    let page = auditor.get(&format!("/log/{cause}")).await.expect(200);
    shows(&page, &["What it led to"]);
    links_to(&page, &format!("/log/{attempt}"));
    let page = auditor.get(&format!("/log/{attempt}")).await.expect(200);
    shows(
        &page,
        &["Payment attempted", "Coterie itself (worker)", "What caused it"],
    );
    links_to(&page, &format!("/log/{cause}"));
    // Everything of the request on one page, each effect named at its cause.
    let page = auditor
        .get(&format!("/log/correlations/{correlation}"))
        .await
        .expect(200);
    shows(&page, &["<dt>Led to</dt>", "Payment attempted"]);
    links_to(&page, &format!("/log/{attempt}"));
    house.stack.shutdown().await;
}

#[tokio::test]
async fn pages_of_things_lead_to_their_histories_for_those_who_may_read_them() {
    let house = house().await;
    let owner = house.owner().await;
    let operator = house.colleague(Role::Operator).await;
    let chain = &house.chain;
    let membership: uuid::Uuid = sqlx::query_scalar("select membership_id from membership_view where tenant_id = $1")
        .bind(chain.tenant)
        .fetch_one(&house.stack.db.owner)
        .await
        .expect("a membership");
    for (page, history) in [
        (
            format!("/operator/members/{}", chain.ada),
            format!("/log/members/{}", chain.ada),
        ),
        (
            format!("/operator/members/{}", chain.ada),
            format!("/log/streams/{membership}"),
        ),
        (
            format!("/operator/bookings/{}", house.kept),
            format!("/log/streams/{}", house.kept),
        ),
        (
            format!("/operator/plans/{}", chain.plan),
            format!("/log/streams/{}", chain.plan),
        ),
        (
            "/operator/locations".to_owned(),
            format!("/log/streams/{}", chain.location),
        ),
        (
            "/operator/legal-entities".to_owned(),
            format!("/log/streams/{}", chain.legal_entity),
        ),
        ("/operator/prices".to_owned(), format!("/log/streams/{}", chain.price)),
        ("/operator/resources".to_owned(), format!("/log/streams/{}", chain.elbe)),
        (
            "/operator/resource-types".to_owned(),
            format!("/log/streams/{}", chain.room_type),
        ),
    ] {
        let shown = owner.get(&page).await.expect(200);
        links_to(&shown, &history);
        owner.get(&history).await.expect(200);
        // Whoever may not read the log is not sent there, and would be refused.
        hides(&operator.get(&page).await.expect(200), &["/log/"]);
        operator.get(&history).await.expect(403);
    }
    for page in [
        format!("/finance/invoices/{}", house.invoice),
        "/finance/payments".to_owned(),
    ] {
        shows(&owner.get(&page).await.expect(200), &["/log/streams/"]);
    }
    // A member's own pages never lead there.
    let ada = house.signed_in("member", chain.ada.0).await;
    hides(
        &ada.get(&format!("/invoices/{}", house.invoice)).await.expect(200),
        &["/log"],
    );
    ada.get(&format!("/log/streams/{}", house.invoice)).await.expect(403);

    let everything = owner.get(&format!("/log/members/{}", chain.ada)).await.expect(200);
    shows(
        &everything,
        &[
            "Ada Lovelace",
            "BER-000001",
            "Flex",
            "Booking cancelled",
            "Payment",
            "Credit granted",
            "Member imported",
        ],
    );
    owner.get(&format!("/log/members/{}", house.kept)).await.expect(404);
    house.stack.shutdown().await;
}

#[tokio::test]
async fn the_log_is_filtered_by_noun_type_actor_and_time() {
    let house = house().await;
    let auditor = house.colleague(Role::Finance).await;
    let first = auditor.get("/log").await.expect(200);
    shows(&first, &["Staff added", "rel=\"next\""]);

    let bookings = auditor.get("/log?category=booking").await.expect(200);
    shows(&bookings, &["Booking cancelled", "Booking confirmed: Elbe"]);
    hides(&bookings, &["Charge made:"]);
    let cancelled = auditor.get("/log?type=BookingCancelled").await.expect(200);
    shows(&cancelled, &["Booking cancelled:"]);
    hides(&cancelled, &["Booking confirmed:", "rel=\"next\""]);
    let hers = auditor
        .get(&format!("/log?actor=member:{}&category=booking", house.chain.ada))
        .await
        .expect(200);
    shows(&hers, &["Booking confirmed: Elbe", "Ada Lovelace (member)"]);
    let nobodys = auditor.get("/log?actor=key").await.expect(200);
    shows(&nobodys, &["No event fits"]);
    // By time, in the zone that the field names: the cancellation came the day after.
    let later = auditor
        .get("/log?category=booking&from=2026-01-21T12:30")
        .await
        .expect(200);
    shows(&later, &["Booking cancelled", "Europe/Berlin"]);
    hides(&later, &["Booking confirmed:"]);
    let earlier = auditor
        .get("/log?category=booking&to=2026-01-21T12:29")
        .await
        .expect(200);
    shows(&earlier, &["Booking confirmed:"]);
    hides(&earlier, &["Booking cancelled:"]);
    for wrong in ["/log?from=yesterday", "/log?to=31", "/log?correlation=x"] {
        auditor.get(wrong).await.expect(422);
    }
    house.stack.shutdown().await;
}

#[tokio::test]
async fn another_chains_history_does_not_exist() {
    let house = house().await;
    let other = chain::open_chain(house.stack.app(), "tower").await;
    let theirs = chain::book_after_subscribing(house.stack.app(), &other).await;
    house.stack.settle(other.tenant).await;
    let (position, _, command, correlation): (i64, String, uuid::Uuid, uuid::Uuid) = sqlx::query_as(
        "select position, event_type, command_id, correlation_id from event
         where tenant_id = $1 and stream_id = $2 and version = 1",
    )
    .bind(other.tenant)
    .bind(theirs.0)
    .fetch_one(&house.stack.db.owner)
    .await
    .expect("their booking");
    let auditor = house.colleague(Role::Finance).await;
    for address in [
        format!("/log/streams/{theirs}"),
        format!("/log/streams/{theirs}?as_of={position}"),
        format!("/log/streams/{theirs}?as_of=2026-02-01T09:00"),
        format!("/log/commands/{command}"),
        format!("/log/commands/{command}?at={position}"),
        format!("/log/correlations/{correlation}"),
        format!("/log/members/{}", other.ada),
        "/log/1000000".to_owned(),
        "/log/0".to_owned(),
        "/log/no-position".to_owned(),
    ] {
        auditor.get(&address).await.expect(404);
    }
    // The control: the same ids are found by those whose they are.
    let tower = house.stack.person_at("tower");
    let token = coterie_app::session::open_session(house.stack.app(), other.tenant, "staff", other.owner_id.0)
        .await
        .expect("a session opens");
    tower.set_cookie("session", &token);
    for address in [
        format!("/log/streams/{theirs}"),
        format!("/log/commands/{command}"),
        format!("/log/members/{}", other.ada),
    ] {
        tower.get(&address).await.expect(200);
    }
    house.stack.shutdown().await;
}
