//! Following: late commits, poison, several workers, and where a follower starts.

use std::sync::Mutex;
use std::time::Duration;

use coterie_eventlog::{
    BoxFuture, FollowError, Follower, Progress, RecordedEvent, StartAt, append_in_op, checkpoint, follow_once,
    register, resume, set_tenant_in_op,
};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{an_append, commit, commit_one, until_somebody_waits, write};

/// Keeps what it was given, and fails where it is told to.
pub(super) struct Notebook {
    name: &'static str,
    start_at: StartAt,
    seen: Mutex<Vec<(Uuid, i64)>>,
    poison: Mutex<Option<(Uuid, i64)>>,
    failing: Mutex<Option<Uuid>>,
}

impl Notebook {
    pub(super) fn new(name: &'static str, start_at: StartAt) -> Self {
        let (seen, poison, failing) = (Mutex::new(Vec::new()), Mutex::new(None), Mutex::new(None));
        Self {
            name,
            start_at,
            seen,
            poison,
            failing,
        }
    }

    pub(super) fn seen_of(&self, tenant: Uuid) -> Vec<i64> {
        let seen = self.seen.lock().expect("no panic under the lock");
        seen.iter()
            .filter(|(of, _)| *of == tenant)
            .map(|(_, position)| *position)
            .collect()
    }

    pub(super) fn poison(&self, event: Option<(Uuid, i64)>) {
        *self.poison.lock().expect("no panic under the lock") = event;
    }

    fn fail_for(&self, tenant: Option<Uuid>) {
        *self.failing.lock().expect("no panic under the lock") = tenant;
    }
}

impl Follower for Notebook {
    fn name(&self) -> &'static str {
        self.name
    }

    fn start_at(&self) -> StartAt {
        self.start_at
    }

    fn handle<'a>(
        &'a self,
        conn: &'a mut PgConnection,
        tenant: Uuid,
        batch: &'a [RecordedEvent],
    ) -> BoxFuture<'a, Result<(), FollowError>> {
        Box::pin(async move {
            if *self.failing.lock().expect("no panic under the lock") == Some(tenant) {
                sqlx::query("select 1 / 0").execute(&mut *conn).await?;
            }
            let poison = *self.poison.lock().expect("no panic under the lock");
            for event in batch {
                if poison == Some((tenant, event.position)) {
                    return Err(FollowError::Poison {
                        position: event.position,
                        reason: "cannot read it".to_owned(),
                    });
                }
            }
            let committed: i64 =
                sqlx::query_scalar("select position from public.checkpoint where tenant_id = $1 and projection = $2")
                    .bind(tenant)
                    .bind(self.name)
                    .fetch_one(&mut *conn)
                    .await?;
            let mut seen = self.seen.lock().expect("no panic under the lock");
            // What was noted after the checkpoint was rolled back with the transaction that noted it.
            seen.retain(|(of, position)| *of != tenant || *position <= committed);
            seen.extend(batch.iter().map(|event| (event.tenant_id, event.position)));
            Ok(())
        })
    }
}

/// Follows until nothing is left, and adds up.
pub(super) async fn drain(pool: &PgPool, follower: &Notebook, batch: i64) -> Progress {
    let mut sum = Progress::default();
    loop {
        let round = follow_once(pool, follower, batch)
            .await
            .expect("the round goes through");
        sum.tenants += round.tenants;
        sum.events += round.events;
        sum.parked += round.parked;
        if round.events == 0 {
            return sum;
        }
    }
}

#[tokio::test]
async fn a_late_commit_is_never_skipped() {
    let db = coterie_tests::database().await;
    let (late, other) = (Uuid::new_v4(), Uuid::new_v4());
    let follower = Notebook::new("notebook", StartAt::Beginning);
    commit_one(&db.app, late).await;

    // Position 2 is appended and its commit held back, while another tenant commits and a second append of the same tenant comes.
    let mut held = db.app.begin().await.expect("a connection");
    set_tenant_in_op(&mut held, late).await.expect("the tenant can be set");
    append_in_op(&mut held, an_append(late, vec![write(Uuid::new_v4(), 0, 1)]))
        .await
        .expect("appended");
    commit_one(&db.app, other).await;
    let next = tokio::spawn({
        let pool = db.app.clone();
        async move { commit_one(&pool, late).await }
    });
    until_somebody_waits(&db.owner).await;

    drain(&db.worker, &follower, 100).await;
    assert_eq!(follower.seen_of(late), [1]);
    assert_eq!(follower.seen_of(other), [1]);
    assert!(!next.is_finished(), "the next append waits for the head");

    held.commit().await.expect("committed");
    assert_eq!(next.await.expect("no panic").first_position, 3);
    drain(&db.worker, &follower, 100).await;
    assert_eq!(follower.seen_of(late), [1, 2, 3]);
}

#[tokio::test]
async fn control_a_plain_sequence_does_skip_a_late_commit() {
    let db = coterie_tests::database().await;
    sqlx::raw_sql("create table naive (id bigint generated always as identity)")
        .execute(&db.owner)
        .await
        .expect("created");
    let insert = "insert into naive default values";
    let after = "select id from naive where id > $1 order by id";
    let mut held = db.owner.begin().await.expect("a connection");
    sqlx::query(insert).execute(&mut *held).await.expect("inserted");
    sqlx::query(insert).execute(&db.owner).await.expect("inserted");
    let seen: Vec<i64> = sqlx::query_scalar(after)
        .bind(0_i64)
        .fetch_all(&db.owner)
        .await
        .expect("readable");
    held.commit().await.expect("committed");
    let then: Vec<i64> = sqlx::query_scalar(after)
        .bind(seen[0])
        .fetch_all(&db.owner)
        .await
        .expect("readable");
    assert_eq!(
        (seen, then),
        (vec![2], Vec::new()),
        "1 is lost, and this test would notice"
    );
}

#[tokio::test]
async fn poison_parks_one_tenant_after_what_came_before_it_and_resume_goes_on() {
    let db = coterie_tests::database().await;
    let (sick, healthy) = (Uuid::new_v4(), Uuid::new_v4());
    for tenant in [sick, healthy] {
        commit(&db.app, an_append(tenant, vec![write(Uuid::new_v4(), 0, 5)]))
            .await
            .expect("appended");
    }
    let follower = Notebook::new("notebook", StartAt::Beginning);
    follower.poison(Some((sick, 4)));
    let progress = drain(&db.worker, &follower, 100).await;
    assert_eq!(
        progress,
        Progress {
            tenants: 2,
            events: 8,
            parked: 1,
            failed: 0
        }
    );
    assert_eq!(follower.seen_of(sick), [1, 2, 3]);
    assert_eq!(follower.seen_of(healthy), [1, 2, 3, 4, 5]);

    let mut tx = db.app.begin().await.expect("a connection");
    set_tenant_in_op(&mut tx, sick).await.expect("the tenant can be set");
    let parked = checkpoint(&mut tx, sick, "notebook")
        .await
        .expect("readable")
        .expect("there is one");
    assert_eq!(
        (parked.position, parked.parked),
        (3, Some((4, "cannot read it".to_owned())))
    );
    drop(tx);

    // Parked means parked, even when new events come and the cause is gone.
    follower.poison(None);
    commit_one(&db.app, sick).await;
    commit_one(&db.app, healthy).await;
    drain(&db.worker, &follower, 100).await;
    assert_eq!(follower.seen_of(sick), [1, 2, 3]);
    assert_eq!(follower.seen_of(healthy).len(), 6);

    assert!(resume(&db.worker, sick, "notebook").await.expect("resumed"));
    assert!(
        !resume(&db.worker, sick, "notebook").await.expect("no error"),
        "it is not parked any more"
    );
    drain(&db.worker, &follower, 100).await;
    assert_eq!(follower.seen_of(sick), [1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn a_database_error_costs_one_tenant_its_turn_and_nobody_else() {
    let db = coterie_tests::database().await;
    let (sick, healthy) = (Uuid::new_v4(), Uuid::new_v4());
    commit_one(&db.app, sick).await;
    commit_one(&db.app, healthy).await;
    let follower = Notebook::new("notebook", StartAt::Beginning);
    follower.fail_for(Some(sick));
    let progress = follow_once(&db.worker, &follower, 100)
        .await
        .expect("the round goes through");
    assert_eq!(
        progress,
        Progress {
            tenants: 1,
            events: 1,
            parked: 0,
            failed: 1
        }
    );
    follower.fail_for(None);
    drain(&db.worker, &follower, 100).await;
    assert_eq!((follower.seen_of(sick), follower.seen_of(healthy)), (vec![1], vec![1]));
}

#[tokio::test]
async fn several_workers_handle_each_event_once_and_in_order() {
    let db = coterie_tests::database().await;
    let tenants: Vec<Uuid> = (0..8).map(|_| Uuid::new_v4()).collect();
    for tenant in &tenants {
        commit(&db.app, an_append(*tenant, vec![write(Uuid::new_v4(), 0, 20)]))
            .await
            .expect("appended");
    }
    let follower = Notebook::new("notebook", StartAt::Beginning);
    // A worker that finds nothing may only have met the other's lock, so both go on until all is done.
    let work = || async {
        while follower.seen.lock().expect("no panic under the lock").len() < 160 {
            follow_once(&db.worker, &follower, 3)
                .await
                .expect("the round goes through");
        }
    };
    tokio::time::timeout(Duration::from_secs(60), async { tokio::join!(work(), work(), work()) })
        .await
        .expect("the workers get through");
    for tenant in tenants {
        assert_eq!(follower.seen_of(tenant), (1..=20).collect::<Vec<i64>>());
    }
}

#[tokio::test]
async fn a_reaction_starts_at_the_head_and_a_tenant_that_comes_later_at_its_beginning() {
    let db = coterie_tests::database().await;
    let (old, new) = (Uuid::new_v4(), Uuid::new_v4());
    commit(&db.app, an_append(old, vec![write(Uuid::new_v4(), 0, 3)]))
        .await
        .expect("appended");
    let reaction = Notebook::new("reaction", StartAt::Head);
    assert!(register(&db.worker, &reaction).await.expect("registered"));
    assert!(
        !register(&db.worker, &reaction).await.expect("no error"),
        "once is enough"
    );
    commit_one(&db.app, old).await;
    commit_one(&db.app, new).await;
    drain(&db.worker, &reaction, 100).await;
    assert_eq!((reaction.seen_of(old), reaction.seen_of(new)), (vec![4], vec![1]));

    // Control: a read model sees everything; and a reaction that nobody registered is registered by its first round.
    let model = Notebook::new("model", StartAt::Beginning);
    drain(&db.worker, &model, 100).await;
    assert_eq!((model.seen_of(old), model.seen_of(new)), (vec![1, 2, 3, 4], vec![1]));
    let second = Notebook::new("second reaction", StartAt::Head);
    drain(&db.worker, &second, 100).await;
    commit_one(&db.app, new).await;
    drain(&db.worker, &second, 100).await;
    assert_eq!((second.seen_of(old), second.seen_of(new)), (vec![], vec![2]));
}
