//! Fifty want the last three passes of a day.

use super::opened;
use coterie_app::{App, UseCaseError, pass};
use coterie_domain::{MemberId, PassId};
use coterie_tests::{
    Database,
    chain::{self, Chain},
    guards::guards_agree,
};
use futures::future::join_all;
use jiff::civil::{Date, date};

const CLIENTS: u32 = 50;
const LAST: usize = 3;

async fn crowd(app: &App, chain: &Chain) -> Vec<MemberId> {
    chain::sell_passes(app, chain, i32::try_from(LAST).unwrap()).await;
    let mut members = Vec::new();
    for number in 0..CLIENTS {
        members.push(chain::another_member(app, chain, number).await);
    }
    members
}

/// All of them ask at once: the passes of those who got one.
async fn race(app: &App, chain: &Chain, members: &[MemberId], day: Date) -> Vec<PassId> {
    let asking = members.iter().map(|member_id| {
        let (app, caller) = (app.clone(), chain.owner.clone());
        let wish = pass::BuyPass {
            member_id: *member_id,
            location_id: chain.location,
            day,
        };
        tokio::spawn(async move { pass::buy(&app, &caller, wish).await })
    });
    let mut won = Vec::new();
    for answer in join_all(asking).await {
        match answer.unwrap() {
            Ok(done) => won.push(done.outcome),
            Err(UseCaseError::Refused(refusal)) => {
                assert_eq!(refusal.code, "sold_out", "{refusal:?}");
                assert!(refusal.extra.contains_key("next_day"));
            }
            Err(other) => panic!("a clean answer: {other:?}"),
        }
    }
    won
}

async fn sold(database: &Database) -> i64 {
    sqlx::query_scalar("select count(*) from pass_guard")
        .fetch_one(&database.owner)
        .await
        .unwrap()
}

#[tokio::test]
async fn of_fifty_who_want_the_last_three_passes_three_get_one() {
    let (database, app, chain) = opened().await;
    let members = crowd(&app, &chain).await;
    let day = date(2026, 1, 22);
    let won = race(&app, &chain, &members, day).await;
    assert_eq!(won.len(), LAST);
    assert_eq!(sold(&database).await, 3);
    let of_day = pass::page::days(&app, chain.tenant, chain.location, Some(day), 1)
        .await
        .unwrap();
    assert_eq!((of_day[0].sold, of_day[0].left()), (3, 0));
    guards_agree(&database.worker, chain.tenant).await;
    // One place is given back, and one more of them gets it.
    pass::give_back(&app, &chain.owner, won[0]).await.unwrap();
    let ahead: Vec<_> = members[40..].to_vec();
    assert_eq!(race(&app, &chain, &ahead, day).await.len(), 1);
    guards_agree(&database.worker, chain.tenant).await;
}

/// It is the row of the day that holds: without it, looking first lets more of them through.
#[tokio::test]
async fn control_without_the_row_of_the_day_more_get_one() {
    let (database, app, chain) = opened().await;
    let members = crowd(&app, &chain).await;
    sqlx::raw_sql("alter table pass_day drop constraint pass_day_pkey")
        .execute(&database.owner)
        .await
        .unwrap();
    // On a busy machine they may come one after another: then they try for another day.
    let (mut won, mut rounds) = (0, 0);
    while won <= LAST * rounds && rounds < 20 {
        rounds += 1;
        let day = date(2026, 2, i8::try_from(rounds).unwrap());
        won += race(&app, &chain, &members, day).await.len();
    }
    assert!(won > LAST * rounds, "{won} in {rounds} rounds");
}

#[tokio::test]
async fn one_member_at_one_moment_gets_one_pass_of_a_day() {
    let (database, app, chain) = opened().await;
    crowd(&app, &chain).await;
    chain::subscribe(&app, &chain).await;
    let asking = (0..8).map(|_| {
        let (app, caller) = (app.clone(), chain.as_ada());
        let wish = pass::BuyPass {
            member_id: chain.ada,
            location_id: chain.location,
            day: date(2026, 1, 22),
        };
        tokio::spawn(async move { pass::buy(&app, &caller, wish).await })
    });
    let mut won = 0;
    for answer in join_all(asking).await {
        match answer.unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert_eq!(error.code(), Some("already_bought"), "{error:?}"),
        }
    }
    assert_eq!((won, sold(&database).await), (1, 1));
    guards_agree(&database.worker, chain.tenant).await;
}
