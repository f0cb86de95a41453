//! Guards are what the log calls for: after everything that happens to a chain, while it happens, and after somebody
//! has changed them.

#![expect(
    clippy::unwrap_used,
    reason = "these are tests; clippy sees only the functions marked so"
)]

use crate::cli::{coterie, environment};
use coterie_app::{
    App, assignment, blocker, booking, charge,
    company::{self, RegisterCompany},
    credit_note,
    guard::{self, Found},
    membership, pass,
    payment::{self, Attempt, Heard},
    resource, visitor_booking, waitlist,
};
use coterie_domain::{
    InvoiceId,
    credit_note::{NewCreditNote, WantedLine},
    payment::{DeclineKind, GatewayOutcome},
    resource::{NewResource, NewTerms},
    series,
};
use coterie_tests::{
    Database,
    chain::{self, Chain, eur},
    database,
    guards::guards_agree,
};
use sqlx::{AssertSqlSafe, PgPool};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// A chain with a row in every guard table.
struct Story {
    db: Database,
    app: App,
    chain: Chain,
}

async fn story() -> Story {
    let db = database().await;
    let app = chain::app(db.app.clone());
    let mut chain = chain::open_chain(&app, "harbour").await;
    chain.plan_version = chain::with_deposit(&app, &chain, 60_000).await;
    let company = RegisterCompany {
        external_id: Some("company-1".to_owned()),
        name: "Difference Engines Ltd".to_owned(),
        billing_email: "bills@example.test".to_owned(),
        ..RegisterCompany::default()
    };
    let company = company::register(&app, &chain.owner, company).await.unwrap().outcome;
    let subscribed = chain::subscribe(&app, &chain).await;
    // After the membership began, so that Ada stays its payer.
    company::add_member(&app, &chain.owner, company, chain.ada, None)
        .await
        .unwrap();
    chain::book(&app, &chain, chain.elbe, "2026-01-22T10:00", "2026-01-22T12:00").await;
    chain::book(&app, &chain, chain.spree, "2026-01-23T09:00", "2026-01-23T13:00").await;
    let cancelled = chain::book(&app, &chain, chain.elbe, "2026-01-28T10:00", "2026-01-28T11:00").await;
    booking::cancel(&app, &chain.as_ada(), cancelled).await.unwrap();
    seated(&app, &chain, company).await;
    spaces(&app, &chain).await;
    held(&app, &chain).await;
    visited(&app, &chain).await;
    assigned(&app, &chain, subscribed.membership_id).await;
    let pack = chain::define_pack(&app, &chain, None).await;
    chain::buy_pack(&app, &chain, pack).await;
    passes(&app, &chain).await;
    // A run with a draft, which somebody approves some day.
    let today = jiff::civil::date(2026, 1, 20);
    chain::sell(&app, &chain, chain.ada, 1_000, today).await;
    coterie_app::invoice_run::open(&app, &chain.owner, chain.legal_entity, today)
        .await
        .unwrap();
    used(&app, &chain, subscribed.membership_id).await;
    redeemed(&app, &chain, subscribed.membership_id).await;
    declined(&app, &chain, subscribed.invoice_id.unwrap()).await;
    credited(&app, &chain, subscribed.invoice_id.unwrap()).await;
    announced(&app, &chain).await;
    Story { db, app, chain }
}

/// Another price of Ada's plan, told to some of those whom it concerns.
async fn announced(app: &App, chain: &Chain) {
    let catalogue = coterie_app::catalogue::read(app, chain.tenant).await.unwrap();
    let first = catalogue.plan_version(chain.plan_version).unwrap().clone();
    let dearer = coterie_domain::plan::NewPlanVersion {
        name: first.name,
        legal_entity_id: chain.legal_entity,
        price: eur(first.price.minor + 3_300),
        tax_included: false,
        billing_day: first.billing_day,
        terms: coterie_domain::plan::PlanTerms::default(),
        tax_category: first.tax_category,
        allowances: first.allowances,
        locations: Vec::new(),
        access_hours: String::new(),
    };
    let dearer = coterie_app::plan::publish(app, &chain.owner, Some(first.plan_id), dearer)
        .await
        .unwrap()
        .outcome
        .plan_version_id;
    let new = coterie_domain::price_change::NewPriceChange {
        plan_version_id: dearer,
        effective_from: jiff::civil::date(2026, 6, 1),
        notice_days: 30,
        message: String::new(),
    };
    let shown = coterie_app::price_change::preview(app, &chain.owner, &new)
        .await
        .unwrap();
    coterie_app::price_change::announce(app, &chain.owner, &new, &shown.sha256())
        .await
        .unwrap();
}

/// A membership that the company pays for, and a colleague with a seat of it.
async fn seated(app: &App, chain: &Chain, company: coterie_domain::CompanyId) {
    let mut people = Vec::new();
    for name in ["Grace", "Cleo"] {
        let row = coterie_app::member::ImportMember {
            external_id: name.to_owned(),
            name: name.to_owned(),
            email: format!("{}@example.test", name.to_lowercase()),
            home_location_id: Some(chain.location),
            password: None,
        };
        let person = coterie_app::member::import(app, &chain.owner, row)
            .await
            .unwrap()
            .outcome;
        company::add_member(app, &chain.owner, company, person, None)
            .await
            .unwrap();
        people.push(person);
    }
    let team = coterie_domain::plan::NewPlanVersion {
        name: "Team".to_owned(),
        legal_entity_id: chain.legal_entity,
        price: eur(90_000),
        tax_included: false,
        billing_day: 1,
        terms: coterie_domain::plan::PlanTerms {
            seats: 2,
            ..coterie_domain::plan::PlanTerms::default()
        },
        tax_category: "standard".to_owned(),
        allowances: Vec::new(),
        locations: Vec::new(),
        access_hours: String::new(),
    };
    let team = coterie_app::plan::publish(app, &chain.owner, None, team)
        .await
        .unwrap()
        .outcome;
    let starts = membership::Subscribe {
        member_id: people[0],
        plan_version_id: team.plan_version_id,
        location_id: chain.location,
        agreed_gross_minor: None,
        without_card: true,
        coupon: None,
    };
    let started = membership::subscribe(app, &chain.owner, starts).await.unwrap().outcome;
    membership::give_seat(app, &chain.owner, started.membership_id, people[1], None)
        .await
        .unwrap();
}

/// A hall of both rooms that is being painted, and a booking that comes again.
async fn spaces(app: &App, chain: &Chain) {
    let new = NewResource {
        name: "Hall".to_owned(),
        capacity: 12,
        ..NewResource::default()
    };
    let hall = resource::add(app, &chain.owner, chain.room_type, chain.location, new);
    let hall = hall.await.unwrap().outcome;
    let terms = NewTerms {
        parts: vec![chain.elbe, chain.spree],
        ..NewTerms::default()
    };
    resource::set_terms(app, &chain.owner, hall, terms).await.unwrap();
    let painting = blocker::NewBlocker {
        resource_id: hall,
        start: jiff::civil::date(2026, 3, 16).at(6, 0, 0, 0),
        end: jiff::civil::date(2026, 3, 18).at(6, 0, 0, 0),
        reason: "Painting".to_owned(),
    };
    blocker::place(app, &chain.owner, painting).await.unwrap();
    let start = jiff::civil::date(2026, 3, 10).at(10, 0, 0, 0);
    let again = booking::BookSeries {
        wish: series::Wish {
            member_id: chain.ada,
            resource_id: chain.spree,
            starts_at: start,
            ends_at: start.saturating_add(jiff::Span::new().hours(1)),
            rule: "FREQ=WEEKLY;COUNT=3".to_owned(),
            people: None,
        },
        leaving_out: true,
        agreed: None,
    };
    let booked = booking::book_series(app, &chain.as_ada(), again).await.unwrap();
    assert_eq!((booked.outcome.bookings.len(), booked.outcome.left_out.len()), (2, 1));
}

/// A time that is held, and a booking that wants somebody to check in.
async fn held(app: &App, chain: &Chain) {
    let terms = NewTerms {
        check_in_minutes: Some(15),
        ..NewTerms::default()
    };
    resource::set_terms(app, &chain.owner, chain.elbe, terms).await.unwrap();
    chain::book(app, chain, chain.elbe, "2026-03-25T10:00", "2026-03-25T11:00").await;
    let wish = booking::Book {
        member_id: chain.ada,
        resource_id: chain.elbe,
        start: jiff::civil::date(2026, 3, 26).at(10, 0, 0, 0),
        end: jiff::civil::date(2026, 3, 26).at(11, 0, 0, 0),
        people: None,
    };
    booking::hold(app, &chain.as_ada(), wish.clone()).await.unwrap();
    waitlist::join(app, &chain.as_ada(), wish).await.unwrap();
}

/// A time that a visitor has not paid for yet.
async fn visited(app: &App, chain: &Chain) {
    let terms = NewTerms {
        check_in_minutes: Some(15),
        visitors: true,
        ..NewTerms::default()
    };
    resource::set_terms(app, &chain.owner, chain.elbe, terms).await.unwrap();
    let day = jiff::civil::date(2026, 3, 27);
    let visit = visitor_booking::OpenVisit {
        time: visitor_booking::VisitTime {
            resource_id: chain.elbe,
            start: day.at(10, 0, 0, 0),
            end: day.at(11, 0, 0, 0),
        },
        name: "Vera Visitor".to_owned(),
        email: "vera@example.test".to_owned(),
    };
    visitor_booking::open(app, &chain.owner, visit).await.unwrap();
}

/// A room that is Ada's for as long as her membership lasts, from the summer on.
async fn assigned(app: &App, chain: &Chain, membership: coterie_domain::MembershipId) {
    let new = assignment::NewAssignment {
        resource_id: chain.spree,
        membership_id: membership,
        first_day: jiff::civil::date(2026, 4, 1),
        last_day: None,
    };
    assignment::make(app, &chain.owner, new).await.unwrap();
}

/// Pages that Ada printed, an hour that she was given, and a key that she lost.
async fn used(app: &App, chain: &Chain, membership: coterie_domain::MembershipId) {
    chain::print_pages(app, chain, "print-1", "12").await;
    let hour = coterie_domain::credit::NewCourtesy {
        resource_type_id: chain.room_type,
        minutes: 60,
        last_day: jiff::civil::date(2026, 1, 31),
        reason: "The heating was off".to_owned(),
    };
    membership::give_courtesy(app, &chain.owner, membership, &hour)
        .await
        .unwrap();
    let key = coterie_domain::charge::NewOneOff {
        location_id: chain.location,
        description: "Lost key".to_owned(),
        quantity: "1".to_owned(),
        unit: "piece".to_owned(),
        unit_price: eur(2_500),
        tax_included: false,
        tax_category: "standard".to_owned(),
        first_day: jiff::civil::date(2026, 1, 20),
        last_day: None,
        billable_on: None,
    };
    let made = charge::one_off(app, &chain.owner, chain.ada, &key).await.unwrap();
    charge::void(app, &chain.owner, made.outcome, "It was found")
        .await
        .unwrap();
    charge::one_off(app, &chain.owner, chain.ada, &key).await.unwrap();
}

/// A coupon that Ada redeemed, and two lockers that she has.
async fn redeemed(app: &App, chain: &Chain, membership: coterie_domain::MembershipId) {
    chain::make_coupon(app, chain, "SPRING", 50, None).await;
    coterie_app::coupon::redeem(app, &chain.as_ada(), membership, "spring")
        .await
        .unwrap();
    let locker = chain::define_locker(app, chain).await;
    coterie_app::add_on::add(app, &chain.as_ada(), membership, locker, 2, None)
        .await
        .unwrap();
}

/// A pass that Ada has, and one that she gave back; her pack pays for both.
async fn passes(app: &App, chain: &Chain) {
    chain::sell_passes(app, chain, 3).await;
    chain::buy_pass(app, chain, "2026-01-22").await;
    let bought = chain::buy_pass(app, chain, "2026-01-29").await;
    pass::give_back(app, &chain.as_ada(), bought).await.unwrap();
}

/// A part of the first days that is taken back.
async fn credited(app: &App, chain: &Chain, invoice: InvoiceId) {
    let charge = chain::charge_of(app, chain, invoice).await;
    let new = NewCreditNote {
        reason: "The heating was out of order.".to_owned(),
        lines: vec![WantedLine {
            charge_id: charge,
            net_minor: Some(1_000),
        }],
        bill_again: false,
    };
    credit_note::issue(app, &chain.owner, invoice, &new).await.unwrap();
}

/// A try that the card refuses for now.
async fn declined(app: &App, chain: &Chain, invoice: InvoiceId) {
    let outcome = GatewayOutcome::Failed {
        intent_id: Some("pi_1".to_owned()),
        code: "card_declined".to_owned(),
        decline_code: Some("insufficient_funds".to_owned()),
        kind: DeclineKind::Soft,
        message: "The card has insufficient funds.".to_owned(),
    };
    heard(app, chain, invoice, &outcome).await;
}

async fn heard(app: &App, chain: &Chain, invoice: InvoiceId, outcome: &GatewayOutcome) {
    let Attempt::Submit(fact) = payment::attempt(app, &chain.owner, invoice, false).await.unwrap() else {
        panic!("an open invoice is tried");
    };
    payment::record(app, &chain.owner, fact.payment_id, outcome, Heard::Answer)
        .await
        .unwrap();
}

async fn run(pool: &PgPool, sql: &str) -> u64 {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(pool)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
        .rows_affected()
}

#[tokio::test]
async fn guards_agree_all_along_a_life() {
    let Story { db, app, chain } = story().await;
    let first = guards_agree(&db.worker, chain.tenant).await;
    assert_eq!(first.tables, 34);
    // The retry that was called for, the cycles that end, the invoices of February and their revenue.
    for until in ["2026-01-25T12:00:00Z", "2026-02-02T12:00:00Z", "2026-03-02T12:00:00Z"] {
        let invoices = chain::live_until(&app, &db.worker, &chain, until.parse().unwrap()).await;
        guards_agree(&db.worker, chain.tenant).await;
        for invoice in invoices {
            let outcome = GatewayOutcome::Succeeded {
                intent_id: "pi_1".to_owned(),
                received: eur(1_000),
            };
            heard(&app, &chain, invoice, &outcome).await;
        }
        guards_agree(&db.worker, chain.tenant).await;
    }
    let membership = sqlx::query_scalar("select membership_id from membership_guard where member_id = $1")
        .bind(chain.ada.0)
        .fetch_one(&db.owner)
        .await
        .unwrap();
    let membership = coterie_domain::MembershipId(membership);
    membership::give_notice(&app, &chain.as_ada(), membership, None)
        .await
        .unwrap();
    chain::live_until(&app, &db.worker, &chain, "2026-05-02T12:00:00Z".parse().unwrap()).await;
    let last = guards_agree(&db.worker, chain.tenant).await;
    // Holds, places in the line and alarms have come and gone meanwhile.
    assert!(last.position > first.position && last.rows > 0, "{last:?}");
    let ended: bool = sqlx::query_scalar("select bool_and(ended) from membership_guard where member_id = $1")
        .bind(chain.ada.0)
        .fetch_one(&db.owner)
        .await
        .unwrap();
    assert!(ended);
}

/// One column of each table that a hand could change, as SQL; none where the key is all there is.
const CHANGES: [(&str, Option<&str>); 34] = [
    ("organization", Some("name = name || '!'")),
    ("catalogue_head", Some("position = position + 1")),
    ("sign_in", Some("email_hmac = '\\x00'::bytea")),
    ("staff", Some("role = 'finance'")),
    ("import_key", Some("id = gen_random_uuid()")),
    ("resource_lock", Some("terms = terms + 1")),
    (
        "reservation",
        Some("blocked = tstzrange(lower(blocked), upper(blocked) + interval '1 minute')"),
    ),
    ("blocker", Some("reason = 'Nothing'")),
    ("booking_hold", Some("expires_at = expires_at + interval '1 hour'")),
    ("visitor_booking", Some("email_hmac = '\\x00'::bytea")),
    ("waitlist", Some("booking_id = gen_random_uuid()")),
    ("assignment", Some("member_id = gen_random_uuid()")),
    ("series_booking", Some("series_id = gen_random_uuid()")),
    ("pass_day", Some("sold = sold + 1")),
    ("pass_guard", Some("member_id = gen_random_uuid()")),
    ("coupon_guard", Some("code = code || 'X'")),
    ("coupon_use", Some("member_id = gen_random_uuid()")),
    ("price_change", Some("notice_days = notice_days + 1")),
    ("price_change_membership", Some("why_day = '2000-01-01'")),
    ("membership_guard", Some("ended = not ended")),
    ("billed_days", Some("end_day = end_day - 1")),
    ("membership_seat", Some("end_day = first_day + 7")),
    ("company_member", Some("company_id = gen_random_uuid()")),
    ("credit_lot", Some("amount_granted = amount_granted + 1")),
    ("invoice_run", Some("stopped = 'Nobody knows'")),
    ("invoice_run_draft", Some("inputs_sha256 = ''")),
    ("usage_guard", Some("quantity = '3'")),
    ("deposit_guard", Some("applied_minor = applied_minor + 1")),
    ("charge_guard", Some("voided = not voided")),
    ("invoice_series", Some("last_sequence = last_sequence - 1")),
    ("invoice_guard", Some("attempts = attempts + 1")),
    ("credited_line", Some("net_minor = net_minor + 1")),
    ("alarm", Some("rank = rank + 1")),
    ("stripe_account", Some("legal_entity_id = gen_random_uuid()")),
];

fn qualified(table: &str) -> String {
    let schema = if table == "stripe_account" {
        "installation"
    } else {
        "public"
    };
    format!("{schema}.{table}")
}

/// The negative control of every table: somebody with every right removes a row, or changes one.
#[tokio::test]
async fn whatever_is_changed_by_hand_is_named_and_mended() {
    let Story { db, chain, .. } = story().await;
    let app = chain::app(db.worker.clone());
    let variables = environment(&db, &[]);
    let named: Vec<&str> = guard::names().collect();
    assert_eq!(
        named,
        CHANGES.map(|(table, _)| table),
        "every guard table has its control here"
    );
    for (table, change) in CHANGES {
        let live = qualified(table);
        // The row of an import whose id the log does not know may be missing; a member's may not.
        let which = if table == "import_key" {
            "kind = 'member'"
        } else {
            "true"
        };
        let one = format!("ctid = (select ctid from {live} where {which} order by ctid limit 1)");
        let mut hands = vec![(format!("delete from {live} where {one}"), Found::Missing)];
        if let Some(change) = change {
            hands.push((format!("update {live} set {change} where {one}"), Found::Different));
        }
        for (hand, found) in hands {
            assert_eq!(run(&db.owner, &hand).await, 1, "{hand}");
            let agreement = guard::compare(&app, chain.tenant, None).await.unwrap();
            let [difference] = &agreement.differences[..] else {
                panic!("{hand}: {:?}", agreement.differences);
            };
            assert_eq!((difference.table, difference.found), (table, found), "{hand}");
            let verified = coterie(&["log", "verify", "--all"], &variables).await;
            assert!(
                verified.code == 1 && verified.out.contains(&format!("guards differ: {table} ")),
                "{hand}: {verified:?}"
            );
            let mended = guard::rebuild(&app, &db.owner, chain.tenant, Some(table))
                .await
                .unwrap();
            assert_eq!(mended.removed + mended.changed + mended.added, 1, "{hand}: {mended:?}");
            guards_agree(&db.worker, chain.tenant).await;
        }
    }
}

#[tokio::test]
async fn rows_that_the_log_knows_nothing_of_are_found_and_removed() {
    let Story { db, chain, .. } = story().await;
    let variables = environment(&db, &[]);
    run(
        &db.owner,
        "insert into reservation (tenant_id, booking_id, resource_id, blocked)
         select tenant_id, gen_random_uuid(), resource_id, tstzrange('2026-02-20', '2026-02-21') from resource_lock limit 1;
         insert into import_key (tenant_id, kind, external_id, id)
         select tenant_id, 'company', 'company-2', gen_random_uuid() from organization;
         insert into alarm (tenant_id, kind, subject_id, due_at, rank)
         select tenant_id, 'bill', gen_random_uuid(), '2026-07-01', 20 from organization;",
    )
    .await;
    let verified = coterie(&["log", "verify", "--organization", "harbour"], &variables).await;
    assert_eq!(verified.code, 1);
    for table in ["reservation", "import_key", "alarm"] {
        let line = verified
            .out
            .lines()
            .find(|line| line.contains(&format!("guards differ: {table} ")));
        assert!(
            line.is_some_and(|line| line.ends_with("the log knows nothing of this row")),
            "{verified:?}"
        );
    }
    // One table at a time, then all.
    let one = coterie(
        &["guards", "rebuild", "--organization", "harbour", "--only", "alarm"],
        &variables,
    )
    .await;
    assert_eq!(one.code, 0, "{one:?}");
    assert!(
        one.out
            .ends_with("harbour: guards rebuilt: 1 rows removed, 0 changed, 0 added\n"),
        "{one:?}"
    );
    assert_eq!(coterie(&["log", "verify", "--all"], &variables).await.code, 1);
    let all = coterie(&["guards", "rebuild", "--all"], &variables).await;
    assert!(
        all.out
            .ends_with("harbour: guards rebuilt: 2 rows removed, 0 changed, 0 added\n"),
        "{all:?}"
    );
    let again = coterie(&["guards", "rebuild", "--all"], &variables).await;
    assert_eq!(
        again.out,
        "harbour: guards rebuilt: 0 rows removed, 0 changed, 0 added\n"
    );
    let verified = coterie(&["log", "verify", "--all"], &variables).await;
    assert!(
        verified.code == 0 && verified.out.contains("harbour: guards agree (34 tables, "),
        "{verified:?}"
    );
    guards_agree(&db.worker, chain.tenant).await;

    let unknown = coterie(&["guards", "rebuild", "--all", "--only", "members"], &variables).await;
    assert!(
        unknown.code == 1
            && unknown
                .err
                .starts_with("There is no guard table \u{201c}members\u{201d}. There are: organization, "),
        "{unknown:?}"
    );
}

/// All guards lost at once: the log gives back everything but what it does not know.
#[tokio::test]
async fn everything_comes_back_from_the_log_alone() {
    let Story { db, app, chain } = story().await;
    let dump = |pool: PgPool| async move {
        let mut rows = Vec::new();
        for table in guard::names().filter(|table| *table != "import_key" && *table != "sign_in") {
            let sql = format!("select to_jsonb(t)::text from {} t order by 1", qualified(table));
            let found: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&pool).await.unwrap();
            rows.push((table, found));
        }
        rows
    };
    let before = dump(db.owner.clone()).await;
    // The clock of a sandbox is in its organization's row and nowhere else, so that row stays.
    for table in
        guard::names().filter(|table| *table != "organization" && *table != "import_key" && *table != "sign_in")
    {
        run(&db.owner, &format!("delete from {}", qualified(table))).await;
    }
    run(&db.owner, "update sign_in set email_hmac = sha256(email_hmac)").await;
    guard::rebuild(&app, &db.owner, chain.tenant, None).await.unwrap();
    assert_eq!(dump(db.owner.clone()).await, before);
    guards_agree(&db.worker, chain.tenant).await;
    // A mended address keeps its password.
    let caller = chain.owner.clone();
    let passwords: i64 =
        sqlx::query_scalar("select count(*) from sign_in where tenant_id = $1 and password_hash is not null")
            .bind(caller.tenant)
            .fetch_one(&db.owner)
            .await
            .unwrap();
    assert_eq!(passwords, 2, "the owner's and Ada's");
    // And life goes on from the rebuilt guards.
    chain::book(&app, &chain, chain.elbe, "2026-01-29T10:00", "2026-01-29T12:00").await;
    chain::live_until(&app, &db.worker, &chain, "2026-02-02T12:00:00Z".parse().unwrap()).await;
    guards_agree(&db.worker, chain.tenant).await;
}

/// Comparing reads one snapshot: whatever is written meanwhile, it sees no half of it.
#[tokio::test]
async fn a_busy_house_gives_no_false_alarm() {
    let Story { db, app, chain } = story().await;
    let (busy, caller, resource, ada) = (app.clone(), chain.owner.clone(), chain.elbe, chain.ada);
    let enough = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&enough);
    let booking = tokio::spawn(async move {
        // More hours than comparing ever takes; it stops when enough was compared.
        for (day, hour) in (1..=28).flat_map(|day| (9..17).map(move |hour| (day, hour))) {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let command = booking::Book {
                member_id: ada,
                resource_id: resource,
                start: format!("2026-02-{day:02}T{hour:02}:00").parse().unwrap(),
                end: format!("2026-02-{day:02}T{:02}:00", hour + 1).parse().unwrap(),
                people: None,
            };
            let booked = booking::book(&busy, &caller, command).await.unwrap().outcome;
            if hour % 3 == 0 {
                booking::cancel(&busy, &caller, booked).await.unwrap();
            }
        }
    });
    let mut positions = BTreeSet::new();
    while positions.len() < 4 {
        assert!(!booking.is_finished(), "the house went quiet after {positions:?}");
        positions.insert(guards_agree(&db.worker, chain.tenant).await.position);
        guard::rebuild(&app, &db.owner, chain.tenant, None).await.unwrap();
    }
    enough.store(true, Ordering::Relaxed);
    booking.await.unwrap();
    guards_agree(&db.worker, chain.tenant).await;
}
