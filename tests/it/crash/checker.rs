//! The negative controls: each thing that must not be is made to be, by somebody who steps around every guard, and the
//! checker finds it. The last one is no forgery: a commit that does not wait for the disk, and a PostgreSQL that dies.

use super::load::{Finished, Load};
use super::set_up::{Harbour, set_up};
use super::{alone, assert_sound};
use coterie_gateway::{ChargeCommand, Gateway};
use coterie_server::inbox::Mail;
use coterie_tests::invariants::{Acknowledged, Evidence};
use coterie_tests::processes::{ClusterOptions, House, HouseOptions, signal};
use sqlx::{AssertSqlSafe, Executor as _};
use std::collections::BTreeMap;

/// A house in which a little has happened and come to rest.
struct Story {
    house: House,
    harbour: Harbour,
    finished: Finished,
}

impl Story {
    async fn findings(&self, mail: &[Mail], acknowledged: &[Acknowledged]) -> Vec<String> {
        let evidence = Evidence {
            owner: &self.house.owner,
            sim: Some(&self.house.sim),
            mail: Some(mail),
            acknowledged,
            at_rest: true,
        };
        evidence.findings().await.expect("the database answers")
    }

    /// Carries out statements as one who is stopped by no trigger and no policy.
    async fn forge(&self, statements: &str) {
        let mut tx = self.house.owner.begin().await.expect("a transaction");
        tx.execute("set local session_replication_role = replica")
            .await
            .expect("a superuser");
        tx.execute(AssertSqlSafe(statements.to_owned()))
            .await
            .expect(statements);
        tx.commit().await.expect("a commit");
    }

    /// What the checker says between `forgery` and `mend`, which must include `wanted`.
    async fn caught(&self, forgery: &str, mend: &str, wanted: &str) {
        self.forge(forgery).await;
        let (mail, acknowledged) = (self.house.inbox.messages(), self.finished.acknowledged());
        let found = self.findings(&mail, &acknowledged).await;
        assert!(
            found.iter().any(|one| one.contains(wanted)),
            "{wanted:?} is not among {found:#?}"
        );
        self.forge(mend).await;
        assert_eq!(
            self.findings(&mail, &acknowledged).await,
            Vec::<String>::new(),
            "after mending: {wanted}"
        );
    }
}

#[tokio::test]
async fn the_checker_finds_what_it_looks_for() {
    let _alone = alone().await;
    let Some(house) = House::start("crash::checker", HouseOptions::default()).await else {
        return;
    };
    let harbour = set_up(&house, 2, 1).await;
    let mut load = Load::start(&house, &harbour);
    load.goes_on(8).await;
    let finished = load.finish().await;
    house.settle(harbour.tenant).await;
    assert_sound(&house, &finished.acknowledged(), true, "before anything is forged").await;
    let story = Story {
        house,
        harbour,
        finished,
    };
    events(&story).await;
    books(&story).await;
    letters(&story).await;
    // Last: what the gateway captured stays captured.
    charges(&story).await;
}

async fn events(story: &Story) {
    story
        .caught(
            "create table kept as select * from event where position = (select max(position) from event);
             delete from event where position = (select position from kept)",
            "insert into event select * from kept; drop table kept",
            "the chain of",
        )
        .await;
    // A head that was set back, as a lost commit leaves it: the chain verifies, and what was acknowledged is missing.
    let last = story
        .finished
        .answered
        .iter()
        .map(|one| one.acknowledged.position)
        .max()
        .unwrap_or_default();
    story
        .caught(
            &format!(
                "create table kept as select * from event where position >= {last};
                 create table kept_head as select * from event_head;
                 delete from event where position >= {last};
                 update event_head set position = {last} - 1, hash = (select hash from event where position = {last} - 1)"
            ),
            "insert into event select * from kept;
             update event_head h set position = k.position, hash = k.hash from kept_head k where k.tenant_id = h.tenant_id;
             drop table kept; drop table kept_head",
            &format!("the event {last} of the acknowledged command"),
        )
        .await;
    story
        .caught(
            "create table kept as select * from event where event_type = 'BookingConfirmed' order by position limit 1;
             update event e set payload = replace(e.payload::text, '2026-01-2', '2026-01-3')::json from kept k
             where e.tenant_id = k.tenant_id and e.position = k.position",
            "update event e set payload = k.payload from kept k where e.tenant_id = k.tenant_id and e.position = k.position;
             drop table kept",
            "the event was changed",
        )
        .await;
}

async fn books(story: &Story) {
    story
        .caught(
            "create table kept as select * from posting_view order by entry_id, line limit 1;
             delete from posting_view p using kept k where p.entry_id = k.entry_id and p.line = k.line",
            "insert into posting_view select * from kept; drop table kept",
            "does not balance",
        )
        .await;
    story
        .caught(
            "create table kept as select * from event where event_type = 'JournalEntryPosted' order by position limit 1;
             update event e set payload = jsonb_set(e.payload::jsonb, '{postings,0,amount_minor}', '1')::json from kept k
             where e.tenant_id = k.tenant_id and e.position = k.position",
            "update event e set payload = k.payload from kept k where e.tenant_id = k.tenant_id and e.position = k.position;
             drop table kept",
            "minor units are left",
        )
        .await;
    story
        .caught(
            "create table kept as select * from booking_view limit 1;
             delete from booking_view b using kept k where b.booking_id = k.booking_id",
            "insert into booking_view select * from kept; drop table kept",
            "bookings and the model shows",
        )
        .await;
}

async fn letters(story: &Story) {
    let (all, acknowledged) = (story.house.inbox.messages(), story.finished.acknowledged());
    let mut twice = all.clone();
    twice.extend(all.last().cloned());
    let found = story.findings(&twice, &acknowledged).await;
    assert!(found.iter().any(|one| one.ends_with("2 times")), "{found:#?}");
    let found = story.findings(&all[1..], &acknowledged).await;
    assert!(found.iter().any(|one| one.contains("never arrived")), "{found:#?}");
    story
        .caught(
            "create table kept as select * from mail_outbox where kind = 'receipt' limit 1;
             delete from mail_outbox m using kept k where m.mail_id = k.mail_id",
            "insert into mail_outbox select * from kept; drop table kept",
            "nobody was written to about the PaymentSettled",
        )
        .await;
}

/// The same invoice once more, under another key: what a retry with a new key would do.
async fn charges(story: &Story) {
    let (account, customer, method, amount, invoice): (String, String, String, i64, String) = sqlx::query_as(
        "select payload->>'account_id', payload->>'customer_id', payload->>'payment_method_id',
                (payload->'amount'->>'minor')::bigint, payload->>'invoice_id'
         from event where tenant_id = $1 and event_type = 'PaymentAttempted' order by position limit 1",
    )
    .bind(story.harbour.tenant)
    .fetch_one(&story.house.owner)
    .await
    .expect("an attempt");
    let command = ChargeCommand {
        amount_minor: amount,
        currency: "eur".to_owned(),
        customer,
        payment_method: method,
        metadata: BTreeMap::from([("invoice".to_owned(), invoice.clone())]),
    };
    let gateway = story.house.gateway();
    gateway
        .create_payment_intent(&account, "another-key", &command)
        .await
        .expect("charged again");
    let mail = story.house.inbox.messages();
    let found = story.findings(&mail, &story.finished.acknowledged()).await;
    let wanted = format!(
        "the gateway captured {} for {invoice}, whose total is {amount}",
        amount * 2
    );
    assert!(found.contains(&wanted), "{found:#?}");
    assert!(found.iter().any(|one| one.contains("intents")), "{found:#?}");
}

#[tokio::test]
async fn a_commit_that_does_not_wait_for_the_disk_is_found_out() {
    /// One kill is enough, unless somebody flushes the log for a reason of his own.
    const KILLS: u32 = 5;
    let _alone = alone().await;
    let careless = ["synchronous_commit=off", "wal_buffers=16MB"];
    let options = HouseOptions {
        cluster: ClusterOptions {
            settings: careless.map(str::to_owned).to_vec(),
            ..ClusterOptions::default()
        },
        ..HouseOptions::default()
    };
    let Some(mut house) = House::start("crash::checker", options).await else {
        return;
    };
    let harbour = set_up(&house, 2, 1).await;
    sqlx::query("checkpoint")
        .execute(&house.owner)
        .await
        .expect("a checkpoint");
    for _ in 0..KILLS {
        // The disk is slow: who writes the log behind everybody's back stands still.
        let writers: Vec<i32> = sqlx::query_scalar(
            "select pid from pg_stat_activity where backend_type in ('walwriter', 'background writer', 'checkpointer')",
        )
        .fetch_all(&house.owner)
        .await
        .expect("the database answers");
        signal(
            "STOP",
            &writers.iter().map(|pid| pid.unsigned_abs()).collect::<Vec<_>>(),
        );
        let mut load = Load::start(&house, &harbour);
        load.goes_on(8).await;
        house.cluster.kill();
        let acknowledged = load.acknowledged();
        // Its clients stop here: what they ask for again would be carried out anew.
        drop(load);
        house.cluster.serve().await;
        let evidence = Evidence {
            owner: &house.owner,
            sim: None,
            mail: None,
            acknowledged: &acknowledged,
            at_rest: false,
        };
        let found = evidence.findings().await.expect("the database answers");
        if found.iter().any(|one| one.contains("acknowledged")) {
            println!("found out: {}", found[0]);
            return;
        }
    }
    panic!("{KILLS} kills lost nothing that was acknowledged without waiting for the disk");
}
