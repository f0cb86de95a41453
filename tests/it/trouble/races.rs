//! Many at the same moment: one address, one key.

use coterie_app::{Actor, App, Caller, UseCaseError, booking, member, member::SignUp};
use coterie_tests::chain::{self, Chain};
use coterie_tests::{Database, database};
use futures::future::join_all;

async fn opened() -> (Database, App, Chain) {
    let database = database().await;
    let app = chain::app(database.app.clone());
    let chain = chain::open_chain(&app, "harbour").await;
    (database, app, chain)
}

/// Fifty people sign up with one address: how many got in, and how many were told that it is taken.
async fn fifty(app: &App, chain: &Chain, address: &str) -> (usize, usize) {
    let caller = Caller::new(chain.tenant, Actor::System("sign-up"));
    let signing = (0..50).map(|number| {
        let (app, caller) = (app.clone(), caller.clone());
        let command = SignUp {
            name: format!("Ada {number}"),
            email: address.to_owned(),
            password: "a long enough password".to_owned(),
            home_location_id: None,
        };
        tokio::spawn(async move { member::sign_up(&app, &caller, command).await })
    });
    let (mut joined, mut taken) = (0, 0);
    for answer in join_all(signing).await {
        match answer.unwrap() {
            Ok(_) => joined += 1,
            Err(error) if error.code() == Some("email_taken") => taken += 1,
            Err(other) => panic!("a clean answer: {other:?}"),
        }
    }
    (joined, taken)
}

async fn members(database: &Database, tenant: uuid::Uuid) -> i64 {
    sqlx::query_scalar("select count(*) from event where tenant_id = $1 and event_type = 'MemberSignedUp'")
        .bind(tenant)
        .fetch_one(&database.owner)
        .await
        .unwrap()
}

#[tokio::test]
async fn of_fifty_sign_ups_with_one_address_one_is_a_member() {
    let (database, app, chain) = opened().await;
    assert_eq!(fifty(&app, &chain, "ada.twin@example.test").await, (1, 49));
    assert_eq!(members(&database, chain.tenant).await, 1);
}

/// It is the guard that holds: looking first lets several through.
#[tokio::test]
async fn control_without_the_guard_more_than_one_gets_in() {
    let (database, app, chain) = opened().await;
    sqlx::raw_sql("alter table sign_in drop constraint sign_in_pkey")
        .execute(&database.owner)
        .await
        .unwrap();
    // On a busy machine the first may be through before the second looks: then fifty others try.
    let (mut joined, mut rounds) = (0, 0);
    while joined == rounds && rounds < 20 {
        rounds += 1;
        joined += fifty(&app, &chain, &format!("twin{rounds}@example.test")).await.0;
    }
    assert!(joined > rounds, "{joined} in {rounds} rounds");
    assert_eq!(members(&database, chain.tenant).await, i64::try_from(joined).unwrap());
}

fn wish(chain: &Chain, hour: u8) -> booking::Book {
    booking::Book {
        member_id: chain.ada,
        resource_id: chain.elbe,
        start: format!("2026-01-22T{hour:02}:00").parse().unwrap(),
        end: format!("2026-01-22T{:02}:00", hour + 1).parse().unwrap(),
        people: None,
    }
}

#[tokio::test]
async fn one_key_at_one_moment_is_one_command_and_another_request_under_it_is_refused() {
    let (database, app, chain) = opened().await;
    chain::subscribe(&app, &chain).await;
    let racing = (0..16).map(|number| {
        // Every second one misuses the key for another request.
        let (body, hour): (&[u8], u8) = if number % 2 == 0 { (b"ten", 10) } else { (b"noon", 12) };
        let (app, caller, command) = (app.clone(), chain.as_ada().with_key("key-1", body), wish(&chain, hour));
        tokio::spawn(async move { (hour, booking::book(&app, &caller, command).await) })
    });
    let (mut fresh, mut replayed, mut misused) = (Vec::new(), Vec::new(), Vec::new());
    for answer in join_all(racing).await {
        match answer.unwrap() {
            (hour, Ok(done)) if done.replayed => replayed.push((hour, done.outcome)),
            (hour, Ok(done)) => fresh.push((hour, done.outcome)),
            (hour, Err(UseCaseError::KeyReused)) => misused.push(hour),
            (_, Err(other)) => panic!("a clean answer: {other:?}"),
        }
    }
    let [won] = fresh[..] else {
        panic!("one command: {fresh:?}")
    };
    assert_eq!(replayed, vec![won; 7]);
    assert_eq!(misused.len(), 8);
    assert!(misused.iter().all(|hour| *hour != won.0));
    // Control: without a key every one is a command of its own, and the room says no.
    let racing = (0..8).map(|_| {
        let (app, caller, command) = (app.clone(), chain.as_ada(), wish(&chain, 15));
        tokio::spawn(async move { booking::book(&app, &caller, command).await })
    });
    let answers = join_all(racing).await;
    let won = answers.iter().filter(|answer| answer.as_ref().unwrap().is_ok()).count();
    let refused = answers.iter().filter(|answer| {
        let answer = answer.as_ref().unwrap();
        answer.as_ref().is_err_and(|error| error.code() == Some("slot_taken"))
    });
    assert_eq!((won, refused.count()), (1, 7));
    let held: i64 = sqlx::query_scalar("select count(*) from reservation")
        .fetch_one(&database.owner)
        .await
        .unwrap();
    assert_eq!(held, 2);
}
