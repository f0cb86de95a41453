//! An invoice run of ten thousand memberships with a hundred thousand usage charges, previewed and issued, beside the rows that so
//! many invoices cannot do without; then single invoices outside of any run.
//!
//! Members are imported from a list, each with an address, and charges are made by the use case that makes all of them, many to an
//! append. `COTERIE_BENCH_MEMBERSHIPS=100000` measures a run of so many after that of ten thousand.

use crate::{
    chain::{self, Chain},
    measure, memory, plain,
};
use coterie_app::{
    App, Operation, charge,
    import::{self, Mode, People},
    invoice_run::{self, BATCH, CarryingOn, RunStep},
};
use coterie_domain::{
    ChargeId, InvoiceRunId, MemberId, MembershipId, Payer,
    billing::{self, BillingEvent, NewBillingDetails},
    charge::{ChargeKind, ChargeMade},
};
use jiff::civil::{Date, date};
use sqlx::PgPool;
use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};
use uuid::Uuid;

const MEMBERSHIPS: usize = 10_000;
/// Usage charges of each, beside the price of its cycle.
const USAGE: usize = 10;
/// Runs that are measured, each between two floors; the best of each counts.
const ROUNDS: usize = 3;
/// Members whose charges are made in one transaction of the set-up.
const TOGETHER: usize = 200;
/// The most rows of one import.
const LIST: usize = 40_000;
/// Invoices outside of any run.
const SINGLE: usize = 300;
/// The day on which the sample chain's clock stands.
const CUT_OFF: Date = date(2026, 1, 20);

pub async fn run(pool: &PgPool, owner: &PgPool) {
    for sql in plain::PLAIN_INVOICES {
        sqlx::query(sql)
            .execute(owner)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    let app = chain::app(pool.clone());
    let ten = of_size(&app, owner, "bench-run", MEMBERSHIPS, ROUNDS).await;
    let asked = std::env::var("COTERIE_BENCH_MEMBERSHIPS").ok();
    if let Some(memberships) = asked.and_then(|count| count.parse::<usize>().ok()) {
        let many = of_size(&app, owner, "bench-many", memberships, 1).await;
        println!(
            "  {:<34}{:>9.1} times as long\n",
            "the larger run",
            many.as_secs_f64() / ten.as_secs_f64()
        );
    }
    single(&app, owner).await;
}

/// Measures runs over so many memberships; the answer is the shortest.
async fn of_size(app: &App, owner: &PgPool, slug: &str, memberships: usize, rounds: usize) -> Duration {
    let chain = chain::open_chain(app, slug).await;
    let members = members(app, &chain, memberships).await;
    let (mut runs, mut floors, mut previews) = (Vec::new(), Vec::new(), Vec::new());
    let mut position = 0;
    for round in 0..rounds {
        charge_all(app, &chain, &members, round == 0).await;
        run_in(owner).await;
        floors.push(floor(&app.pool, &chain, memberships, &mut position).await);
        memory::forget_peak();
        let before = memory::resident_mib();
        let (previewed, issued) = one_run(app, &chain).await;
        println!(
            "  round {}: preview {:.2} s, issue {:.2} s; resident {before} MiB before, {} MiB at most; load {}",
            round + 1,
            previewed.as_secs_f64(),
            issued.as_secs_f64(),
            memory::peak_mib(),
            memory::load()
        );
        previews.push(previewed);
        runs.push(previewed + issued);
        floors.push(floor(&app.pool, &chain, memberships, &mut position).await);
    }
    let best = |took: &[Duration]| took.iter().min().copied().unwrap_or_default();
    let (run, floor) = (best(&runs), best(&floors));
    let lines = memberships * (USAGE + 1);
    println!("An invoice run of {memberships} memberships, {lines} lines, in batches of {BATCH}");
    println!("  {:<34}{:>9.2} s", "preview", best(&previews).as_secs_f64());
    println!("  {:<34}{:>9.2} s", "preview and issue", run.as_secs_f64());
    println!("  {:<34}{:>9.2} s", "the bare rows of it", floor.as_secs_f64());
    println!(
        "  {:<34}{:>9.2}\n",
        "ratio of the rates",
        floor.as_secs_f64() / run.as_secs_f64()
    );
    run
}

/// A chain that grew for years has been looked through by PostgreSQL itself, whose log is written into files that it has already.
async fn run_in(owner: &PgPool) {
    for sql in ["vacuum analyze", "checkpoint"] {
        sqlx::query(sql).execute(owner).await.expect("the database is run in");
    }
}

/// Everything between asking for a preview and the last invoice, but for people who look at it.
async fn one_run(app: &App, chain: &Chain) -> (Duration, Duration) {
    let drafting = Instant::now();
    let opened = invoice_run::open(app, &chain.owner, chain.legal_entity, CUT_OFF).await;
    let id = opened.expect("a run opens").outcome;
    go_on(app, chain, id).await;
    let previewed = drafting.elapsed();
    let issuing = Instant::now();
    for step in [RunStep::Approve, RunStep::Issue] {
        invoice_run::decide(app, &chain.owner, id, step)
            .await
            .expect("it is decided");
    }
    go_on(app, chain, id).await;
    (previewed, issuing.elapsed())
}

async fn go_on(app: &App, chain: &Chain, id: InvoiceRunId) {
    let mut run = CarryingOn::of(app, &chain.owner, id, BATCH);
    while run.step().await.expect("a step is done").outcome {}
}

async fn floor(pool: &PgPool, chain: &Chain, memberships: usize, position: &mut i64) -> Duration {
    let batch = usize::try_from(BATCH).expect("few");
    let started = Instant::now();
    for first in (0..memberships).step_by(batch) {
        let count = batch.min(memberships - first);
        plain::write_invoices(pool, chain.tenant, *position, count).await;
        *position += plain::events_of(count);
    }
    started.elapsed()
}

/// Imports so many members.
async fn members(app: &App, chain: &Chain, count: usize) -> Vec<MemberId> {
    for first in (0..count).step_by(LIST) {
        let mut list = "external_id,name,email\n".to_owned();
        for number in first..(first + LIST).min(count) {
            writeln!(list, "R-{number},Payer {number},payer{number}@example.com").expect("a string grows");
        }
        let files = People {
            members: Some(&list),
            ..People::default()
        };
        let report = import::people(app, &chain.owner, files, Mode::Apply).await;
        let report = report.expect("they are imported");
        assert!(report.errors.is_empty(), "{:?}", report.errors);
    }
    let mut op = Operation::open(app, &chain.owner).await.expect("an operation opens");
    let ids: Vec<Uuid> =
        sqlx::query_scalar("select id from import_key where tenant_id = $1 and kind = 'member' and id <> $2")
            .bind(chain.tenant)
            .bind(chain.ada.0)
            .fetch_all(op.conn())
            .await
            .expect("their ids can be read");
    assert_eq!(ids.len(), count);
    ids.into_iter().map(MemberId).collect()
}

/// A month's charges of all members, and the first time their addresses.
async fn charge_all(app: &App, chain: &Chain, members: &[MemberId], first: bool) {
    let address = NewBillingDetails {
        street: "Speicherstrasse 12".to_owned(),
        postcode: "10115".to_owned(),
        city: "Berlin".to_owned(),
        country: "DE".to_owned(),
        ..NewBillingDetails::default()
    };
    for some in members.chunks(TOGETHER) {
        let mut op = Operation::open(app, &chain.owner).await.expect("an operation opens");
        let mut charges = Vec::with_capacity(some.len() * (USAGE + 1));
        for member in some {
            let payer = Payer::Member(*member);
            if first {
                let said = billing::set(payer, &address).expect("an address");
                op.write(billing::stream(payer), 0, [BillingEvent::from(said)])
                    .expect("it is written");
            }
            charges.extend(month(&op, chain, *member, USAGE));
        }
        charge::make_all_in_op(&mut op, &charges)
            .await
            .expect("charges are made");
        op.commit(()).await.expect("they are recorded");
    }
}

/// The price of a membership's cycle, and hours of rooms beyond its allowance.
fn month(op: &Operation, chain: &Chain, member: MemberId, usage: usize) -> Vec<ChargeMade> {
    let membership = Some(MembershipId(op.new_id()));
    let recurring = ChargeMade {
        kind: ChargeKind::Recurring,
        membership_id: membership,
        description: "Flex, 2026-01-01 to 2026-01-31".to_owned(),
        service_from: date(2026, 1, 1),
        service_to: date(2026, 2, 1),
        ..chain::a_sale(ChargeId(op.new_id()), chain, member, 30_000, CUT_OFF)
    };
    let used = (0..usage).map(|_| ChargeMade {
        kind: ChargeKind::Booking,
        membership_id: membership,
        description: "Elbe, 20 January 2026, 10:00 to 12:00".to_owned(),
        quantity: "2".to_owned(),
        unit: "h".to_owned(),
        unit_price: chain::eur(2_000),
        ..chain::a_sale(ChargeId(op.new_id()), chain, member, 4_000, CUT_OFF)
    });
    std::iter::once(recurring).chain(used).collect()
}

/// One payer's invoice at a time, as staff ask for it.
async fn single(app: &App, owner: &PgPool) {
    let chain = chain::open_chain(app, "bench-single").await;
    let members = members(app, &chain, SINGLE).await;
    charge_all(app, &chain, &members, true).await;
    run_in(owner).await;
    let mut took = Vec::with_capacity(SINGLE);
    let started = Instant::now();
    for member in members {
        let asked = Instant::now();
        invoice_run::invoice_now(app, &chain.owner, Payer::Member(member), chain.legal_entity)
            .await
            .expect("it is issued");
        took.push(asked.elapsed());
    }
    println!(
        "One invoice of {} lines outside of a run, one after the other",
        USAGE + 1
    );
    let turn = measure::summed(took, started.elapsed());
    measure::print_turn("invoice_run::invoice_now", turn, measure::Load::operations(SINGLE));
    println!();
}
