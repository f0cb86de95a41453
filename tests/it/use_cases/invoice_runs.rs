//! Invoice runs on a real database: what is previewed is what is issued, whatever dies or changes in between.

mod ahead;
mod walk;

use super::opened;
use coterie_app::{
    App, Operation, UseCaseError, charge,
    invoice_run::{
        self, BATCH, RunStep,
        page::{self, DraftRow, RunRow},
    },
    member,
    page::PageRequest,
};
use coterie_domain::{
    ChargeId, InvoiceRunId, MemberId, Payer,
    charge::{ChargeKind, SourceRef},
    invoice_run::{Phase, Standing, WaitsFor},
};
use coterie_tests::{
    Database,
    chain::{self, Chain},
    guards::guards_agree,
};
use jiff::civil::{Date, date};

const CUT_OFF: Date = date(2026, 2, 1);

struct Month {
    database: Database,
    app: App,
    chain: Chain,
    members: Vec<MemberId>,
}

/// The morning of 1 February in a chain whose recurring invoices wait for a run.
async fn february(members: u32) -> Month {
    let (database, app, chain) = opened().await;
    let mut all = Vec::new();
    for number in 0..members {
        all.push(chain::another_member(&app, &chain, number).await);
    }
    invoice_run::set_invoicing(&app, &chain.owner, chain.legal_entity, true)
        .await
        .unwrap();
    chain::live_until(&app, &database.worker, &chain, "2026-02-01T08:00:00Z".parse().unwrap()).await;
    all.sort();
    Month {
        database,
        app,
        chain,
        members: all,
    }
}

impl Month {
    async fn open(&self) -> InvoiceRunId {
        invoice_run::open(&self.app, &self.chain.owner, self.chain.legal_entity, CUT_OFF)
            .await
            .unwrap()
            .outcome
    }

    async fn decide(&self, id: InvoiceRunId, step: RunStep) {
        invoice_run::decide(&self.app, &self.chain.owner, id, step)
            .await
            .unwrap();
    }

    async fn approved(&self) -> InvoiceRunId {
        let id = self.open().await;
        self.decide(id, RunStep::Approve).await;
        id
    }

    /// As the job does it, with batches of so many payers.
    async fn advance(&self, id: InvoiceRunId, limit: i64) -> bool {
        invoice_run::advance(&self.app, &self.chain.owner, id, limit)
            .await
            .unwrap()
            .outcome
    }

    async fn issue(&self, id: InvoiceRunId) {
        self.decide(id, RunStep::Issue).await;
        while self.advance(id, BATCH).await {}
    }

    async fn run(&self, id: InvoiceRunId) -> RunRow {
        page::find(&self.app, self.chain.tenant, id).await.unwrap().unwrap()
    }

    async fn drafts(&self, id: InvoiceRunId) -> Vec<DraftRow> {
        let request = PageRequest {
            limit: Some(100),
            after: None,
        };
        page::drafts(&self.app, self.chain.tenant, id, None, &request)
            .await
            .unwrap()
            .items
    }

    /// Payer and gross of every invoice, in the order of their numbers, which have no gap.
    async fn invoices(&self) -> Vec<(MemberId, i64)> {
        let rows: Vec<(i64, uuid::Uuid, i64)> = sqlx::query_as(
            "select (payload->>'sequence')::bigint, (payload->'payer'->>'member')::uuid, (payload->>'gross_minor')::bigint
             from event where event_type = 'InvoiceIssued' order by 1",
        )
        .fetch_all(&self.database.owner)
        .await
        .unwrap();
        for (row, expected) in rows.iter().zip(1_i64..) {
            assert_eq!(row.0, expected, "a gap or a duplicate among the numbers");
        }
        rows.into_iter()
            .map(|(_, payer, gross)| (MemberId(payer), gross))
            .collect()
    }

    /// Those of February, each payer once.
    async fn of_february(&self) -> Vec<(MemberId, i64)> {
        let mut all = self.invoices().await.split_off(self.members.len());
        all.sort();
        let count = all.len();
        all.dedup_by_key(|(payer, _)| *payer);
        assert_eq!(all.len(), count, "somebody was invoiced twice");
        all
    }
}

#[tokio::test]
async fn recurring_invoices_of_a_legal_entity_with_runs_wait_for_one() {
    let month = february(3).await;
    assert_eq!(month.invoices().await.len(), 3, "the first days of each");
    let id = month.open().await;
    let run = month.run(id).await;
    assert_eq!(
        (run.phase, run.ready.count, run.ready.gross_minor),
        (Phase::Drafted, 3, 3 * 35_700)
    );
    month.decide(id, RunStep::Approve).await;
    let drafts = month.drafts(id).await;
    month.issue(id).await;
    let run = month.run(id).await;
    assert_eq!((run.phase, run.issued.count, run.ready.count), (Phase::Completed, 3, 0));
    // Rule 8: what is previewed is what is issued.
    let previewed: Vec<_> = drafts
        .iter()
        .map(|draft| (MemberId(draft.payer.id()), draft.gross_minor))
        .collect();
    assert_eq!(month.of_february().await, previewed);
    guards_agree(&month.database.worker, month.chain.tenant).await;
    // At once again: the next billing day issues by itself.
    invoice_run::set_invoicing(&month.app, &month.chain.owner, month.chain.legal_entity, false)
        .await
        .unwrap();
    let march = "2026-03-01T08:00:00Z".parse().unwrap();
    chain::live_until(&month.app, &month.database.worker, &month.chain, march).await;
    assert_eq!(month.invoices().await.len(), 9);
}

/// Whatever is decided and not committed when somebody dies leaves nothing; the next goes on where the log stands.
#[tokio::test]
async fn a_run_that_dies_between_batches_goes_on_without_a_duplicate_or_a_gap() {
    let month = february(7).await;
    let id = month.approved().await;
    month.decide(id, RunStep::Issue).await;
    assert!(month.advance(id, 2).await);
    let (dying, more) = invoice_run::step(&month.app, &month.chain.owner, id, 2).await.unwrap();
    assert!(more);
    drop(dying);
    let run = month.run(id).await;
    assert_eq!((run.phase, run.issued.count, run.ready.count), (Phase::Issuing, 2, 5));
    guards_agree(&month.database.worker, month.chain.tenant).await;
    // Two jobs of one run, as after a restart that nobody waited for.
    loop {
        let (one, other) = tokio::join!(month.advance(id, 2), month.advance(id, 2));
        if !one && !other {
            break;
        }
    }
    assert_eq!(month.run(id).await.phase, Phase::Completed);
    assert_eq!(month.of_february().await.len(), 7);
    guards_agree(&month.database.worker, month.chain.tenant).await;
}

#[tokio::test]
async fn a_draft_whose_inputs_changed_is_set_aside_and_the_others_go_out() {
    let month = february(3).await;
    let id = month.approved().await;
    let late = chain::sell(&month.app, &month.chain, month.members[1], 5_000, CUT_OFF).await;
    month.issue(id).await;
    let run = month.run(id).await;
    assert_eq!(
        (run.phase, run.issued.count, run.set_aside.count),
        (Phase::Completed, 2, 1)
    );
    let detail = page::draft(&month.app, month.chain.tenant, id, month.members[1].0)
        .await
        .unwrap();
    let Standing::SetAside(difference) = detail.standing else {
        panic!("it is set aside: {:?}", detail.standing);
    };
    assert_eq!(
        difference.came.iter().map(|line| line.charge_id).collect::<Vec<_>>(),
        [late]
    );
    assert_eq!(
        (difference.gross_before_minor, difference.gross_now_minor),
        (35_700, 41_650)
    );
    assert!(difference.went.is_empty() && !difference.buyer_changed && !difference.seller_changed);
    guards_agree(&month.database.worker, month.chain.tenant).await;
    // Nothing of it is lost: another run takes it.
    let next = month.approved().await;
    month.issue(next).await;
    let issued = month.of_february().await;
    assert_eq!(issued[1], (month.members[1], 41_650));
    assert_eq!(issued.len(), 3);
}

/// It is the hash that holds: whoever forges it has what nobody approved go out.
#[tokio::test]
async fn control_with_another_hash_in_its_row_a_changed_draft_goes_out() {
    let month = february(2).await;
    let id = month.approved().await;
    chain::sell(&month.app, &month.chain, month.members[1], 5_000, CUT_OFF).await;
    let detail = page::draft(&month.app, month.chain.tenant, id, month.members[1].0)
        .await
        .unwrap();
    sqlx::query("update invoice_run_draft set inputs_sha256 = $1 where payer_id = $2")
        .bind(detail.now_sha256.unwrap())
        .bind(month.members[1].0)
        .execute(&month.database.owner)
        .await
        .unwrap();
    month.issue(id).await;
    assert_eq!(month.run(id).await.issued.count, 2);
    assert_eq!(month.of_february().await[1].1, 41_650, "more than was approved");
}

#[tokio::test]
async fn a_run_that_is_cancelled_leaves_no_gap_and_its_charges_wait() {
    let month = february(3).await;
    let first = month.approved().await;
    let refused = invoice_run::open(&month.app, &month.chain.owner, month.chain.legal_entity, CUT_OFF).await;
    assert_eq!(refused.unwrap_err().code(), Some("run_open"));
    month.decide(first, RunStep::Cancel).await;
    assert!(!month.advance(first, BATCH).await);
    assert_eq!(month.invoices().await.len(), 3);
    let second = month.open().await;
    // What is decided of a run that is over touches nothing of the next.
    let late = invoice_run::decide(&month.app, &month.chain.owner, first, RunStep::Issue).await;
    assert_eq!(late.unwrap_err().code(), Some("already_issuing"));
    let late = invoice_run::decide(&month.app, &month.chain.owner, first, RunStep::Approve).await;
    assert_eq!(late.unwrap_err().code(), Some("already_approved"));
    let left_out = month.members[0];
    invoice_run::include(&month.app, &month.chain.owner, second, left_out.0, false)
        .await
        .unwrap();
    month.decide(second, RunStep::Approve).await;
    month.issue(second).await;
    assert_eq!(month.of_february().await.len(), 2);
    let third = month.approved().await;
    month.issue(third).await;
    assert_eq!(month.of_february().await.len(), 3);
    guards_agree(&month.database.worker, month.chain.tenant).await;
}

#[tokio::test]
async fn what_is_not_owed_waits_and_is_not_lost() {
    let month = february(2).await;
    let given = chain::sell(&month.app, &month.chain, month.members[0], -50_000, CUT_OFF).await;
    let id = month.approved().await;
    let drafts = month.drafts(id).await;
    assert_eq!(
        (drafts[0].standing, drafts[0].waits),
        ("waits", Some(WaitsFor::SomethingOwed))
    );
    let exceptions = page::exceptions(&month.app, month.chain.tenant, id).await.unwrap();
    assert_eq!(exceptions.waits, [(WaitsFor::SomethingOwed, 1)]);
    assert_eq!(exceptions.without_address, 2);
    month.issue(id).await;
    assert_eq!(month.run(id).await.issued.count, 1);
    // What comes to it later makes an invoice of it, with what was given back on it.
    chain::sell(&month.app, &month.chain, month.members[0], 40_000, CUT_OFF).await;
    let next = month.approved().await;
    let detail = page::draft(&month.app, month.chain.tenant, next, month.members[0].0)
        .await
        .unwrap();
    assert!(detail.draft.lines.iter().any(|line| line.charge_id == given));
    month.issue(next).await;
    assert_eq!(month.of_february().await.len(), 2);
    guards_agree(&month.database.worker, month.chain.tenant).await;
}

/// Rule 4: a day that would be billed twice stops the run, says why, and nothing more goes out until somebody looked.
#[tokio::test]
async fn a_day_that_would_be_billed_twice_stops_the_run() {
    let month = february(3).await;
    let id = month.approved().await;
    let twice = month.members[1];
    let drafted = page::draft(&month.app, month.chain.tenant, id, twice.0).await.unwrap();
    let mut op = Operation::open(&month.app, &month.chain.owner).await.unwrap();
    let original = charge::made(&mut op, drafted.draft.lines[0].charge_id).await.unwrap();
    let mut forged = chain::a_sale(ChargeId(op.new_id()), &month.chain, twice, 30_000, CUT_OFF);
    forged.kind = ChargeKind::Recurring;
    forged.membership_id = original.membership_id;
    forged.service_from = date(2026, 2, 10);
    forged.service_to = original.service_to;
    charge::make_in_op(&mut op, &forged).await.unwrap();
    op.commit(()).await.unwrap();
    month.decide(id, RunStep::Issue).await;
    assert!(!month.advance(id, BATCH).await);
    let run = month.run(id).await;
    assert!(
        run.stopped
            .as_deref()
            .is_some_and(|why| why.contains("billed twice for 2026-02-10")),
        "{run:?}"
    );
    assert_eq!((run.phase, run.issued.count, run.ready.count), (Phase::Issuing, 1, 2));
    guards_agree(&month.database.worker, month.chain.tenant).await;
    // It stands still until the charge is taken back and somebody lets it go on.
    assert!(!month.advance(id, BATCH).await);
    let mut op = Operation::open(&month.app, &month.chain.owner).await.unwrap();
    let source = SourceRef {
        category: "charge".to_owned(),
        stream_id: forged.charge_id.0,
        version: 1,
        event_type: "ChargeMade".to_owned(),
    };
    charge::void_in_op(&mut op, &forged, "It was made twice.", source)
        .await
        .unwrap();
    op.commit(()).await.unwrap();
    month.decide(id, RunStep::Resume).await;
    while month.advance(id, BATCH).await {}
    let run = month.run(id).await;
    assert_eq!((run.phase, run.issued.count, run.stopped), (Phase::Completed, 3, None));
    assert_eq!(month.of_february().await.len(), 3);
    guards_agree(&month.database.worker, month.chain.tenant).await;
}

/// Whoever owes nothing any more may be forgotten while a run still has her draft: nothing is written to her, and the others go out.
#[tokio::test]
async fn a_payer_who_was_forgotten_since_is_set_aside() {
    let month = february(2).await;
    let row = member::ImportMember {
        external_id: "G-1".to_owned(),
        name: "Grace Gone".to_owned(),
        email: "grace@example.com".to_owned(),
        home_location_id: None,
        password: None,
    };
    let gone = member::import(&month.app, &month.chain.owner, row)
        .await
        .unwrap()
        .outcome;
    let sold = chain::sell(&month.app, &month.chain, gone, 5_000, CUT_OFF).await;
    let id = month.approved().await;
    charge::void(&month.app, &month.chain.owner, sold, "It was a mistake.")
        .await
        .unwrap();
    member::forget(&month.app, &month.chain.owner, gone).await.unwrap();
    month.issue(id).await;
    let run = month.run(id).await;
    assert_eq!(
        (run.phase, run.issued.count, run.set_aside.count),
        (Phase::Completed, 2, 1)
    );
    guards_agree(&month.database.worker, month.chain.tenant).await;
}

#[tokio::test]
async fn an_invoice_outside_of_a_run_sets_the_payers_draft_aside() {
    let month = february(2).await;
    let id = month.approved().await;
    let payer = Payer::Member(month.members[0]);
    let entity = month.chain.legal_entity;
    invoice_run::invoice_now(&month.app, &month.chain.owner, payer, entity)
        .await
        .unwrap();
    let again = invoice_run::invoice_now(&month.app, &month.chain.owner, payer, entity).await;
    assert_eq!(again.unwrap_err().code(), Some("nothing_to_invoice"));
    month.issue(id).await;
    let run = month.run(id).await;
    assert_eq!((run.issued.count, run.set_aside.count), (1, 1));
    assert_eq!(month.of_february().await.len(), 2);
    let ada = invoice_run::open(&month.app, &month.chain.as_ada(), entity, CUT_OFF).await;
    assert!(matches!(ada, Err(UseCaseError::Forbidden)));
    guards_agree(&month.database.worker, month.chain.tenant).await;
}
