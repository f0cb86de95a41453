//! Runs that are carried on: what is read ahead of a step changes nothing of what the step does.

use super::{CUT_OFF, Month, february, walk::billed_more_than_once};
use coterie_app::{
    Operation, billing, charge,
    import::{self, Mode, People},
    invoice_run::{BATCH, CarryingOn, RunStep, page},
};
use coterie_domain::{
    ChargeId, InvoiceRunId, MemberId, Payer,
    billing::NewBillingDetails,
    invoice_run::{Phase, Standing},
};
use coterie_tests::{chain, guards::guards_agree};
use std::fmt::Write as _;
use uuid::Uuid;

fn moved_to(street: &str) -> NewBillingDetails {
    NewBillingDetails {
        street: street.to_owned(),
        postcode: "10115".to_owned(),
        city: "Berlin".to_owned(),
        country: "DE".to_owned(),
        ..NewBillingDetails::default()
    }
}

impl Month {
    fn carrying_on(&self, id: InvoiceRunId, limit: i64) -> CarryingOn {
        CarryingOn::of(&self.app, &self.chain.owner, id, limit)
    }

    /// What became of each draft, in the payers' order, with how many lines came and went and whether the buyer changed.
    async fn became(&self, id: InvoiceRunId) -> Vec<(&'static str, usize, usize, bool)> {
        let mut all = Vec::new();
        for draft in self.drafts(id).await {
            let detail = page::draft(&self.app, self.chain.tenant, id, draft.payer.id())
                .await
                .unwrap();
            all.push(match detail.standing {
                Standing::SetAside(difference) => (
                    draft.standing,
                    difference.came.len(),
                    difference.went.len(),
                    difference.buyer_changed,
                ),
                _ => (draft.standing, 0, 0, false),
            });
        }
        all
    }
}

/// A run of seven in steps of two, with something that happens to the payers of each step just before it.
async fn with_changes_between(read_ahead: bool) -> Vec<(&'static str, usize, usize, bool)> {
    let month = february(7).await;
    let owner = &month.chain.owner;
    let mistaken = chain::sell(&month.app, &month.chain, month.members[4], 5_000, CUT_OFF).await;
    let id = month.approved().await;
    let approved = month.drafts(id).await;
    month.decide(id, RunStep::Issue).await;
    let mut run = month.carrying_on(id, 2);
    for number in 0.. {
        match number {
            1 => {
                chain::sell(&month.app, &month.chain, month.members[2], 4_000, CUT_OFF).await;
                let payer = Payer::Member(month.members[3]);
                billing::set(&month.app, owner, payer, &moved_to("Speicherstrasse 12"))
                    .await
                    .unwrap();
            }
            2 => {
                charge::void(&month.app, owner, mistaken, "It was a mistake.")
                    .await
                    .unwrap();
                // The catalogue goes on, and nothing of it is on these drafts.
                chain::define_locker(&month.app, &month.chain).await;
            }
            _ => {}
        }
        let more = if read_ahead {
            let more = run.step().await.unwrap().outcome;
            assert_eq!(
                run.read_ahead().await,
                [2, 2, 1, 0][number],
                "read ahead of step {number}"
            );
            more
        } else {
            month.advance(id, 2).await
        };
        if !more {
            break;
        }
    }
    let gross: i64 = month.of_february().await.iter().map(|(_, gross)| gross).sum();
    let row = month.run(id).await;
    assert_eq!((row.phase, row.issued.gross_minor), (Phase::Completed, gross));
    for (payer, gross) in month.of_february().await {
        let draft = approved.iter().find(|draft| draft.payer == Payer::Member(payer));
        assert_eq!(draft.map(|draft| draft.gross_minor), Some(gross), "rule 8");
    }
    assert_eq!(billed_more_than_once(&month).await, []);
    guards_agree(&month.database.worker, month.chain.tenant).await;
    month.became(id).await
}

#[tokio::test]
async fn what_changes_after_it_was_read_ahead_is_seen_as_without_reading_ahead() {
    let issued = ("issued", 0, 0, false);
    let expected = [
        issued,
        issued,
        ("set_aside", 1, 0, false),
        ("set_aside", 0, 0, true),
        ("set_aside", 0, 1, false),
        issued,
        issued,
    ];
    assert_eq!(with_changes_between(false).await, expected);
    assert_eq!(with_changes_between(true).await, expected);
}

#[tokio::test]
async fn two_workers_carry_the_same_run_on_and_nobody_is_invoiced_twice() {
    let month = february(9).await;
    let id = month.approved().await;
    let approved = month.run(id).await.ready;
    month.decide(id, RunStep::Issue).await;
    let (mut one, mut other) = (month.carrying_on(id, 2), month.carrying_on(id, 2));
    loop {
        let (first, second) = tokio::join!(one.step(), other.step());
        if !first.unwrap().outcome && !second.unwrap().outcome {
            break;
        }
        // Both have the same payers before them, and one of them finds all of it done.
        one.read_ahead().await;
        other.read_ahead().await;
    }
    let run = month.run(id).await;
    assert_eq!((run.phase, run.issued), (Phase::Completed, approved));
    assert_eq!(month.of_february().await.len(), 9);
    assert_eq!(billed_more_than_once(&month).await, []);
    guards_agree(&month.database.worker, month.chain.tenant).await;
}

/// The pool has five connections. A step that has the last of them reads nothing ahead and waits for nobody.
#[tokio::test]
async fn without_a_connection_to_spare_nothing_is_read_ahead() {
    let month = february(5).await;
    let id = month.approved().await;
    month.decide(id, RunStep::Issue).await;
    let mut run = month.carrying_on(id, 2);
    let mut others = Vec::new();
    for _ in 0..4 {
        others.push(month.app.pool.acquire().await.unwrap());
    }
    assert!(run.step().await.unwrap().outcome);
    assert_eq!(run.read_ahead().await, 0);
    drop(others);
    assert!(run.step().await.unwrap().outcome);
    assert_eq!(run.read_ahead().await, 1);
    assert!(!run.step().await.unwrap().outcome);
    assert_eq!(month.of_february().await.len(), 5);
}

/// Members of a list, each with a charge.
async fn many(month: &Month, count: usize) -> Vec<(MemberId, ChargeId)> {
    let mut list = "external_id,name,email\n".to_owned();
    for number in 0..count {
        writeln!(list, "R-{number},Payer {number},payer{number}@example.com").unwrap();
    }
    let files = People {
        members: Some(&list),
        ..People::default()
    };
    let report = import::people(&month.app, &month.chain.owner, files, Mode::Apply)
        .await
        .unwrap();
    assert!(report.errors.is_empty(), "{:?}", report.errors);
    let mut op = Operation::open(&month.app, &month.chain.owner).await.unwrap();
    let ids: Vec<Uuid> = sqlx::query_scalar("select id from import_key where kind = 'member' and id <> $1 order by id")
        .bind(month.chain.ada.0)
        .fetch_all(op.conn())
        .await
        .unwrap();
    assert_eq!(ids.len(), count);
    let charges: Vec<_> = ids
        .iter()
        .map(|id| chain::a_sale(ChargeId(op.new_id()), &month.chain, MemberId(*id), 1_000, CUT_OFF))
        .collect();
    charge::make_all_in_op(&mut op, &charges).await.unwrap();
    op.commit(()).await.unwrap();
    charges
        .iter()
        .map(|charge| (charge.member_id, charge.charge_id))
        .collect()
}

/// A preview of more payers than its first step drafts, of whom some change, and a cancel, before the steps that were read ahead.
#[tokio::test]
async fn a_preview_that_was_read_ahead_has_what_is_owed_when_it_is_drafted() {
    let month = february(0).await;
    // Its first step drafts so many, and 220 are left.
    let first = usize::try_from(BATCH).unwrap();
    let all = many(&month, first + 220).await;
    let owner = &month.chain.owner;
    let id = month.open().await;
    assert_eq!(
        (month.run(id).await.phase, month.run(id).await.ready.count),
        (Phase::Drafting, BATCH)
    );
    let mut run = month.carrying_on(id, 60);
    assert!(run.step().await.unwrap().outcome);
    assert_eq!(run.read_ahead().await, 60);
    let ((_, gone), (more, _)) = (all[first + 70], all[first + 80]);
    charge::void(&month.app, owner, gone, "It was a mistake.")
        .await
        .unwrap();
    chain::sell(&month.app, &month.chain, more, 2_000, CUT_OFF).await;
    while run.step().await.unwrap().outcome {}
    let row = month.run(id).await;
    assert_eq!((row.phase, row.ready.count), (Phase::Drafted, BATCH + 219));
    assert_eq!(row.ready.net_minor, (BATCH + 219) * 1_000 + 2_000);
    month.decide(id, RunStep::Cancel).await;
    assert!(!run.step().await.unwrap().outcome);
    // Another, which is cancelled when its next step has been read.
    let id = month.open().await;
    let mut run = month.carrying_on(id, 60);
    assert!(run.step().await.unwrap().outcome);
    assert_eq!(run.read_ahead().await, 60);
    month.decide(id, RunStep::Cancel).await;
    assert!(!run.step().await.unwrap().outcome);
    assert_eq!(month.run(id).await.phase, Phase::Cancelled);
    // And one that goes out, by steps that find their drafts made.
    let id = month.open().await;
    let mut run = month.carrying_on(id, 250);
    while run.step().await.unwrap().outcome {}
    for step in [RunStep::Approve, RunStep::Issue] {
        month.decide(id, step).await;
    }
    let approved = month.run(id).await.ready;
    while run.step().await.unwrap().outcome {}
    let row = month.run(id).await;
    assert_eq!((row.phase, row.issued), (Phase::Completed, approved));
    assert_eq!(month.of_february().await.len(), first + 219);
    assert_eq!(billed_more_than_once(&month).await, []);
    guards_agree(&month.database.worker, month.chain.tenant).await;
}
