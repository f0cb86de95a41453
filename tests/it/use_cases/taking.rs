//! One time has one winner for two reasons: the row of its resource, which `take_time` locks, and the exclusion constraint behind
//! it. Each holds alone; without both, the test sees it.

use super::opened;
use coterie_app::{App, UseCaseError, booking};
use coterie_tests::{
    Database,
    chain::{self, Chain},
    unlocked::unlock,
};
use futures::future::join_all;
use jiff::civil::date;

const RACERS: usize = 12;

/// How many of those who ask at once for the same time have it. Each of the others is refused with a sentence.
async fn winners(app: &App, chain: &Chain, hour: i8) -> usize {
    let start = date(2026, 1, 22).at(hour, 0, 0, 0);
    let asking = (0..RACERS).map(|_| {
        let (app, caller) = (app.clone(), chain.as_ada());
        let command = booking::Book {
            member_id: chain.ada,
            resource_id: chain.elbe,
            start,
            end: date(2026, 1, 22).at(hour + 1, 0, 0, 0),
            people: None,
        };
        tokio::spawn(async move { booking::book(&app, &caller, command).await })
    });
    let mut won = 0;
    for answer in join_all(asking).await {
        match answer.unwrap() {
            Ok(_) => won += 1,
            Err(UseCaseError::Refused(refusal)) => assert_eq!(refusal.code, "slot_taken", "{refusal:?}"),
            Err(other) => panic!("a clean answer: {other:?}"),
        }
    }
    won
}

async fn without_the_constraint(database: &Database) {
    sqlx::query("alter table reservation drop constraint one_winner")
        .execute(&database.owner)
        .await
        .unwrap();
}

async fn without_the_row(database: &Database) {
    unlock(database, "resource_lock", "resource_id", "terms = new.terms").await;
}

#[tokio::test]
async fn the_resources_row_alone_leaves_one_winner() {
    let (database, app, chain) = opened().await;
    chain::subscribe(&app, &chain).await;
    without_the_constraint(&database).await;
    for hour in 8..14 {
        assert_eq!(winners(&app, &chain, hour).await, 1, "at {hour}");
    }
}

#[tokio::test]
async fn the_constraint_alone_leaves_one_winner() {
    let (database, app, chain) = opened().await;
    chain::subscribe(&app, &chain).await;
    without_the_row(&database).await;
    for hour in 8..14 {
        assert_eq!(winners(&app, &chain, hour).await, 1, "at {hour}");
    }
}

#[tokio::test]
async fn control_without_both_a_time_is_taken_twice() {
    let (database, app, chain) = opened().await;
    chain::subscribe(&app, &chain).await;
    without_the_constraint(&database).await;
    without_the_row(&database).await;
    // On a busy machine they may come one after another: then they try another hour.
    let mut most = 0;
    for hour in 8..18 {
        most = most.max(winners(&app, &chain, hour).await);
        if most > 1 {
            break;
        }
    }
    assert!(most > 1, "nobody was in anybody's way");
}
