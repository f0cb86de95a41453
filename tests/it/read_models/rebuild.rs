use coterie_app::{
    company::{self, RegisterCompany},
    credit_note,
    member::page as members,
    membership, pass,
    payment::{self, Attempt, Heard},
    projections,
};
use coterie_domain::{credit_note::NewCreditNote, legal_entity::Address};
use coterie_tests::chain;
use sqlx::{AssertSqlSafe, PgPool};

use super::{January, first_page, january, payments};

/// A chain with something in every table.
pub(super) async fn rich() -> January {
    let here = january().await;
    let (app, owner) = (&here.app, &here.chain.owner);
    for outcome in [payments::declined(), payments::succeeded(chain::eur(5_000))] {
        let Attempt::Submit(fact) = payment::attempt(app, owner, here.invoice, false).await.unwrap() else {
            panic!("an open invoice is tried")
        };
        payment::record(app, owner, fact.payment_id, &outcome, Heard::Answer)
            .await
            .unwrap();
    }
    chain::sell_passes(app, &here.chain, 3).await;
    chain::buy_pass(app, &here.chain, "2026-02-05").await;
    let bought = chain::buy_pass(app, &here.chain, "2026-02-06").await;
    pass::give_back(app, owner, bought).await.unwrap();
    let command = RegisterCompany {
        name: "Analytical Engines".to_owned(),
        billing_email: "books@engines.test".to_owned(),
        address: Address {
            country: "DE".to_owned(),
            ..Address::default()
        },
        ..RegisterCompany::default()
    };
    let company = company::register(app, owner, command).await.unwrap().outcome;
    company::add_member(app, owner, company, here.chain.ada, None)
        .await
        .unwrap();
    chain::live_until(
        app,
        &here.database.worker,
        &here.chain,
        "2026-01-31T23:00:00Z".parse().unwrap(),
    )
    .await;
    let again = NewCreditNote {
        reason: "Addressed to the wrong house.".to_owned(),
        lines: Vec::new(),
        bill_again: true,
    };
    credit_note::issue(app, owner, here.invoice, &again).await.unwrap();
    here
}

/// Every row of every model, as text.
pub(super) async fn snapshot(owner: &PgPool) -> Vec<String> {
    let mut rows = Vec::new();
    for table in projections::ALL.iter().flat_map(|name| projections::tables(name)) {
        let sql = format!("select '{table} ' || row_to_json(t)::text from {table} t order by 1");
        let found: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(owner).await.unwrap();
        assert!(!found.is_empty(), "{table} is empty, so it proves nothing");
        rows.extend(found);
    }
    rows
}

pub(super) async fn run(owner: &PgPool, sql: String) {
    sqlx::query(AssertSqlSafe(sql)).execute(owner).await.unwrap();
}

#[tokio::test]
async fn rebuilt_equals_live_row_by_row_whatever_the_batches() {
    let here = rich().await;
    let (owner, worker) = (&here.database.owner, &here.database.worker);
    // Live: event by event, as followers that keep up see them.
    chain::follow_in_batches(worker, &projections::all(&chain::keys()), 1).await;
    let live = snapshot(owner).await;
    for batch in [500, 7] {
        for table in projections::ALL.iter().flat_map(|name| projections::tables(name)) {
            run(owner, format!("delete from {table}")).await;
        }
        run(owner, "delete from checkpoint".to_owned()).await;
        chain::follow_in_batches(worker, &projections::all(&chain::keys()), batch).await;
        assert_eq!(snapshot(owner).await, live, "in batches of {batch}");
    }
}

#[tokio::test]
async fn handling_the_log_twice_is_handling_it_once() {
    let here = rich().await;
    let (owner, worker) = (&here.database.owner, &here.database.worker);
    here.follow().await;
    let once = snapshot(owner).await;
    run(owner, "update checkpoint set position = 0".to_owned()).await;
    // Half of it again must not show the past either.
    let heads =
        "create temp table head as select tenant_id, position from event_head; update event_head set position = 30";
    let mut conn = owner.acquire().await.unwrap();
    sqlx::raw_sql(heads).execute(&mut *conn).await.unwrap();
    for follower in projections::all(&chain::keys()) {
        let half = coterie_eventlog::follow_once(worker, follower.as_ref(), 500)
            .await
            .unwrap();
        assert_eq!(half.events, 30);
    }
    let heads = "update event_head e set position = head.position from head where head.tenant_id = e.tenant_id; drop table head";
    sqlx::raw_sql(heads).execute(&mut *conn).await.unwrap();
    drop(conn);
    assert_eq!(snapshot(owner).await, once);
    here.follow().await;
    assert_eq!(snapshot(owner).await, once);
}

#[tokio::test]
async fn companies_show_their_members_and_notice_shows_its_last_day() {
    let here = rich().await;
    here.follow().await;
    let (app, tenant) = (&here.app, here.chain.tenant);
    let page = members::companies(app, tenant, &first_page()).await.unwrap();
    let [row] = page.items.as_slice() else {
        panic!("one company: {page:?}")
    };
    assert_eq!((row.name.as_str(), row.members), ("Analytical Engines", 1));
    let detail = members::company(app, tenant, row.company_id).await.unwrap().unwrap();
    assert_eq!(detail.members[0].company_name.as_deref(), Some("Analytical Engines"));

    let memberships = membership::page::list(
        app,
        tenant,
        membership::page::MembershipFilter::default(),
        &first_page(),
    )
    .await
    .unwrap();
    let id = memberships.items[0].membership_id;
    membership::give_notice(app, &here.chain.as_ada(), id, None)
        .await
        .unwrap();
    here.follow().await;
    let given = membership::page::find(app, tenant, id).await.unwrap().unwrap();
    assert_eq!(
        (given.state.name(), given.last_day.unwrap().to_string()),
        ("notice", "2026-02-28".into())
    );
    let lots = membership::page::allowances(app, tenant, here.chain.ada).await.unwrap();
    assert_eq!(
        lots.iter().map(|lot| lot.current).collect::<Vec<_>>(),
        [true],
        "March is called off"
    );
    chain::live_until(
        app,
        &here.database.worker,
        &here.chain,
        "2026-03-01T00:00:00Z".parse().unwrap(),
    )
    .await;
    here.follow().await;
    let lots: Vec<(i64, i64)> = sqlx::query_as("select amount_left, amount_granted from credit_lot")
        .fetch_all(&here.database.owner)
        .await
        .unwrap();
    assert_eq!(lots, [(0, 300); 3], "what was granted ahead lapses with the membership");
    let ended = membership::page::find(app, tenant, id).await.unwrap().unwrap();
    assert_eq!(ended.state.name(), "ended");
    assert!(
        !members::find(app, tenant, here.chain.ada)
            .await
            .unwrap()
            .unwrap()
            .active
    );
}
