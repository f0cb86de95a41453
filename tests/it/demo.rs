//! A small demo chain is built as the large one is, and its books hold.

use coterie_app::simulation;
use coterie_domain::simulation::{Draft, PlanDraft};
use coterie_eventlog::Verdict;
use coterie_server::demo::{self, Built, Moment, PASSWORD, SLUG, Scale};
use coterie_tests::stack::{TestStack, stack};
use jiff::Timestamp;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const MEMBERS: usize = 12;
const BOOKINGS: usize = 150;

fn scale() -> Scale {
    let time = |text: &str| text.parse::<Timestamp>().expect("a time");
    Scale {
        members: MEMBERS,
        bookings: BOOKINGS,
        starts_at: time("2026-01-01T06:00:00Z"),
        ends_at: time("2026-02-05T09:00:00Z"),
        seed: 7,
    }
}

async fn build(house: &TestStack) -> (Built, Vec<usize>) {
    let mut percents = Vec::new();
    let cancel = CancellationToken::new();
    let mut tell = |moment: &Moment<'_>| percents.push(moment.percent);
    let built = demo::build(&house.house, &scale(), &cancel, &mut tell)
        .await
        .expect("the demo can be built");
    house.settle(built.tenant).await;
    (built, percents)
}

/// Counts rows of the tenant's own tables, as a superuser sees them.
async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql)
        .fetch_one(pool)
        .await
        .expect("it can be counted")
}

#[tokio::test]
async fn a_small_demo_is_built_and_its_books_hold() {
    let house = stack().await;
    let (built, percents) = build(&house).await;
    assert!(percents.is_sorted() && percents.last() == Some(&100), "{percents:?}");
    assert_eq!(built.counts.memberships, MEMBERS);
    assert!(
        built.counts.bookings + built.counts.refused > BOOKINGS * 9 / 10,
        "{:?}",
        built.counts
    );
    let roles: Vec<&str> = built.sign_ins.iter().map(|person| person.role.as_str()).collect();
    assert_eq!(roles, ["owner", "operator", "finance", "member"]);
    let owner = &house.db.owner;
    books_balance(owner).await;
    receivable_is_what_is_open(owner).await;
    nobody_is_billed_twice(owner).await;
    the_simulator_charged_what_was_settled(&house).await;
    let verdict = coterie_eventlog::verify(&house.house.worker_pool, built.tenant, |_| {})
        .await
        .expect("the log can be read");
    assert!(matches!(verdict, Verdict::Intact { .. }), "{verdict:?}");
    coterie_tests::guards::guards_agree(&house.house.worker_pool, built.tenant).await;
    the_month_is_what_was_charged(&house, &built).await;
    everybody_can_sign_in(&house, &built).await;
    house.shutdown().await;
}

/// What if: pricing January by what is published gives what was charged, and a draft that changes nothing changes nothing.
async fn the_month_is_what_was_charged(house: &TestStack, built: &Built) {
    let (app, role) = (house.app(), coterie_domain::organization::Role::Owner);
    let id = Uuid::nil().into();
    let owner = coterie_app::Caller::new(built.tenant, coterie_app::Actor::Staff { id, role });
    let catalogue = coterie_app::catalogue::read(app, built.tenant)
        .await
        .expect("a catalogue");
    let mut drafts = vec![None];
    drafts.extend(
        catalogue
            .plans_on_offer()
            .into_iter()
            .map(|plan| Some(PlanDraft::of(plan))),
    );
    for plan in drafts {
        let draft = Draft {
            month: "2026-01".to_owned(),
            plan,
            rules: Vec::new(),
            withdrawn: Vec::new(),
        };
        let simulated = simulation::simulate(app, &owner, &draft, None).await.expect("a month");
        assert!(simulated.summary.bookings > BOOKINGS / 2 && !simulated.rows.is_empty());
        for row in &simulated.rows {
            assert_eq!(row.figures.difference(), 0, "{row:?}");
            assert_eq!(row.figures.published, row.figures.charged, "{row:?}");
        }
    }
}

/// Rule 9, from the log itself.
async fn books_balance(pool: &PgPool) {
    let unbalanced = count(
        pool,
        "select count(*) from (
             select position from event, json_array_elements(payload->'postings') posting
             where event_type = 'JournalEntryPosted'
             group by tenant_id, position having sum((posting->>'amount_minor')::bigint) <> 0) entries",
    )
    .await;
    let entries = count(
        pool,
        "select count(*) from event where event_type = 'JournalEntryPosted'",
    )
    .await;
    assert!(
        unbalanced == 0 && entries > 50,
        "{unbalanced} of {entries} do not balance"
    );
}

/// Rule 9: accounts receivable = sum of open invoices, for each legal entity; and something is open, because cards of
/// the samples are declined.
async fn receivable_is_what_is_open(pool: &PgPool) {
    let rows: Vec<(Uuid, i64, i64)> = sqlx::query_as(
        "select entity, coalesce(sum(booked), 0)::bigint, coalesce(sum(open), 0)::bigint from (
             select (payload->>'legal_entity_id')::uuid as entity, (posting->>'amount_minor')::bigint as booked, 0 as open
             from event, json_array_elements(payload->'postings') posting
             where event_type = 'JournalEntryPosted' and posting->>'account' = 'accounts_receivable'
             union all
             select legal_entity_id, 0, open_minor from invoice_guard) both_sides
         group by entity",
    )
    .fetch_all(pool)
    .await
    .expect("both sides can be summed");
    assert_eq!(rows.len(), 2);
    for (entity, booked, open) in rows {
        assert_eq!(booked, open, "of legal entity {entity}");
    }
}

/// Rule 4: each charge on one line at most, each day of a membership in one recurring line at most.
async fn nobody_is_billed_twice(pool: &PgPool) {
    let lines = "select (line->>'charge_id')::uuid as charge, line->>'kind' as kind
                 from event, json_array_elements(payload->'lines') line where event_type = 'InvoiceIssued'";
    let twice = format!("select count(*) from (select charge from ({lines}) l group by charge having count(*) > 1) t");
    let twice: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(twice))
        .fetch_one(pool)
        .await
        .expect("lines can be counted");
    assert_eq!(twice, 0);
    let overlapping = format!(
        "with period as (
             select payload->>'membership_id' as membership, (payload->>'charge_id')::uuid as charge,
                    daterange((payload->>'service_from')::date, (payload->>'service_to')::date) as days
             from event where event_type = 'ChargeMade' and payload->>'kind' = 'recurring')
         select count(*), count(*) filter (where exists (
             select from period other where other.membership = period.membership and other.charge <> period.charge
             and other.days && period.days))
         from period join ({lines}) line on line.charge = period.charge"
    );
    let (billed, overlapping): (i64, i64) = sqlx::query_as(sqlx::AssertSqlSafe(overlapping))
        .fetch_one(pool)
        .await
        .expect("periods can be compared");
    assert!(
        billed >= 2 * 10 && overlapping == 0,
        "{overlapping} of {billed} overlap"
    );
}

/// Rule 11: what the simulator took is what was settled, invoice by invoice, and never more than once.
async fn the_simulator_charged_what_was_settled(house: &TestStack) {
    let settled: Vec<(String, i64, i64)> = sqlx::query_as(
        "select attempt.payload->>'invoice_id', count(*), sum((settled.payload->'amount'->>'minor')::bigint)::bigint
         from event settled join event attempt
           on attempt.tenant_id = settled.tenant_id and attempt.stream_id = settled.stream_id
          and attempt.event_type = 'PaymentAttempted'
         where settled.event_type = 'PaymentSettled' group by 1 order by 1",
    )
    .fetch_all(&house.db.owner)
    .await
    .expect("settled payments can be summed");
    let accounts: Vec<String> = sqlx::query_scalar("select account_id from installation.stripe_account")
        .fetch_all(&house.db.owner)
        .await
        .expect("accounts can be listed");
    let mut charged = Vec::new();
    for account in &accounts {
        let state = house.house.sim.state(account).expect("the simulator knows the account");
        for (invoice, sum) in state["invoices"].as_object().expect("sums by invoice") {
            let number = |name: &str| sum[name].as_i64().unwrap_or_default();
            charged.push((invoice.clone(), number("charges"), number("captured_minor")));
        }
    }
    charged.sort();
    assert_eq!((accounts.len(), charged), (2, settled));
}

async fn everybody_can_sign_in(house: &TestStack, built: &Built) {
    for person in &built.sign_ins {
        let signed_in =
            coterie_app::session::sign_in(house.app(), built.tenant, &person.email, PASSWORD.to_owned()).await;
        assert!(signed_in.is_ok(), "{}: {signed_in:?}", person.role);
    }
    let key = coterie_app::session::find_api_key(house.app(), &built.api_key)
        .await
        .expect("keys can be looked up");
    assert_eq!(key.map(|key| key.tenant), Some(built.tenant));
    let there = coterie_app::organization::by_host(house.app(), &format!("{SLUG}.localhost"))
        .await
        .expect("hosts can be looked up");
    assert!(there.is_some_and(|chain| chain.sandbox));
}

#[tokio::test]
async fn a_demo_that_is_stopped_says_so() {
    let house = stack().await;
    let cancel = CancellationToken::new();
    let stopping = cancel.clone();
    let mut tell = |moment: &Moment<'_>| {
        if moment.percent > 0 {
            stopping.cancel();
        }
    };
    let stopped = demo::build(&house.house, &scale(), &cancel, &mut tell).await;
    assert!(
        matches!(stopped, Err(demo::DemoError::Stopped)),
        "{:?}",
        stopped.map(|built| built.counts)
    );
    house.shutdown().await;
}
