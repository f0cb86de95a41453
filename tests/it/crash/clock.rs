//! The machine's clock is set back by an hour: the organization's time does not go back, jobs and keys go on.

use super::load::{Load, assert_once_each};
use super::set_up::set_up;
use super::{alone, assert_sound};
use coterie_app::organization::{self, CreateOrganization};
use coterie_app::{Actor, Caller, member, member::ImportMember};
use coterie_domain::organization::Role;
use coterie_tests::processes::{House, HouseOptions};
use uuid::Uuid;

#[tokio::test]
async fn time_never_goes_back_when_the_clock_does() {
    let _alone = alone().await;
    let Some(mut house) = House::start("crash::clock", HouseOptions::default()).await else {
        return;
    };
    let harbour = set_up(&house, 2, 2).await;
    let mut load = Load::start(&house, &harbour);
    load.goes_on(6).await;
    let before = load.finish().await;
    // A live organization lives by wall time. Its last event was written an hour from now, before the clock was set back.
    let live = open_live(&house).await;
    sqlx::query("update event_head set occurred_at = occurred_at + interval '1 hour' where tenant_id = $1")
        .bind(live.tenant)
        .execute(&house.owner)
        .await
        .expect("a superuser");
    import(&house, &live, "after the clock was set back").await;
    house.set("COTERIE_TEST_CLOCK_OFFSET", "-3600");
    house.workers.clear();
    house.work();
    house.server = None;
    house.serve();
    house.ready().await;
    let mut load = Load::start(&house, &harbour);
    load.goes_on(9).await;
    let after = load.finish().await;
    house.settle(harbour.tenant).await;
    house
        .follow_up_to(live.tenant, super::head(&house, live.tenant).await)
        .await;
    let acknowledged = [before.acknowledged(), after.acknowledged()].concat();
    assert_sound(&house, &acknowledged, true, "after the clock was set back").await;
    let answered: Vec<_> = after
        .answered
        .into_iter()
        .filter(|one| {
            !before
                .answered
                .iter()
                .any(|known| known.acknowledged == one.acknowledged)
        })
        .collect();
    let all: Vec<_> = before.answered.into_iter().chain(answered).collect();
    assert_once_each(&house, &harbour, &all).await;
    assert_eq!(steps_back(&house, live.tenant, "occurred_at").await, 0);
    assert_eq!(steps_back(&house, harbour.tenant, "occurred_at").await, 0);
    // The machine's own time is written down as it was told: it did go back, which is what this test is about.
    assert!(
        steps_back(&house, harbour.tenant, "recorded_at").await > 0,
        "the clock was set back"
    );
}

async fn open_live(house: &House) -> Caller {
    let command = CreateOrganization {
        name: "Real".to_owned(),
        slug: "real".to_owned(),
        sandbox: false,
        clock_starts_at: None,
        host: "real.localhost".to_owned(),
        owner_name: "Rita Owner".to_owned(),
        owner_email: "owner@real.example".to_owned(),
        owner_password: "correct horse battery".to_owned(),
    };
    let opened = organization::create(&house.app, command)
        .await
        .expect("an organization opens")
        .outcome;
    let role = Role::Owner;
    Caller::new(
        opened.organization_id.0,
        Actor::Staff {
            id: opened.owner_id,
            role,
        },
    )
}

async fn import(house: &House, owner: &Caller, name: &str) {
    let new = ImportMember {
        external_id: name.to_owned(),
        name: name.to_owned(),
        email: format!("{}@example.test", name.replace(' ', "-")),
        home_location_id: None,
        password: None,
    };
    member::import(&house.app, owner, new)
        .await
        .expect("a member is imported");
}

/// How often a time is earlier than that of the event before.
async fn steps_back(house: &House, tenant: Uuid, column: &str) -> i64 {
    let query = format!(
        "select count(*) from (select {column} < lag({column}) over (order by position) as back
         from event where tenant_id = $1) as steps where back"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(query))
        .bind(tenant)
        .fetch_one(&house.owner)
        .await
        .expect("the database answers")
}
