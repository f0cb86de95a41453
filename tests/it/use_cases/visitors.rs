//! Visits as the books, the guards and the calendar have them: paid, lapsed, late, heard of twice, and bounded.

use super::opened;
use coterie_app::{
    App, Caller, UseCaseError, booking, location, resource,
    visitor_booking::{self, OpenVisit, VisitTime},
};
use coterie_domain::{
    VisitorBookingId,
    booking::Standing,
    location::CancellationStep,
    resource::NewTerms,
    visitor_booking::{PageOutcome, VisitorStanding},
};
use coterie_tests::{
    Database,
    chain::{self, Chain, eur},
    guards::guards_agree,
};
use futures::future::join_all;
use jiff::civil::date;

fn stranger(chain: &Chain) -> Caller {
    Caller::system(chain.tenant, "visitor")
}

async fn open_to_visitors(app: &App, chain: &Chain) {
    let terms = NewTerms {
        visitors: true,
        ..NewTerms::default()
    };
    resource::set_terms(app, &chain.owner, chain.elbe, terms).await.unwrap();
}

fn wish(chain: &Chain, hour: i8, email: &str) -> OpenVisit {
    let day = date(2026, 1, 22);
    OpenVisit {
        time: VisitTime {
            resource_id: chain.elbe,
            start: day.at(hour, 0, 0, 0),
            end: day.at(hour + 2, 0, 0, 0),
        },
        name: "Vera Visitor".to_owned(),
        email: email.to_owned(),
    }
}

async fn open(app: &App, chain: &Chain, hour: i8) -> VisitorBookingId {
    let wish = wish(chain, hour, "vera@example.test");
    visitor_booking::open(app, &stranger(chain), wish)
        .await
        .unwrap()
        .outcome
}

/// EUR 40.00 net and 19 % VAT.
fn paid() -> PageOutcome {
    PageOutcome::Paid {
        intent_id: "pi_visit".to_owned(),
        amount: eur(4_760),
    }
}

async fn settle(app: &App, chain: &Chain, id: VisitorBookingId, outcome: &PageOutcome) -> &'static str {
    let done = visitor_booking::settle(app, &stranger(chain), id, outcome).await;
    done.unwrap().outcome
}

async fn detail(app: &App, chain: &Chain, id: VisitorBookingId) -> visitor_booking::page::VisitDetail {
    visitor_booking::page::find(app, &chain.owner, id).await.unwrap()
}

async fn count(database: &Database, event_type: &str) -> i64 {
    sqlx::query_scalar("select count(*) from event where event_type = $1")
        .bind(event_type)
        .fetch_one(&database.owner)
        .await
        .unwrap()
}

async fn last_number(database: &Database) -> i64 {
    sqlx::query_scalar("select last_sequence from invoice_series")
        .fetch_one(&database.owner)
        .await
        .unwrap()
}

/// What the entries of the log sum to, by account.
async fn balances(database: &Database) -> Vec<(String, i64)> {
    sqlx::query_as(
        "select posting->>'account', sum((posting->>'amount_minor')::bigint)::bigint
         from event cross join lateral json_array_elements(payload->'postings') as posting
         where event_type = 'JournalEntryPosted' group by 1
         having sum((posting->>'amount_minor')::bigint) <> 0 order by 1",
    )
    .fetch_all(&database.owner)
    .await
    .unwrap()
}

fn balance(account: &str, minor: i64) -> (String, i64) {
    (account.to_owned(), minor)
}

#[tokio::test]
async fn what_is_paid_is_booked_invoiced_and_in_the_books_at_once() {
    let (database, app, chain) = opened().await;
    open_to_visitors(&app, &chain).await;
    let id = open(&app, &chain, 10).await;
    guards_agree(&database.worker, chain.tenant).await;
    assert_eq!((last_number(&database).await, balances(&database).await), (0, vec![]));
    let before = count(&database, "JournalEntryPosted").await;
    assert_eq!(settle(&app, &chain, id, &paid()).await, "paid");

    let found = detail(&app, &chain, id).await;
    assert_eq!(found.booking.standing, Standing::Confirmed);
    let invoice = found.invoice.unwrap();
    assert_eq!((invoice.number.as_str(), invoice.gross_minor), ("BER-000001", 4_760));
    assert_eq!(invoice.buyer.name, "Vera Visitor");
    assert_eq!(invoice.lines[0].charge_id, found.booking.fact.charge_id.unwrap());
    // Charged, invoiced, settled: three entries of one command, and nothing is owed.
    assert_eq!(count(&database, "JournalEntryPosted").await - before, 3);
    let commands: i64 = sqlx::query_scalar(
        "select count(distinct command_id) from event
         where event_type in ('BookingConfirmed', 'ChargeMade', 'InvoiceIssued', 'PaymentSettled', 'VisitorBookingPaid')",
    )
    .fetch_one(&database.owner)
    .await
    .unwrap();
    assert_eq!(commands, 1, "one append has all of it");
    let expected = [
        balance("booking_revenue", -4_000),
        balance("stripe_balance", 4_760),
        balance("vat_payable", -760),
    ];
    assert_eq!(balances(&database).await, expected);
    guards_agree(&database.worker, chain.tenant).await;
}

/// The visitor coming back, the webhook and the sweep tell the same at once; which of them is first does not matter.
#[tokio::test]
async fn whoever_hears_first_books_and_the_others_change_nothing() {
    let (database, app, chain) = opened().await;
    open_to_visitors(&app, &chain).await;
    let id = open(&app, &chain, 10).await;
    let telling = (0..8).map(|_| {
        let (app, chain) = (app.clone(), chain.clone());
        tokio::spawn(async move { settle(&app, &chain, id, &paid()).await })
    });
    for told in join_all(telling).await {
        assert_eq!(told.unwrap(), "paid");
    }
    assert_eq!(settle(&app, &chain, id, &PageOutcome::Closed).await, "paid");
    for event in [
        "VisitorBookingPaid",
        "BookingConfirmed",
        "InvoiceIssued",
        "PaymentSettled",
    ] {
        assert_eq!(count(&database, event).await, 1, "{event}");
    }
    assert_eq!(last_number(&database).await, 1);
    guards_agree(&database.worker, chain.tenant).await;
}

#[tokio::test]
async fn what_nobody_pays_leaves_nothing() {
    let (database, app, chain) = opened().await;
    open_to_visitors(&app, &chain).await;
    let id = open(&app, &chain, 10).await;
    let taken = visitor_booking::quote(&app, &stranger(&chain), wish(&chain, 11, "").time).await;
    assert_eq!(taken.unwrap_err().code(), Some("slot_taken"));
    assert_eq!(settle(&app, &chain, id, &PageOutcome::Closed).await, "lapsed");
    let found = detail(&app, &chain, id).await;
    assert_eq!(found.booking.standing, Standing::Expired);
    assert!(found.visitor.forgotten, "nobody has a use for her name");
    let readable: i64 = sqlx::query_scalar("select count(*) from event where payload::text ilike '%vera%'")
        .fetch_one(&database.owner)
        .await
        .unwrap();
    assert_eq!(
        (last_number(&database).await, balances(&database).await, readable),
        (0, vec![], 0)
    );
    // Her time is anybody's again.
    visitor_booking::quote(&app, &stranger(&chain), wish(&chain, 11, "").time)
        .await
        .unwrap();
    guards_agree(&database.worker, chain.tenant).await;
}

#[tokio::test]
async fn money_that_comes_when_the_time_is_another_s_goes_back() {
    let (database, app, chain) = opened().await;
    open_to_visitors(&app, &chain).await;
    chain::subscribe(&app, &chain).await;
    let id = open(&app, &chain, 10).await;
    // Nobody tells the house anything until the hold is over, and Ada takes the time.
    chain::live_until(&app, &database.worker, &chain, "2026-01-20T09:41:00Z".parse().unwrap()).await;
    assert_eq!(detail(&app, &chain, id).await.booking.standing, Standing::Expired);
    chain::book(&app, &chain, chain.elbe, "2026-01-22T11:00", "2026-01-22T13:00").await;
    let (before, number) = (balances(&database).await, last_number(&database).await);
    assert_eq!(settle(&app, &chain, id, &paid()).await, "refund_due");
    guards_agree(&database.worker, chain.tenant).await;
    assert_eq!(settle(&app, &chain, id, &paid()).await, "refund_due");
    let owed = balances(&database).await;
    assert!(owed.contains(&balance("customer_credit", -4_760)), "{owed:?}");
    assert!(owed.contains(&balance("stripe_balance", 4_760)), "{owed:?}");
    for _ in 0..2 {
        visitor_booking::refunded(&app, &stranger(&chain), id, "re_1")
            .await
            .unwrap();
    }
    let found = detail(&app, &chain, id).await;
    assert!(matches!(found.visit.standing, VisitorStanding::Refunded(_)));
    assert_eq!(
        (balances(&database).await, last_number(&database).await),
        (before, number)
    );
    assert_eq!(count(&database, "VisitorRefunded").await, 1);
    guards_agree(&database.worker, chain.tenant).await;
}

#[tokio::test]
async fn money_that_comes_late_books_a_time_that_is_free_all_the_same() {
    let (database, app, chain) = opened().await;
    open_to_visitors(&app, &chain).await;
    let id = open(&app, &chain, 10).await;
    chain::live_until(&app, &database.worker, &chain, "2026-01-20T09:41:00Z".parse().unwrap()).await;
    assert_eq!(settle(&app, &chain, id, &paid()).await, "paid");
    let found = detail(&app, &chain, id).await;
    assert_eq!(found.booking.standing, Standing::Confirmed);
    let wish = wish(&chain, 11, "walter@example.test");
    let taken = visitor_booking::open(&app, &stranger(&chain), wish).await;
    assert_eq!(taken.unwrap_err().code(), Some("slot_taken"));
    guards_agree(&database.worker, chain.tenant).await;
}

#[tokio::test]
async fn a_hold_that_staff_gave_to_others_is_not_booked_by_money() {
    let (database, app, chain) = opened().await;
    open_to_visitors(&app, &chain).await;
    let id = open(&app, &chain, 10).await;
    let booking = detail(&app, &chain, id).await.booking.fact.booking_id;
    let confirmed = booking::confirm(&app, &chain.owner, booking, None).await;
    assert_eq!(
        confirmed.unwrap_err().code(),
        Some("waits_for_payment"),
        "nobody books it without paying"
    );
    booking::cancel(&app, &chain.owner, booking).await.unwrap();
    assert_eq!(settle(&app, &chain, id, &paid()).await, "refund_due");
    guards_agree(&database.worker, chain.tenant).await;
}

#[tokio::test]
async fn nobody_holds_a_house_without_paying() {
    let (database, app, chain) = opened().await;
    open_to_visitors(&app, &chain).await;
    // All at once: the count is right even so.
    let asking = [8, 10, 12, 14, 16].map(|hour| {
        let (app, caller, wish) = (app.clone(), stranger(&chain), wish(&chain, hour, "Vera@Example.test"));
        tokio::spawn(async move { visitor_booking::open(&app, &caller, wish).await })
    });
    let mut held = 0;
    for answer in join_all(asking).await {
        match answer.unwrap() {
            Ok(_) => held += 1,
            Err(error) => assert_eq!(error.code(), Some("visits_too_many"), "{error:?}"),
        }
    }
    assert_eq!(held, 3, "three for one address");
    visitor_booking::open(&app, &stranger(&chain), wish(&chain, 18, "walter@example.test"))
        .await
        .unwrap();
    guards_agree(&database.worker, chain.tenant).await;
}

/// Given up while half of the price is due: half of the invoice is taken back, and half of the money, once, whoever asks.
#[tokio::test]
async fn what_is_given_up_late_goes_back_in_part_and_once() {
    let (database, app, chain) = opened().await;
    open_to_visitors(&app, &chain).await;
    let half = CancellationStep {
        at_least_minutes_before: 24 * 60,
        percent_due: 50,
    };
    location::set_cancellation(&app, &chain.owner, chain.location, &[half])
        .await
        .unwrap();
    let id = open(&app, &chain, 10).await;
    assert_eq!(settle(&app, &chain, id, &paid()).await, "paid");
    let token = visitor_booking::visit_token(&app, chain.tenant, &detail(&app, &chain, id).await.visit);
    let quoted = visitor_booking::quote_cancel(&app, &stranger(&chain), &token)
        .await
        .unwrap();
    assert_eq!((quoted.percent_due, quoted.amount), (50, eur(2_380)));
    guards_agree(&database.worker, chain.tenant).await;
    let foreign = visitor_booking::cancel(&app, &stranger(&chain), "not-a-token", eur(2_380)).await;
    assert!(matches!(foreign, Err(UseCaseError::NotFound)));
    let asking = (0..6).map(|_| {
        let (app, caller, token) = (app.clone(), stranger(&chain), token.clone());
        tokio::spawn(async move { visitor_booking::cancel(&app, &caller, &token, eur(2_380)).await })
    });
    let mut done = 0;
    for answer in join_all(asking).await {
        match answer.unwrap() {
            Ok(_) => done += 1,
            Err(error) => assert!(
                matches!(error.code(), Some("already_cancelled")) || matches!(error, UseCaseError::Contended(_)),
                "{error:?}"
            ),
        }
    }
    assert_eq!((done, count(&database, "CreditNoteIssued").await), (1, 1));
    guards_agree(&database.worker, chain.tenant).await;
    for _ in 0..2 {
        visitor_booking::refunded(&app, &stranger(&chain), id, "re_1")
            .await
            .unwrap();
    }
    let found = detail(&app, &chain, id).await;
    assert_eq!(found.visit.standing.name(), "given_back");
    // Half of what it was: nothing is owed to anybody.
    let expected = [
        balance("booking_revenue", -2_000),
        balance("stripe_balance", 2_380),
        balance("vat_payable", -380),
    ];
    assert_eq!(balances(&database).await, expected);
    guards_agree(&database.worker, chain.tenant).await;
}

#[tokio::test]
async fn another_chain_knows_nothing_of_it() {
    let (_database, app, chain) = opened().await;
    open_to_visitors(&app, &chain).await;
    let quay = chain::open_chain(&app, "quay").await;
    let id = open(&app, &chain, 10).await;
    let visit = detail(&app, &chain, id).await.visit;
    let token = visitor_booking::visit_token(&app, chain.tenant, &visit);
    assert!(
        visitor_booking::page::by_link(&app, &stranger(&chain), &token)
            .await
            .is_ok()
    );
    for foreign in [
        visitor_booking::page::by_link(&app, &stranger(&quay), &token)
            .await
            .err(),
        visitor_booking::page::find(&app, &quay.owner, id).await.err(),
        visitor_booking::settle(&app, &stranger(&quay), id, &paid()).await.err(),
        visitor_booking::refunded(&app, &stranger(&quay), id, "re_1")
            .await
            .err(),
        visitor_booking::quote(&app, &stranger(&quay), wish(&chain, 14, "").time)
            .await
            .err(),
    ] {
        let not_there = |error: &UseCaseError| {
            matches!(error, UseCaseError::NotFound)
                || matches!(error, UseCaseError::Refused(refusal) if refusal.kind == coterie_domain::RefusalKind::NotFound)
        };
        assert!(foreign.as_ref().is_some_and(not_there), "{foreign:?}");
    }
    // Members have no business here either.
    let member = visitor_booking::settle(&app, &chain.as_ada(), id, &paid()).await;
    assert!(matches!(member, Err(UseCaseError::Forbidden)), "{member:?}");
}
