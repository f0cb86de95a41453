//! An invoice run over many payers, drafts and issuing apart, beside the rows that so many invoices cannot do without.

use crate::plain;
use coterie_app::{
    App, Operation, charge,
    invoice_run::{self, BATCH, RunStep},
    member::{self, ImportMember},
};
use coterie_domain::{ChargeId, InvoiceRunId};
use coterie_tests::chain::{self, Chain};
use jiff::civil::{Date, date};
use sqlx::PgPool;
use std::time::{Duration, Instant};

const PAYERS: usize = 1_000;
/// The day on which the sample chain's clock stands.
const CUT_OFF: Date = date(2026, 1, 20);
/// Events of one invoice: it, its entry, and its share of the run's.
const EVENTS: usize = 2;

pub async fn run(pool: &PgPool) {
    let app = chain::app(pool.clone());
    let chain = chain::open_chain(&app, "bench-run").await;
    for number in 0..PAYERS {
        owing(&app, &chain, number).await;
    }
    let drafting = Instant::now();
    let opened = invoice_run::open(&app, &chain.owner, chain.legal_entity, CUT_OFF).await;
    let id = opened.expect("a run opens").outcome;
    go_on(&app, &chain, id).await;
    let drafted = drafting.elapsed();
    for step in [RunStep::Approve, RunStep::Issue] {
        invoice_run::decide(&app, &chain.owner, id, step)
            .await
            .expect("it is decided");
    }
    let issuing = Instant::now();
    go_on(&app, &chain, id).await;
    let issued = issuing.elapsed();
    let floor = bare(pool, &chain).await;
    println!("An invoice run over {PAYERS} payers, in batches of {BATCH}");
    print("invoice_run: drafts", drafted);
    print("invoice_run: issuing", issued);
    print("the bare SQL of issuing", floor);
    println!();
}

fn print(name: &str, took: Duration) {
    let payers = u32::try_from(PAYERS).expect("few");
    println!(
        "  {name:<34}{:>9.0} payers per second",
        f64::from(payers) / took.as_secs_f64()
    );
}

async fn owing(app: &App, chain: &Chain, number: usize) {
    let row = ImportMember {
        external_id: format!("R-{number}"),
        name: format!("Payer {number}"),
        email: format!("payer{number}@example.com"),
        home_location_id: None,
        password: None,
    };
    let payer = member::import(app, &chain.owner, row)
        .await
        .expect("she is imported")
        .outcome;
    let mut op = Operation::open(app, &chain.owner).await.expect("an operation opens");
    for net_minor in [30_000, 2_000, 1_500] {
        let made = chain::a_sale(ChargeId(op.new_id()), chain, payer, net_minor, CUT_OFF);
        charge::make_in_op(&mut op, &made).await.expect("a charge is made");
    }
    op.commit(()).await.expect("they are recorded");
}

async fn go_on(app: &App, chain: &Chain, id: InvoiceRunId) {
    loop {
        let step = invoice_run::advance(app, &chain.owner, id, BATCH).await;
        if !step.expect("a step is done").outcome {
            return;
        }
    }
}

/// A number, a guard row and plain events for each, a batch in each transaction.
async fn bare(pool: &PgPool, chain: &Chain) -> Duration {
    let batch = usize::try_from(BATCH).expect("few");
    let started = Instant::now();
    for number in 0..PAYERS / batch {
        let mut tx = pool.begin().await.expect("a transaction begins");
        coterie_eventlog::set_tenant_in_op(&mut tx, chain.tenant)
            .await
            .expect("a tenant");
        for _ in 0..batch {
            sqlx::query(
                "update invoice_series set last_sequence = last_sequence + 1 where tenant_id = $1 and legal_entity_id = $2",
            )
            .bind(chain.tenant)
            .bind(chain.legal_entity.0)
            .execute(&mut *tx)
            .await
            .expect("a number is taken");
            sqlx::query(
                "insert into invoice_guard (tenant_id, invoice_id, legal_entity_id, payer_kind, payer_id, currency, gross_minor, open_minor)
                 values ($1, gen_random_uuid(), $2, 'member', gen_random_uuid(), 'EUR', 1, 1)",
            )
            .bind(chain.tenant)
            .bind(chain.legal_entity.0)
            .execute(&mut *tx)
            .await
            .expect("a row goes in");
        }
        let position = i64::try_from(number * batch * EVENTS).expect("few");
        plain::insert_on(&mut *tx, chain.tenant, position, batch * EVENTS).await;
        tx.commit().await.expect("it commits");
    }
    started.elapsed()
}
