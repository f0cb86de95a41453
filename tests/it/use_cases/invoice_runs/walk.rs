//! A walk through runs at random, by the use cases: charges come and go, payers are left out, batches die, two jobs go at once, runs
//! are cancelled, credit notes give charges back. The seed is printed; `COTERIE_SEED` walks the same way again.

use super::{CUT_OFF, Month, february};
use crate::crash::Dice;
use coterie_app::{
    UseCaseError, charge, credit_note,
    invoice_run::{self, CarryingOn, RunStep, page},
    projections,
};
use coterie_domain::{
    ChargeId, InvoiceId, InvoiceRunId, MemberId, Payer, credit_note::NewCreditNote, invoice_run::Phase,
};
use coterie_eventlog::compare;
use coterie_tests::{chain, guards::guards_agree};
use std::collections::BTreeMap;
use uuid::Uuid;

const MEMBERS: u32 = 4;
const STEPS: usize = 90;

struct Walk {
    month: Month,
    dice: Dice,
    sold: Vec<ChargeId>,
    run: Option<InvoiceRunId>,
    carried: Option<(InvoiceRunId, CarryingOn)>,
}

/// Whether it was done; what the state of things forbids is no fault here.
fn fine<T>(answer: Result<T, UseCaseError>) -> Option<T> {
    match answer {
        Ok(done) => Some(done),
        Err(UseCaseError::Refused(_)) => None,
        Err(other) => panic!("a clean answer: {other:?}"),
    }
}

impl Walk {
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.dice.below(end as u64)).expect("small")
    }

    fn somebody(&mut self) -> MemberId {
        let index = self.below(self.month.members.len());
        self.month.members[index]
    }

    async fn step(&mut self) {
        let what = self.below(12);
        let owner = self.month.chain.owner.clone();
        let app = self.month.app.clone();
        match (what, self.run) {
            (0..=2, _) => {
                let (member, net) = (self.somebody(), self.below(9_000));
                let net = i64::try_from(net).expect("small") - 1_500;
                self.sold
                    .push(chain::sell(&app, &self.month.chain, member, net, CUT_OFF).await);
            }
            (3, _) if !self.sold.is_empty() => {
                let index = self.below(self.sold.len());
                let id = self.sold.swap_remove(index);
                fine(charge::void(&app, &owner, id, "It was a mistake.").await);
            }
            (4, _) => {
                let opened = invoice_run::open(&app, &owner, self.month.chain.legal_entity, CUT_OFF).await;
                if let Some(done) = fine(opened) {
                    self.run = Some(done.outcome);
                }
            }
            (5, Some(run)) => {
                let (member, included) = (self.somebody(), self.below(2) == 0);
                fine(invoice_run::include(&app, &owner, run, member.0, included).await);
            }
            (6, Some(run)) => {
                let some = [RunStep::Approve, RunStep::Issue, RunStep::Issue, RunStep::Cancel];
                let step = some[self.below(some.len())];
                fine(invoice_run::decide(&app, &owner, run, step).await);
            }
            (7, Some(run)) => {
                // It dies before it is recorded.
                let (dying, _) = invoice_run::step(&app, &owner, run, 2)
                    .await
                    .expect("a step is decided");
                drop(dying);
            }
            (8, Some(run)) => {
                tokio::join!(self.month.advance(run, 1), self.month.advance(run, 2));
            }
            (9, Some(run)) => {
                // What was read ahead may be long out of date.
                if self.carried.as_ref().is_none_or(|(of, _)| *of != run) {
                    self.carried = Some((run, CarryingOn::of(&app, &owner, run, 1)));
                }
                if let Some((_, carried)) = &mut self.carried {
                    carried.step().await.expect("a step is done");
                }
            }
            (10, _) => {
                let payer = Payer::Member(self.somebody());
                fine(invoice_run::invoice_now(&app, &owner, payer, self.month.chain.legal_entity).await);
            }
            (11, _) => self.take_back().await,
            _ => {}
        }
    }

    /// The last invoice, whose charges then wait for another.
    async fn take_back(&mut self) {
        let invoice: Option<Uuid> = sqlx::query_scalar(
            "select stream_id from event where event_type = 'InvoiceIssued' order by position desc limit 1",
        )
        .fetch_optional(&self.month.database.owner)
        .await
        .expect("the log can be read");
        let new = NewCreditNote {
            reason: "It was a mistake.".to_owned(),
            lines: Vec::new(),
            bill_again: self.below(2) == 0,
        };
        let invoice = InvoiceId(invoice.expect("the first ones are there"));
        fine(credit_note::issue(&self.month.app, &self.month.chain.owner, invoice, &new).await);
    }

    /// Ends the run that may be open, and has one more that takes everybody.
    async fn finish(&mut self) {
        if let Some(run) = self.run {
            for step in [RunStep::Cancel, RunStep::Issue] {
                fine(invoice_run::decide(&self.month.app, &self.month.chain.owner, run, step).await);
            }
            while self.month.advance(run, 3).await {}
        }
        let opened = invoice_run::open(
            &self.month.app,
            &self.month.chain.owner,
            self.month.chain.legal_entity,
            CUT_OFF,
        );
        let last = opened.await.expect("no run is open").outcome;
        let drafts = self.month.drafts(last).await;
        let ready: BTreeMap<MemberId, i64> = drafts
            .iter()
            .filter(|draft| draft.standing == "ready")
            .map(|draft| (MemberId(draft.payer.id()), draft.gross_minor))
            .collect();
        if ready.is_empty() {
            return;
        }
        let before = self.month.invoices().await.len();
        self.month.decide(last, RunStep::Approve).await;
        self.month.issue(last).await;
        // Rule 8: what was previewed is what was issued.
        let issued: BTreeMap<MemberId, i64> = self.month.invoices().await.split_off(before).into_iter().collect();
        assert_eq!(issued, ready);
        let run = page::find(&self.month.app, self.month.chain.tenant, last)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((run.phase, run.ready.count), (Phase::Completed, 0));
    }
}

/// How often each charge stands on an invoice beyond the credit notes that let it be billed again.
pub(super) async fn billed_more_than_once(month: &Month) -> Vec<(String, i64)> {
    sqlx::query_as(
        "with line as (
             select line->>'charge_id' as charge, 1 as counts from event, json_array_elements(payload->'lines') line
             where event_type = 'InvoiceIssued'
             union all
             select charge, -1 from event, json_array_elements_text(payload->'bill_again') charge
             where event_type = 'CreditNoteIssued')
         select charge, sum(counts) from line group by charge having sum(counts) not in (0, 1)",
    )
    .fetch_all(&month.database.owner)
    .await
    .unwrap()
}

#[tokio::test]
async fn whatever_happens_to_runs_numbers_have_no_gap_and_models_are_what_the_log_says() {
    let month = february(MEMBERS).await;
    let mut walk = Walk {
        month,
        dice: Dice::new("invoice_runs::walk"),
        sold: Vec::new(),
        run: None,
        carried: None,
    };
    for _ in 0..STEPS {
        walk.step().await;
    }
    walk.finish().await;
    // Looks for gaps and duplicates among the numbers.
    walk.month.invoices().await;
    assert_eq!(billed_more_than_once(&walk.month).await, []);
    guards_agree(&walk.month.database.worker, walk.month.chain.tenant).await;
    let (owner, worker) = (&walk.month.database.owner, &walk.month.database.worker);
    let followers = projections::all(&chain::keys());
    chain::follow_in_batches(worker, &followers, 7).await;
    for follower in &followers {
        let tables = projections::tables(follower.name());
        let compared = compare(owner, worker, follower.as_ref(), tables, 5).await.unwrap();
        assert!(
            compared.differences.is_empty(),
            "{}: {:?}",
            follower.name(),
            compared.differences
        );
    }
}
