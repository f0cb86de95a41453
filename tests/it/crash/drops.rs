//! Connections to PostgreSQL drop again and again, in the middle of whatever they do.

use super::load::{Load, assert_once_each};
use super::set_up::set_up;
use super::{Dice, alone, assert_sound};
use coterie_tests::processes::{House, HouseOptions};
use std::time::Duration;

const DROPS: usize = 20;

#[tokio::test]
async fn dropped_connections_lose_nothing() {
    let _alone = alone().await;
    let mut dice = Dice::new("crash::drops");
    let Some(house) = House::start("crash::drops", HouseOptions::default()).await else {
        return;
    };
    let harbour = set_up(&house, 3, 3).await;
    let mut load = Load::start(&house, &harbour);
    for _ in 0..DROPS {
        load.goes_on(1).await;
        tokio::time::sleep(Duration::from_millis(dice.below(40))).await;
        // Two in three of them, so that some work goes on meanwhile.
        sqlx::query(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename like 'coterie%' and pid % 3 <> $1",
        )
        .bind(i32::try_from(dice.below(3)).unwrap_or(0))
        .execute(&house.owner)
        .await
        .expect("the database answers");
    }
    load.goes_on(6).await;
    let finished = load.finish().await;
    house.settle(harbour.tenant).await;
    assert_sound(&house, &finished.acknowledged(), true, "after connections were dropped").await;
    assert_once_each(&house, &harbour, &finished.answered).await;
    println!(
        "turned away {} times, longest answer {:?}",
        finished.turned_away.len(),
        finished.longest
    );
}
