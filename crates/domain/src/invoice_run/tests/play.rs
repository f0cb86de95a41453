//! Runs played at random, as the use cases play them: charges come and are taken back, payers are left out, runs are cancelled and
//! opened again. Whatever happens, what goes out is what was previewed, numbers have no gap, and every charge is billed once.

use super::*;
use crate::{ChargeId, InvoiceId, MemberId, invoice::InvoiceIssued};
use std::collections::BTreeMap;

const PAYERS: u128 = 4;

#[derive(Debug, Clone, Copy)]
enum Step {
    /// Something is charged to a payer, or given back.
    Charge(u128, i64),
    /// One of the charges is taken back, where it is on no invoice.
    Void(usize),
    Open,
    LeaveOut(u128),
    TakeIn(u128),
    Approve,
    /// So many drafts at most, as one batch.
    Issue(usize),
    Cancel,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..PAYERS, -9_000_i64..40_000).prop_map(|(payer, net)| Step::Charge(payer, net)),
        1 => (0_usize..40).prop_map(Step::Void),
        3 => Just(Step::Open),
        2 => (0..PAYERS).prop_map(Step::LeaveOut),
        1 => (0..PAYERS).prop_map(Step::TakeIn),
        3 => Just(Step::Approve),
        4 => (1_usize..4).prop_map(Step::Issue),
        1 => Just(Step::Cancel),
    ]
}

fn member(number: u128) -> MemberId {
    MemberId(id(0xa00 + number))
}

fn payer(number: u128) -> Payer {
    Payer::Member(member(number))
}

/// What a guard knows of a charge.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stands {
    Open,
    Voided,
    On(InvoiceId),
}

struct House {
    all: Catalogue,
    pattern: ChargeMade,
    charges: Vec<(ChargeMade, Stands)>,
    run: Option<InvoiceRun>,
    invoices: Vec<InvoiceIssued>,
}

impl House {
    fn new() -> Self {
        let all = chain();
        let pattern = charges(&all).pop().expect("a charge");
        Self {
            all,
            pattern,
            charges: Vec::new(),
            run: None,
            invoices: Vec::new(),
        }
    }

    fn owed(&self, payer: Payer) -> Vec<ChargeMade> {
        let open = self.charges.iter().filter(|(_, stands)| *stands == Stands::Open);
        open.filter(|(charge, _)| charge.payer == payer)
            .map(|(charge, _)| charge.clone())
            .collect()
    }

    fn draft(&self, payer: Payer) -> Draft {
        let entity = &self.all.legal_entity(BERLIN).expect("Berlin").fact;
        draft(payer, &of("buyer"), &self.owed(payer), entity, &self.all).expect("nothing is charged twice")
    }

    fn happens(&mut self, event: impl Into<InvoiceRunEvent>) {
        self.run = InvoiceRun::evolve(self.run.take(), event.into());
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Charge(number, net) => {
                let charge = ChargeMade {
                    charge_id: ChargeId(id(0x1_0000 + self.charges.len() as u128)),
                    payer: payer(number),
                    member_id: member(number),
                    net: eur(net),
                    ..self.pattern.clone()
                };
                self.charges.push((charge, Stands::Open));
            }
            Step::Void(index) => {
                if let Some((_, stands)) = self.charges.get_mut(index)
                    && *stands == Stands::Open
                {
                    *stands = Stands::Voided;
                }
            }
            Step::Open => self.open(),
            Step::LeaveOut(number) => {
                let event = self
                    .run
                    .as_ref()
                    .and_then(|run| exclude(run, payer(number)).ok().flatten());
                if let Some(event) = event {
                    self.happens(event);
                }
            }
            Step::TakeIn(number) => {
                let event = self
                    .run
                    .as_ref()
                    .and_then(|run| include(run, payer(number)).ok().flatten());
                if let Some(event) = event {
                    self.happens(event);
                }
            }
            Step::Approve => {
                let approved = self.run.as_ref().and_then(|run| approve_ready(run).ok());
                if let Some(approved) = approved {
                    self.happens(approved);
                    let started = start(self.run.as_ref().expect("a run")).expect("it is approved");
                    self.happens(started);
                }
            }
            Step::Issue(most) => self.issue(most),
            Step::Cancel => {
                let cancelled = self.run.as_ref().and_then(|run| cancel(run).ok());
                if let Some(event) = cancelled {
                    self.happens(event);
                }
            }
        }
    }

    fn open(&mut self) {
        if self.run.as_ref().is_some_and(|run| !run.phase.over()) {
            return;
        }
        self.run = None;
        self.happens(opened());
        let owing = (0..PAYERS).map(payer).filter(|payer| !self.owed(*payer).is_empty());
        let drafts = owing.map(|payer| self.draft(payer)).collect();
        self.happens(DraftsMade {
            invoice_run_id: RUN,
            drafts,
            complete: true,
        });
    }

    /// One batch, as `advance` does it.
    fn issue(&mut self, most: usize) {
        let Some(run) = self.run.as_ref().filter(|run| run.phase == Phase::Issuing) else {
            return;
        };
        let ready: Vec<Draft> = run.ready().take(most).cloned().collect();
        let full = ready.len() == most;
        let mut issued = Vec::new();
        for before in ready {
            let now = self.draft(before.payer);
            if now.inputs_sha256 == before.inputs_sha256 {
                issued.push(DraftIssued {
                    payer: before.payer,
                    invoice_id: self.invoice(&before),
                });
            } else {
                let difference = difference(&before, &now);
                assert!(
                    !difference.came.is_empty() || !difference.went.is_empty(),
                    "it says what changed"
                );
                self.happens(DraftSetAside {
                    invoice_run_id: RUN,
                    payer: before.payer,
                    difference,
                });
            }
        }
        self.happens(DraftsIssued {
            invoice_run_id: RUN,
            issued,
        });
        if !full {
            self.happens(InvoiceRunCompleted { invoice_run_id: RUN });
        }
    }

    /// Issues what was previewed, under the next number.
    fn invoice(&mut self, previewed: &Draft) -> InvoiceId {
        let (payer, owed) = (previewed.payer, self.owed(previewed.payer));
        let entity = &self.all.legal_entity(BERLIN).expect("Berlin").fact;
        let number = i64::try_from(self.invoices.len()).expect("few") + 1;
        let invoice_id = InvoiceId(id(0x2_0000 + self.invoices.len() as u128));
        let day = date("2026-02-03");
        let issued =
            invoice::issue(invoice_id, number, payer, buyer(), day, &owed, entity, &self.all).expect("it is issued");
        // Rule 8, to the cent and to the line.
        assert_eq!(
            (issued.net_minor, issued.tax_minor, issued.gross_minor),
            (previewed.net_minor, previewed.tax_minor, previewed.gross_minor)
        );
        let lines = |issued: &InvoiceIssued| issued.lines.iter().map(|line| line.charge_id).collect::<Vec<_>>();
        let drafted: Vec<ChargeId> = previewed.lines.iter().map(|line| line.charge_id).collect();
        assert_eq!(lines(&issued), drafted);
        for (charge, stands) in &mut self.charges {
            if drafted.contains(&charge.charge_id) {
                assert_eq!(
                    *stands,
                    Stands::Open,
                    "what is invoiced or taken back is on no other invoice"
                );
                *stands = Stands::On(invoice_id);
            }
        }
        self.invoices.push(issued);
        invoice_id
    }

    /// One more run that takes everybody, after the one that may still be open.
    fn finish(&mut self) {
        self.take(Step::Approve);
        for _ in 0..=PAYERS {
            self.take(Step::Issue(1));
        }
        self.take(Step::Cancel);
        self.open();
        self.take(Step::Approve);
        for _ in 0..=PAYERS {
            self.take(Step::Issue(2));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]
    /// Rules 4, 7 and 8.
    #[test]
    fn whatever_is_cancelled_left_out_or_changed_numbers_have_no_gap_and_nothing_is_lost(
        steps in prop::collection::vec(step(), 1..40)
    ) {
        let mut house = House::new();
        for step in steps {
            house.take(step);
        }
        house.finish();
        for (issued, number) in house.invoices.iter().zip(1_i64..) {
            prop_assert_eq!(issued.sequence, number);
        }
        let mut billed: BTreeMap<ChargeId, InvoiceId> = BTreeMap::new();
        for issued in &house.invoices {
            for line in &issued.lines {
                prop_assert_eq!(billed.insert(line.charge_id, issued.invoice_id), None, "a charge on two invoices");
            }
        }
        for (charge, stands) in &house.charges {
            match stands {
                Stands::On(invoice) => prop_assert_eq!(billed.get(&charge.charge_id), Some(invoice)),
                Stands::Voided => prop_assert!(!billed.contains_key(&charge.charge_id)),
                // Only who is owed more than she owes waits.
                Stands::Open => prop_assert!(!invoice::owed(&house.owed(charge.payer))),
            }
        }
    }
}
