//! Whoever runs the installation, at its own pages: signing in by the token, seeing the followers, letting one go on.

use coterie_tests::{Person, TestStack, stack_with};
use std::time::Duration;

const TOKEN: &str = "a token that only this test knows";

async fn signed_in(stack: &TestStack) -> Person {
    let person = stack.person();
    person.post("/sign-in", &[("token", TOKEN)]).await.expect(303);
    person
}

/// Asks until the page says so; the workers report every few seconds.
async fn page_saying(person: &Person, what: &str) -> String {
    let asking = async {
        loop {
            let page = person.get("/projections").await.expect(200).body;
            if page.contains(what) {
                return page;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let page = tokio::time::timeout(Duration::from_secs(20), asking).await;
    page.unwrap_or_else(|_| panic!("the page never says {what}"))
}

#[tokio::test]
async fn the_token_opens_the_page_of_the_followers_and_nothing_else_does() {
    let stack = stack_with(|config| TOKEN.clone_into(&mut config.platform_token)).await;
    let stranger = stack.person();
    let away = stranger.get("/projections").await.expect(303);
    assert_eq!(away.header("location"), Some("/sign-in?next=%2Fprojections"));
    let wrong = stranger
        .post("/sign-in", &[("token", "a token that nobody knows")])
        .await
        .expect(422);
    assert!(
        wrong.body.contains("This is not the token of this installation."),
        "{}",
        wrong.body
    );
    stranger.get("/projections").await.expect(303);
    stranger.set_cookie("platform", "AAAA");
    stranger.get("/projections").await.expect(303);

    let person = signed_in(&stack).await;
    let page = page_saying(&person, "At the head").await;
    for follower in ["people", "bookings", "money", "journal", "reactions"] {
        assert!(page.contains(follower), "{follower} is on the page: {page}");
    }
    // The part that asks for itself is a part.
    let part = person
        .request(reqwest::Method::GET, "/projections")
        .header("hx-request", "true");
    let part = person.send(part).await.expect(200).body;
    assert!(
        part.starts_with("<div id=\"projections-now\"") && !part.contains("<html"),
        "{part}"
    );
    // Not at a chain's host, whatever the cookie says.
    let at_chain = person.at(&stack.house.chain_url("harbour"));
    at_chain.get("/projections").await.expect(404);
    person.post("/sign-out", &[]).await.expect(303);
    person.get("/projections").await.expect(303);
    stack.shutdown().await;
}

#[tokio::test]
async fn a_parked_projection_is_shown_with_its_reason_and_goes_on_by_the_button() {
    let stack = stack_with(|config| TOKEN.clone_into(&mut config.platform_token)).await;
    let chain = stack
        .open_chain("harbour", "2026-01-20T09:00:00Z".parse().expect("an instant"))
        .await;
    stack.settle(chain.tenant).await;
    let park =
        "update checkpoint set parked_at = now(), parked_reason = 'it reads badly', parked_position = position + 1
                where projection = 'people' and tenant_id = $1";
    sqlx::query(park)
        .bind(chain.tenant)
        .execute(&stack.db.owner)
        .await
        .expect("a superuser may");
    let person = signed_in(&stack).await;
    let page = page_saying(&person, "it reads badly").await;
    assert!(page.contains("people of harbour is parked at event "), "{page}");
    let tenant = chain.tenant.to_string();
    let form = [("projection", "people"), ("tenant", tenant.as_str())];
    person.post("/projections/resume", &form).await.expect(303);
    let parked: i64 = sqlx::query_scalar("select count(*) from checkpoint where parked_at is not null")
        .fetch_one(&stack.db.owner)
        .await
        .expect("counted");
    assert_eq!(parked, 0);
    assert!(
        !person
            .get("/projections")
            .await
            .expect(200)
            .body
            .contains("it reads badly")
    );

    // A rebuild under way is shown, and the button asks it to stop.
    sqlx::query(
        "insert into installation.rebuild (projection, state, started_at, seen_at, total, done, per_second)
         values ('journal', 'filling', now(), now(), 1000, 250, 50)",
    )
    .execute(&stack.db.owner)
    .await
    .expect("a superuser may");
    let page = person.get("/projections").await.expect(200).body;
    assert!(
        page.contains("250 of 1000 events, 750 remaining, 50 per second, about 15 s left"),
        "{page}"
    );
    person
        .post("/projections/cancel", &[("projection", "journal")])
        .await
        .expect(303);
    let page = person.get("/projections").await.expect(200).body;
    assert!(page.contains("It stops within a second."), "{page}");
    let metrics = person.get("/metrics").await.expect(200).body;
    assert!(
        metrics.contains("coterie_projection_lag_events{projection=\"people\"}"),
        "{metrics}"
    );
    stack.shutdown().await;
}
