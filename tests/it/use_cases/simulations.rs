//! A month of two thousand memberships and twenty thousand bookings, led through in steps.

use super::opened;
use coterie_app::{projections, simulation};
use coterie_domain::simulation::{Draft, PlanDraft};
use coterie_tests::chain::{self, eur};
use std::time::{Duration, Instant};

const COPIES: i64 = 1_999;
/// No request lives longer.
const PATIENCE: Duration = Duration::from_secs(9);

/// Ada's month as often again under other ids: the rows that living it would have made, without living it.
const COPY: &str = "
    do $$
    declare
        ids uuid[];
        of_one bigint;
        head bigint;
    begin
        create temp table mine as
            select e.* from event e
            where e.stream_id in (select membership_id from membership_view)
               or e.stream_id in (select lot_id from credit_lot)
               or e.stream_id in (select booking_id from booking_view);
        select array_agg(distinct stream_id) into ids from mine;
        select count(*), max(position) into of_one, head from event;
        create temp table other as select id, k, md5(id::text || k)::uuid as now
            from unnest(ids) id cross join generate_series(1, COPIES) k;
        create index on other (k, id);
        create function pg_temp.renamed(text, bigint) returns text language plpgsql as $f$
        declare result text := $1; one record;
        begin
            for one in select id, now from other where k = $2 loop
                result := replace(result, one.id::text, one.now::text);
            end loop;
            return result;
        end $f$;
        insert into event
            select m.tenant_id, head + (k - 1) * of_one + row_number() over (partition by k order by m.position), m.category,
                   o.now, m.version, m.event_type, m.event_version, m.actor, m.command_id, m.causation, m.correlation_id,
                   m.occurred_at, m.recorded_at, pg_temp.renamed(m.payload::text, k)::json, m.hash
            from mine m join other o on o.id = m.stream_id;
        insert into membership_view
            select (jsonb_populate_record(v, jsonb_build_object('membership_id', o.now))).*
            from membership_view v join other o on o.id = v.membership_id;
        insert into credit_lot
            select (jsonb_populate_record(l, jsonb_build_object('lot_id', o.now, 'membership_id', s.now))).*
            from credit_lot l join other o on o.id = l.lot_id join other s on s.id = l.membership_id and s.k = o.k;
        insert into booking_view
            select (jsonb_populate_record(b, jsonb_build_object('booking_id', o.now,
                'document', pg_temp.renamed(b.document::text, o.k)::json))).*
            from booking_view b join other o on o.id = b.booking_id;
    end $$";

#[tokio::test]
async fn two_thousand_memberships_and_twenty_thousand_bookings_are_priced_in_one_request() {
    let (database, app, chain) = opened().await;
    chain::subscribe(&app, &chain).await;
    for day in 21..=30 {
        // The 25th is a Sunday; the house is open all the same.
        let (from, until) = (format!("2026-01-{day}T10:00"), format!("2026-01-{day}T11:30"));
        chain::book(&app, &chain, chain.elbe, &from, &until).await;
    }
    let until = "2026-02-02T08:00:00Z".parse().unwrap();
    chain::live_until(&app, &database.worker, &chain, until).await;
    chain::follow_until_idle(&database.worker, &projections::all(&chain::keys())).await;
    let copy = COPY.replace("COPIES", &COPIES.to_string());
    sqlx::raw_sql(sqlx::AssertSqlSafe(copy))
        .execute(&database.owner)
        .await
        .unwrap();
    sqlx::raw_sql("analyze").execute(&database.owner).await.unwrap();

    let catalogue = coterie_app::catalogue::read(&app, chain.tenant).await.unwrap();
    let mut plan = PlanDraft::of(catalogue.latest_version_of(chain.plan).unwrap());
    plan.price = eur(31_000);
    plan.allowances[0].minutes = 360;
    let draft = Draft {
        month: "2026-01".to_owned(),
        plan: Some(plan),
        rules: Vec::new(),
        withdrawn: Vec::new(),
    };
    let begun = Instant::now();
    let simulated = simulation::simulate(&app, &chain.owner, &draft, None).await.unwrap();
    let took = begun.elapsed();
    println!("2,000 memberships and 20,000 bookings: {} ms", took.as_millis());
    assert_eq!((simulated.rows.len(), simulated.summary.bookings), (2_000, 20_000));
    let totals = &simulated.summary.totals[&eur(0).currency];
    // Fifteen hours each, of which five are granted: 200.00 and 116.13; by the draft 180.00 and 120.00.
    assert_eq!(totals.figures.charged, 2_000 * (20_000 + 11_613));
    assert_eq!(totals.figures.published, totals.figures.charged);
    assert_eq!(totals.figures.draft, 2_000 * (18_000 + 12_000));
    assert_eq!((totals.less, totals.more, totals.same), (2_000, 0, 0));
    assert!(took < PATIENCE, "{took:?}");
}
