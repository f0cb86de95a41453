//! Rebuilding beside what serves, and comparing what serves with the log.

use coterie_app::{booking, projections};
use coterie_eventlog::{
    Comparison, Ended, Follower, RebuildError, RebuildState, cancel, compare, follow_once, rebuild, rebuilds,
    request_cancel,
};
use coterie_tests::chain;
use sqlx::AssertSqlSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::rebuild::{rich, run, snapshot};
use super::{January, first_page, january, poison};

fn model(name: &str) -> Arc<dyn Follower> {
    let mut all = projections::all(&chain::keys()).into_iter();
    all.find(|follower| follower.name() == name)
        .expect("there is such a model")
}

async fn rebuilt(here: &January, name: &str) -> Result<Ended, RebuildError> {
    let (owner, worker) = (&here.database.owner, &here.database.worker);
    let follower = model(name);
    rebuild(owner, worker, follower.as_ref(), projections::tables(name), &|_| {}).await
}

async fn compared(here: &January, name: &str) -> Comparison {
    let (owner, worker) = (&here.database.owner, &here.database.worker);
    let follower = model(name);
    compare(owner, worker, follower.as_ref(), projections::tables(name), 5)
        .await
        .expect("it can be compared")
}

/// Schemas and checkpoints that a rebuild or a comparison uses while it runs.
async fn left_behind(here: &January) -> Vec<String> {
    sqlx::query_scalar(
        "select nspname::text from pg_namespace where nspname ~ '^(rebuild|compare)_'
         union all select projection from checkpoint where projection like '%@%'",
    )
    .fetch_all(&here.database.owner)
    .await
    .expect("the catalogue can be read")
}

#[tokio::test]
async fn a_rebuild_loses_and_doubles_nothing_while_everything_goes_on() {
    let here = rich().await;
    here.follow().await;
    let before = snapshot(&here.database.owner).await;
    // Plans of the old tables are in the caches of these connections.
    let list = || async {
        booking::page::list(
            &here.app,
            here.chain.tenant,
            booking::page::BookingFilter::default(),
            &first_page(),
        )
        .await
        .expect("the list can be read")
        .items
        .len()
    };
    let bookings = list().await;
    let done = AtomicBool::new(false);
    let going_on = || !done.load(Ordering::Relaxed);
    let live = async {
        while going_on() {
            for follower in projections::all(&chain::keys()) {
                follow_once(&here.database.worker, follower.as_ref(), 2)
                    .await
                    .expect("following goes on");
            }
        }
    };
    let writing = async {
        let mut booked = 0;
        for day in [2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 16, 17, 18, 19, 20] {
            let (from, to) = (format!("2026-02-{day:02}T10:00"), format!("2026-02-{day:02}T11:00"));
            chain::book(&here.app, &here.chain, here.chain.elbe, &from, &to).await;
            booked += 1;
        }
        booked
    };
    let reading = async {
        while going_on() {
            list().await;
        }
    };
    let rebuilding = async {
        for _ in 0..2 {
            for name in projections::ALL {
                let ended = rebuilt(&here, name).await.expect("it is rebuilt");
                assert!(matches!(ended, Ended::Swapped(_)), "{ended:?}");
            }
        }
    };
    let working = async {
        let ((), booked) = tokio::join!(rebuilding, writing);
        done.store(true, Ordering::Relaxed);
        booked
    };
    let (booked, (), ()) = tokio::join!(working, live, reading);
    here.follow().await;
    assert_eq!(list().await, bookings + booked);
    for name in projections::ALL {
        let found = compared(&here, name).await;
        assert_eq!(found.differences, vec![], "{name}");
        assert!(found.rows > 0 && found.tenants > 0, "{name} has rows to compare");
    }
    assert!(snapshot(&here.database.owner).await.len() > before.len());
    assert_eq!(left_behind(&here).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_changed_row_is_named_and_a_rebuild_repairs_it() {
    let here = rich().await;
    here.follow().await;
    let owner = &here.database.owner;
    let right = snapshot(owner).await;
    let forged = "update booking_view set state = 'cancelled' where booking_id = $1";
    sqlx::query(forged)
        .bind(here.two_hours.0)
        .execute(owner)
        .await
        .expect("a superuser may");
    run(owner, "delete from posting_view where line = 1".to_owned()).await;

    let found = compared(&here, projections::BOOKINGS).await.differences;
    let [(tenant, changed)] = found.as_slice() else {
        panic!("one column of one row: {found:?}")
    };
    assert_eq!((*tenant, changed.table.as_str()), (here.chain.tenant, "booking_view"));
    assert!(changed.key.contains(&here.two_hours.to_string()), "{changed:?}");
    assert_eq!(
        (
            changed.column.as_deref(),
            changed.live.as_deref(),
            changed.shadow.as_deref()
        ),
        (Some("state"), Some("\"cancelled\""), Some("\"confirmed\""))
    );
    let missing = compared(&here, projections::JOURNAL).await.differences;
    assert!(!missing.is_empty());
    assert!(
        missing
            .iter()
            .all(|(_, difference)| difference.live.is_none() && difference.column.is_none())
    );
    assert_eq!(compared(&here, projections::PEOPLE).await.differences, vec![]);

    for name in [projections::BOOKINGS, projections::JOURNAL] {
        rebuilt(&here, name).await.expect("it is rebuilt");
        assert_eq!(compared(&here, name).await.differences, vec![]);
    }
    assert_eq!(snapshot(owner).await, right);
}

#[tokio::test]
async fn a_rebuild_that_was_killed_goes_on_and_one_that_is_not_wanted_leaves_nothing() {
    let here = rich().await;
    here.follow().await;
    let (owner, worker) = (&here.database.owner, &here.database.worker);
    let name = projections::MONEY;
    let tables = projections::tables(name);
    let right = snapshot(owner).await;
    let follower = model(name);
    {
        // Dropped at its first word, as a process that is killed.
        let told = tokio::sync::Notify::new();
        let tell = |_| told.notify_one();
        tokio::select! {
            ended = rebuild(owner, worker, follower.as_ref(), tables, &tell) => panic!("it was faster: {ended:?}"),
            () = told.notified() => {}
        }
    }
    assert!(!left_behind(&here).await.is_empty());
    let known = rebuilds(worker).await.expect("known");
    assert_eq!(known[0].state, RebuildState::Filling);
    let again = async {
        // The server may need a moment to notice that the other one is gone.
        loop {
            match rebuilt(&here, name).await {
                Err(RebuildError::Busy(_)) => tokio::task::yield_now().await,
                ended => return ended,
            }
        }
    };
    assert!(matches!(again.await.expect("it goes on"), Ended::Swapped(_)));
    assert_eq!(snapshot(owner).await, right);
    assert_eq!(left_behind(&here).await, Vec::<String>::new());
    assert_eq!(rebuilds(worker).await.expect("known")[0].state, RebuildState::Done);

    // Nothing is under way, so there is nothing to cancel.
    assert!(!cancel(owner, worker, name, tables).await.expect("no error"));
    // The page asks, and the process that fills notices.
    let asked = std::sync::Mutex::new(None);
    let tell = |_| {
        let pool = worker.clone();
        let mut asked = asked.lock().expect("no panic under the lock");
        if asked.is_none() {
            *asked = Some(tokio::spawn(async move { request_cancel(&pool, name).await }));
        }
    };
    // Whether it notices before it is through is a matter of microseconds here: both ends are clean.
    let ended = rebuild(owner, worker, follower.as_ref(), tables, &tell)
        .await
        .expect("an end");
    let asking = asked.lock().expect("no panic under the lock").take();
    asking.expect("it told").await.expect("no panic").expect("no error");
    let state = rebuilds(worker).await.expect("known")[0].state;
    match ended {
        Ended::Cancelled => assert_eq!(state, RebuildState::Cancelled),
        Ended::Swapped(_) => assert_eq!(state, RebuildState::Done),
    }
    assert_eq!(left_behind(&here).await, Vec::<String>::new());
    assert_eq!(snapshot(owner).await, right);
}

#[tokio::test]
async fn what_was_left_unfinished_is_cleaned_up_by_cancelling() {
    let here = rich().await;
    here.follow().await;
    let (owner, worker) = (&here.database.owner, &here.database.worker);
    let name = projections::PEOPLE;
    // An event that this build cannot read: live, it was skipped by an earlier build that could.
    let position = poison::scribble(&here, "member", "MemberSignedUp", r#"{"member_id":"not one"}"#).await;
    run(
        owner,
        format!("update checkpoint set position = {position} where projection = '{name}'"),
    )
    .await;
    let right = snapshot(owner).await;
    let refused = rebuilt(&here, name).await.expect_err("it cannot be folded");
    assert!(
        matches!(&refused, RebuildError::Poison { position: at, .. } if *at == position),
        "{refused:?}"
    );
    assert_eq!(snapshot(owner).await, right, "the live tables stay as they are");
    assert_eq!(rebuilds(worker).await.expect("known")[0].state, RebuildState::Failed);
    assert!(!left_behind(&here).await.is_empty(), "it is kept for the next try");
    assert!(
        cancel(owner, worker, name, projections::tables(name))
            .await
            .expect("cancelled")
    );
    assert_eq!(left_behind(&here).await, Vec::<String>::new());
}

#[tokio::test]
async fn reactions_are_not_rebuilt() {
    struct Sends;
    impl Follower for Sends {
        fn name(&self) -> &'static str {
            "sends"
        }
        fn start_at(&self) -> coterie_eventlog::StartAt {
            coterie_eventlog::StartAt::Head
        }
        fn handle<'a>(
            &'a self,
            _: &'a mut sqlx::PgConnection,
            _: uuid::Uuid,
            _: &'a [coterie_eventlog::RecordedEvent],
        ) -> coterie_eventlog::BoxFuture<'a, Result<(), coterie_eventlog::FollowError>> {
            Box::pin(async { panic!("nothing is sent again") })
        }
    }
    let here = january().await;
    let (owner, worker) = (&here.database.owner, &here.database.worker);
    let refused = rebuild(owner, worker, &Sends, &[], &|_| {}).await;
    assert!(matches!(refused, Err(RebuildError::Reaction(_))), "{refused:?}");
    // And rebuilding the read models makes no jobs, which are what sends.
    here.follow().await;
    let jobs = || async {
        let count: i64 = sqlx::query_scalar(AssertSqlSafe("select count(*) from apalis.jobs"))
            .fetch_one(owner)
            .await
            .expect("jobs can be counted");
        count
    };
    let before = jobs().await;
    for name in projections::ALL {
        rebuilt(&here, name).await.expect("it is rebuilt");
    }
    assert_eq!(jobs().await, before);
}
