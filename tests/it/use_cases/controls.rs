//! Two come at one moment for the same money or the same hours: what holds, and what happens where it is taken away.

use super::opened;
use coterie_app::{
    App, UseCaseError, alarm, charge, credit_note,
    invoice_run::{self, RunStep},
    membership::{self, ChangePlan},
    plan,
};
use coterie_domain::{
    ChargeId, InvoiceId, InvoiceRunId, LotId, MemberId, MembershipId, PlanVersionId,
    charge::NewOneOff,
    credit::NewCourtesy,
    credit_note::{NewCreditNote, WantedLine},
    plan::{Allowance, NewPlanVersion, PlanTerms},
};
use coterie_tests::{
    Database,
    chain::{self, Chain, eur},
    guards::guards_agree,
    unlocked::unlock,
};
use futures::future::join_all;
use jiff::{Timestamp, civil::date};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Whoever waits for a row does so for longer than this.
const A_MOMENT: Duration = Duration::from_millis(300);

/// A line of Ada's first invoice, 116.13 net, and how much of it all credit notes take back when some ask at once.
async fn credited_at_once(database: &Database, app: &App, chain: &Chain, invoice: InvoiceId, clients: usize) -> i64 {
    let line = WantedLine {
        charge_id: chain::charge_of(app, chain, invoice).await,
        net_minor: Some(8_000),
    };
    let asking = (0..clients).map(|_| {
        let (app, owner) = (app.clone(), chain.owner.clone());
        tokio::spawn(async move {
            let new = NewCreditNote {
                reason: "The heating was out of order.".to_owned(),
                lines: vec![line],
                bill_again: false,
            };
            credit_note::issue(&app, &owner, invoice, &new).await
        })
    });
    for answer in join_all(asking).await {
        match answer.unwrap() {
            Ok(_) | Err(UseCaseError::Refused(_)) => {}
            Err(other) => panic!("a clean answer: {other:?}"),
        }
    }
    sqlx::query_scalar(
        "select coalesce(sum((payload->>'net_minor')::bigint), 0)::bigint from event
         where event_type = 'CreditNoteIssued' and payload->>'invoice_id' = $1",
    )
    .bind(invoice.0.to_string())
    .fetch_one(&database.owner)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_line_is_taken_back_once_however_many_ask() {
    let (database, app, chain) = opened().await;
    let invoice = chain::subscribe(&app, &chain).await.invoice_id.unwrap();
    assert_eq!(credited_at_once(&database, &app, &chain, invoice, 5).await, 8_000);
    guards_agree(&database.worker, chain.tenant).await;
}

/// It is the invoice's row that holds: where it cannot be locked, more is taken back than was invoiced.
#[tokio::test]
async fn control_without_the_invoices_row_a_line_is_taken_back_twice() {
    let (database, app, chain) = opened().await;
    let invoice = chain::subscribe(&app, &chain).await.invoice_id.unwrap();
    let mut others = Vec::new();
    for number in 0..8 {
        others.push(chain::another_member(&app, &chain, number).await);
    }
    let mut invoices = vec![invoice];
    for member in others {
        invoices.push(first_invoice(&database, member).await);
    }
    let sets = "open_minor = greatest(new.open_minor, 0)";
    unlock(&database, "invoice_guard", "invoice_id", sets).await;
    // On a busy machine they may come one after another: then they try another invoice.
    let mut most = 0;
    for invoice in invoices {
        most = credited_at_once(&database, &app, &chain, invoice, 5).await;
        if most > 11_613 {
            break;
        }
    }
    assert!(most > 11_613, "only {most} was taken back of 116.13");
}

async fn first_invoice(database: &Database, member: MemberId) -> InvoiceId {
    let id = sqlx::query_scalar(
        "select stream_id from event where event_type = 'InvoiceIssued' and payload->'payer'->>'member' = $1",
    )
    .bind(member.0.to_string())
    .fetch_one(&database.owner)
    .await
    .unwrap();
    InvoiceId(id)
}

/// A run that is about to issue a one-off charge of Ada's.
async fn about_to_issue(app: &App, chain: &Chain) -> (InvoiceRunId, ChargeId) {
    chain::subscribe(app, chain).await;
    let new = NewOneOff {
        location_id: chain.location,
        description: "A lost key".to_owned(),
        quantity: "1".to_owned(),
        unit: "piece".to_owned(),
        unit_price: eur(2_500),
        tax_included: false,
        tax_category: "standard".to_owned(),
        first_day: date(2026, 1, 20),
        last_day: None,
        billable_on: None,
    };
    let charge = charge::one_off(app, &chain.owner, chain.ada, &new)
        .await
        .unwrap()
        .outcome;
    let opened = invoice_run::open(app, &chain.owner, chain.legal_entity, date(2026, 1, 20)).await;
    let id = opened.unwrap().outcome;
    for step in [RunStep::Approve, RunStep::Issue] {
        invoice_run::decide(app, &chain.owner, id, step).await.unwrap();
    }
    (id, charge)
}

/// Staff take the charge back while the run that takes it is not yet recorded; whether both went through.
async fn taken_back_and_invoiced(database: &Database, app: &App, chain: &Chain) -> (bool, Result<(), UseCaseError>) {
    let (id, charge) = about_to_issue(app, chain).await;
    let (run, _) = invoice_run::step(app, &chain.owner, id, 10).await.unwrap();
    let voiding = tokio::spawn({
        let (app, owner) = (app.clone(), chain.owner.clone());
        async move { charge::void(&app, &owner, charge, "It was found.").await }
    });
    sleep(A_MOMENT).await;
    assert!(
        !voiding.is_finished(),
        "both change the charge's row, so one of them waits"
    );
    run.commit(()).await.unwrap();
    let answer = voiding.await.unwrap().map(drop);
    let invoiced: bool = sqlx::query_scalar(
        "select exists(select from event where event_type = 'InvoiceIssued' and position($1 in payload::text) > 0)",
    )
    .bind(charge.0.to_string())
    .fetch_one(&database.owner)
    .await
    .unwrap();
    (invoiced, answer)
}

#[tokio::test]
async fn a_charge_that_a_run_is_taking_cannot_be_taken_back() {
    let (database, app, chain) = opened().await;
    let (invoiced, taken_back) = taken_back_and_invoiced(&database, &app, &chain).await;
    assert!(invoiced);
    assert_eq!(taken_back.unwrap_err().code(), Some("already_invoiced"));
    guards_agree(&database.worker, chain.tenant).await;
}

/// The other way round: what was taken back since the approval sets the draft aside.
#[tokio::test]
async fn a_charge_that_was_taken_back_is_on_no_invoice() {
    let (database, app, chain) = opened().await;
    let (id, charge) = about_to_issue(&app, &chain).await;
    charge::void(&app, &chain.owner, charge, "It was found.").await.unwrap();
    invoice_run::advance(&app, &chain.owner, id, 10).await.unwrap();
    let run = invoice_run::page::find(&app, chain.tenant, id).await.unwrap().unwrap();
    assert_eq!((run.issued.count, run.set_aside.count), (0, 1));
    guards_agree(&database.worker, chain.tenant).await;
}

/// It is the charge's row, read again under its lock, that holds: else it is taken back and invoiced.
#[tokio::test]
async fn control_without_the_charges_row_it_is_taken_back_and_invoiced() {
    let (database, app, chain) = opened().await;
    let (id, charge) = about_to_issue(&app, &chain).await;
    unlock(
        &database,
        "charge_guard",
        "charge_id",
        "invoice_id = new.invoice_id, voided = new.voided, version = new.version",
    )
    .await;
    let (run, _) = invoice_run::step(&app, &chain.owner, id, 10).await.unwrap();
    let voiding = tokio::spawn({
        let (app, owner) = (app.clone(), chain.owner.clone());
        async move { charge::void(&app, &owner, charge, "It was found.").await }
    });
    sleep(A_MOMENT).await;
    run.commit(()).await.unwrap();
    voiding.await.unwrap().unwrap();
    let row = invoice_run::page::find(&app, chain.tenant, id).await.unwrap().unwrap();
    assert_eq!(row.issued.count, 1, "and so it stands on an invoice too");
}

fn two_hours(chain: &Chain) -> NewCourtesy {
    NewCourtesy {
        resource_type_id: chain.room_type,
        minutes: 120,
        last_day: date(2026, 3, 31),
        reason: "The heating was out of order.".to_owned(),
    }
}

/// Ada's membership, whose last day is 22 January, and the alarm that ends it.
async fn about_to_end(database: &Database, app: &App, chain: &Chain) -> (MembershipId, alarm::Alarm) {
    let id = chain::subscribe(app, chain).await.membership_id;
    membership::give_notice(app, &chain.owner, id, Some(date(2026, 1, 22)))
        .await
        .unwrap();
    let midnight: Timestamp = "2026-01-22T23:00:00Z".parse().unwrap();
    let before = midnight - Duration::from_secs(60);
    chain::live_until(app, &database.worker, chain, before).await;
    let due = alarm::earliest(&database.worker, chain.tenant, midnight).await.unwrap();
    let ends = due.into_iter().find(|alarm| alarm.subject == id.0);
    (id, ends.expect("it is to end"))
}

/// Minutes that are left under memberships that are over.
async fn left_behind(database: &Database) -> i64 {
    sqlx::query_scalar(
        "select coalesce(sum(l.amount_left), 0)::bigint from credit_lot l join membership_guard m using (tenant_id, membership_id)
         where m.ended",
    )
    .fetch_one(&database.owner)
    .await
    .unwrap()
}

/// Staff give hours while the end of the membership is decided and not recorded.
async fn given_while_it_ends(
    app: &App,
    chain: &Chain,
    id: MembershipId,
    ends: &alarm::Alarm,
) -> (bool, Result<LotId, UseCaseError>) {
    let ending = alarm::fire(app, std::slice::from_ref(ends)).await.unwrap();
    let mut giving = tokio::spawn({
        let (app, owner, hours) = (app.clone(), chain.owner.clone(), two_hours(chain));
        async move { membership::give_courtesy(&app, &owner, id, &hours).await }
    });
    let waited = timeout(A_MOMENT, &mut giving).await;
    ending.commit().await.unwrap();
    match waited {
        Ok(answer) => (false, answer.unwrap().map(|done| done.outcome)),
        Err(_) => (true, giving.await.unwrap().map(|done| done.outcome)),
    }
}

#[tokio::test]
async fn hours_are_not_given_to_a_membership_that_is_ending() {
    let (database, app, chain) = opened().await;
    let (id, ends) = about_to_end(&database, &app, &chain).await;
    let (waited, given) = given_while_it_ends(&app, &chain, id, &ends).await;
    assert!(waited, "whoever gives waits for whoever ends");
    assert_eq!(given.unwrap_err().code(), Some("membership_ended"));
    assert_eq!(left_behind(&database).await, 0);
    guards_agree(&database.worker, chain.tenant).await;
}

/// It is the membership's row that holds: where it cannot be locked, hours stay behind that nobody can use and that never lapse.
#[tokio::test]
async fn control_without_the_memberships_row_hours_stay_behind() {
    let (database, app, chain) = opened().await;
    let (id, ends) = about_to_end(&database, &app, &chain).await;
    unlock(&database, "membership_guard", "membership_id", "ended = new.ended").await;
    let (waited, given) = given_while_it_ends(&app, &chain, id, &ends).await;
    assert!(!waited);
    given.unwrap();
    assert_eq!(left_behind(&database).await, 120);
}

/// A plan with one hour of rooms.
async fn a_smaller_plan(app: &App, chain: &Chain) -> PlanVersionId {
    let small = NewPlanVersion {
        name: "Small".to_owned(),
        legal_entity_id: chain.legal_entity,
        price: eur(10_000),
        tax_included: false,
        billing_day: 1,
        terms: PlanTerms::default(),
        tax_category: "standard".to_owned(),
        allowances: vec![Allowance {
            resource_type_id: chain.room_type,
            minutes: 60,
        }],
        locations: Vec::new(),
        access_hours: String::new(),
    };
    let done = plan::publish(app, &chain.owner, None, small).await.unwrap();
    done.outcome.plan_version_id
}

/// What is left of hours that were given when Ada then takes a smaller plan.
async fn left_of_courtesy(database: &Database, app: &App, chain: &Chain, forged: bool) -> i64 {
    let small = a_smaller_plan(app, chain).await;
    let id = chain::subscribe(app, chain).await.membership_id;
    let given = membership::give_courtesy(app, &chain.owner, id, &two_hours(chain)).await;
    let lot = given.unwrap().outcome;
    if forged {
        // As a lot that the plan granted from the first day of its cycle.
        sqlx::query(
            "update credit_lot set courtesy = false, valid_from = (select min(valid_from) from credit_lot) where lot_id = $1",
        )
        .bind(lot.0)
        .execute(&database.owner)
        .await
        .unwrap();
        // The plan's own is used up, so that what is too much is taken from this one.
        chain::book(app, chain, chain.elbe, "2026-01-22T10:00", "2026-01-22T15:00").await;
    }
    let command = ChangePlan {
        membership_id: id,
        plan_version_id: small,
        at_renewal: false,
        from: None,
        agreed_gross_minor: None,
    };
    membership::change_plan(app, &chain.owner, command).await.unwrap();
    sqlx::query_scalar("select amount_left from credit_lot where lot_id = $1")
        .bind(lot.0)
        .fetch_one(&database.owner)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_smaller_plan_takes_nothing_of_what_was_given() {
    let (database, app, chain) = opened().await;
    assert_eq!(left_of_courtesy(&database, &app, &chain, false).await, 120);
    guards_agree(&database.worker, chain.tenant).await;
}

/// It is the word in its row that holds: a lot that passes for the plan's goes with the plan.
#[tokio::test]
async fn control_hours_that_pass_for_the_plans_go_with_it() {
    let (database, app, chain) = opened().await;
    assert_eq!(left_of_courtesy(&database, &app, &chain, true).await, 0);
}
