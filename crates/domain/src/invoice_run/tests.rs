mod play;

use super::*;
use crate::{
    InvoiceRunId, Money, Payer,
    billing::PayerTax,
    catalogue::Catalogue,
    charge::{ChargeKind, ChargeMade},
    invoice::{
        self,
        tests::{buyer, charges},
    },
    testing::{ADA, BERLIN, INVOICE, at, chain, date, eur, given, id, when},
};
use proptest::prelude::*;

const RUN: InvoiceRunId = InvoiceRunId(uuid::Uuid::from_u128(0xb8));
const PAYER: Payer = Payer::Member(ADA);

fn of(digest: &str) -> DraftBuyer {
    DraftBuyer {
        digest: digest.to_owned(),
        has_address: true,
        has_vat_id: true,
        tax: PayerTax::default(),
        per_location: false,
    }
}

fn drafted(charges: &[ChargeMade], all: &Catalogue) -> Result<Draft, crate::Refusal> {
    draft(PAYER, &of("ada"), charges, &all.legal_entity(BERLIN).unwrap().fact, all)
}

fn opened() -> InvoiceRunEvent {
    open(RUN, BERLIN, date("2026-02-01"), at("2026-02-01T08:00Z"), &chain())
        .unwrap()
        .into()
}

fn with_draft(draft: Draft) -> Vec<InvoiceRunEvent> {
    let made = DraftsMade {
        invoice_run_id: RUN,
        drafts: vec![draft],
        complete: true,
    };
    vec![opened(), made.into()]
}

/// As a use case approves: by what is ready.
fn approve_ready(run: &InvoiceRun) -> Result<InvoiceRunApproved, crate::Refusal> {
    let (drafts, gross_minor) = run
        .ready()
        .fold((0, 0), |(count, gross), draft| (count + 1, gross + draft.gross_minor));
    approve(run, drafts, gross_minor)
}

fn ready() -> Vec<InvoiceRunEvent> {
    let all = chain();
    with_draft(drafted(&charges(&all), &all).unwrap())
}

#[test]
fn a_cut_off_is_a_day_that_has_begun_at_the_legal_entity() {
    let at_night = at("2026-01-31T23:30Z");
    when(open(RUN, BERLIN, date("2026-02-01"), at_night, &chain())).decided();
    when(open(RUN, BERLIN, date("2026-02-02"), at_night, &chain())).then_refused("cut_off_to_come");
}

#[test]
fn a_draft_has_the_figures_that_the_invoice_will_have() {
    let all = chain();
    let charges = charges(&all);
    let draft = drafted(&charges, &all).unwrap();
    assert_eq!(
        (draft.net_minor, draft.tax_minor, draft.gross_minor),
        (32_000, 6_080, 38_080)
    );
    assert_eq!(draft.waits, None);
    assert_eq!(draft.inputs_sha256.len(), 64);
}

#[test]
fn what_is_not_owed_or_has_no_rate_waits_and_says_why() {
    let mut all = chain();
    let mut charges = charges(&all);
    charges[0].net = eur(-2_000);
    let draft = drafted(&charges, &all).unwrap();
    assert_eq!(draft.waits.unwrap().why, WaitsFor::SomethingOwed);
    charges[0].net = eur(30_000);
    all.tax_rates.clear();
    let draft = drafted(&charges, &all).unwrap();
    assert_eq!(draft.waits.unwrap().why, WaitsFor::TaxRate);
}

#[test]
fn a_charge_or_a_day_that_would_be_billed_twice_stops_the_run() {
    let all = chain();
    let charges = charges(&all);
    let twice = [charges[0].clone(), charges[0].clone()];
    assert_eq!(drafted(&twice, &all).unwrap_err().code, CHARGE_TWICE);
    let mut again = charges[0].clone();
    again.charge_id = crate::ChargeId(id(0x77));
    let overlapping = [charges[0].clone(), again.clone()];
    assert_eq!(drafted(&overlapping, &all).unwrap_err().code, CHARGE_TWICE);
    // Given back and charged anew is once.
    let mut back = charges[0].clone();
    back.charge_id = crate::ChargeId(id(0x78));
    back.kind = ChargeKind::RecurringCredit;
    back.net = Money::new(-back.net.minor, back.net.currency);
    assert!(drafted(&[charges[0].clone(), back, again], &all).is_ok());
}

#[test]
fn the_hash_is_of_everything_that_is_printed() {
    let mut all = chain();
    let charges = charges(&all);
    let before = drafted(&charges, &all).unwrap();
    let entity = all.legal_entity(BERLIN).unwrap().fact.clone();
    let buyer = draft(PAYER, &of("somebody else"), &charges, &entity, &all).unwrap();
    assert_ne!(before.inputs_sha256, buyer.inputs_sha256);
    assert!(difference(&before, &buyer).buyer_changed);
    let mut moved = entity;
    moved.address.street = "Neue Strasse 1".to_owned();
    let seller = draft(PAYER, &of("ada"), &charges, &moved, &all).unwrap();
    assert_ne!(before.inputs_sha256, seller.inputs_sha256);
    assert!(difference(&before, &seller).seller_changed);
    for rate in &mut all.tax_rates {
        rate.rate_percent = 7.into();
    }
    let taxed = drafted(&charges, &all).unwrap();
    assert_ne!(before.inputs_sha256, taxed.inputs_sha256);
    assert_eq!(difference(&before, &taxed).taxed_otherwise.len(), charges.len());
    let fewer = drafted(&charges[..1], &chain()).unwrap();
    assert_eq!(difference(&before, &fewer).went.len(), charges.len() - 1);
    assert_eq!(difference(&fewer, &before).came.len(), charges.len() - 1);
}

#[test]
fn a_payer_is_left_out_and_taken_in_before_the_approval_only() {
    let mut events = ready();
    let excluded = given(InvoiceRun::evolve, events.clone())
        .when(|run| exclude(run, PAYER))
        .decided()
        .unwrap();
    events.push(excluded.into());
    let without = given(InvoiceRun::evolve, events.clone());
    without.when(approve_ready).then_refused("nothing_to_issue");
    assert_eq!(without.when(|run| exclude(run, PAYER)).decided(), None);
    let included = without.when(|run| include(run, PAYER)).decided().unwrap();
    events.push(included.into());
    let approved = given(InvoiceRun::evolve, events.clone()).when(approve_ready).decided();
    assert_eq!((approved.drafts, approved.gross_minor), (1, 38_080));
    events.push(approved.into());
    let decided = given(InvoiceRun::evolve, events);
    decided.when(|run| exclude(run, PAYER)).then_refused("already_approved");
    decided
        .when(|run| exclude(run, Payer::Company(crate::CompanyId(id(5)))))
        .then_refused("unknown_draft");
}

#[test]
fn a_run_is_approved_then_issued_and_cancelled_before_or_when_it_stopped() {
    given(InvoiceRun::evolve, [opened()])
        .when(approve_ready)
        .then_refused("still_drafting");
    let mut events = ready();
    given(InvoiceRun::evolve, events.clone())
        .when(start)
        .then_refused("not_approved");
    given(InvoiceRun::evolve, events.clone()).when(cancel).decided();
    let approved = given(InvoiceRun::evolve, events.clone()).when(approve_ready).decided();
    events.push(approved.into());
    given(InvoiceRun::evolve, events.clone()).when(cancel).decided();
    let started = given(InvoiceRun::evolve, events.clone()).when(start).decided();
    events.push(started.into());
    let issuing = given(InvoiceRun::evolve, events.clone());
    issuing.when(cancel).then_refused("already_issuing");
    issuing.when(start).then_refused("already_issuing");
    issuing.when(resume).then_refused("not_stopped");
    let stopped = InvoiceRunStopped {
        invoice_run_id: RUN,
        payer: PAYER,
        sentence: "Twice.".to_owned(),
    };
    events.push(stopped.into());
    let stands = given(InvoiceRun::evolve, events.clone());
    stands.when(resume).decided();
    let cancelled = stands.when(cancel).decided();
    events.push(cancelled.into());
    given(InvoiceRun::evolve, events).when(cancel).then_refused("run_over");
}

#[test]
fn lines_are_compared_with_the_last_invoice_but_for_their_days() {
    let all = chain();
    let now = charges(&all);
    let lines = |charges: &[ChargeMade]| {
        invoice::lines(
            charges,
            &PayerTax::default(),
            &all.legal_entity(BERLIN).unwrap().fact,
            &all,
        )
        .unwrap()
    };
    assert_eq!(compare(&lines(&now), &lines(&now)), []);
    let changes = compare(&lines(&now[..1]), &lines(&now));
    assert_eq!(changes.len(), now.len() - 1);
    assert!(changes.iter().all(|change| change.before_minor.is_none()));
    let mut dearer = now.clone();
    dearer[0].net = eur(35_000);
    let changes = compare(&lines(&now), &lines(&dearer));
    assert_eq!(changes.len(), 1);
    assert_eq!(
        (changes[0].before_minor, changes[0].now_minor),
        (Some(30_000), Some(35_000))
    );
    assert!(jumps(10_000, 15_001) && jumps(10_000, 4_999) && !jumps(10_000, 15_000) && !jumps(10_000, 10_000));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]
    /// Rule 8: whatever is charged, the invoice has the figures of its draft, and equal inputs are one hash.
    #[test]
    fn what_is_previewed_is_what_is_issued(nets in prop::collection::vec(-20_000_i64..60_000, 1..12)) {
        let all = chain();
        let pattern = charges(&all).pop().unwrap();
        let charges: Vec<ChargeMade> = nets.iter().zip(0x900_u128..).map(|(net, number)| ChargeMade {
            charge_id: crate::ChargeId(id(number)),
            net: eur(*net),
            ..pattern.clone()
        }).collect();
        let draft = drafted(&charges, &all).unwrap();
        prop_assert_eq!(&draft, &drafted(&charges, &all).unwrap());
        prop_assert_eq!(draft.waits.is_none(), nets.iter().sum::<i64>() > 0);
        let entity = &all.legal_entity(BERLIN).unwrap().fact;
        let issued = invoice::issue(INVOICE, 9, PAYER, buyer(), date("2026-02-03"), &charges, entity, &all).unwrap();
        prop_assert_eq!(
            (draft.net_minor, draft.tax_minor, draft.gross_minor),
            (issued.net_minor, issued.tax_minor, issued.gross_minor)
        );
        let mut dearer = charges;
        dearer[0].net = eur(nets[0] + 1);
        prop_assert_ne!(draft.inputs_sha256, drafted(&dearer, &all).unwrap().inputs_sha256);
    }
}
