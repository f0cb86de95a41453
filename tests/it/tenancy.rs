//! Tenancy as PostgreSQL's own catalogue tells it: every table of organizations is behind row-level security that even
//! its owner cannot step around, and no view, function or role opens a side door. Each finding has its control.

use coterie_tests::database;
use sqlx::{PgPool, Row};

/// Everything in the catalogue that would let one organization see another.
const FINDINGS: &str = r"
with tenant_table as (
    select c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where (n.nspname = 'public' or n.nspname ~ '^(rebuild|compare)_') and c.relkind in ('r', 'p')
      and c.relname <> '_sqlx_migrations'
)
select 'table without row-level security: ' || relname as finding from tenant_table where not relrowsecurity
union all
select 'table whose owner is not held to row-level security: ' || relname from tenant_table where not relforcerowsecurity
union all
select 'table without tenant_id: ' || t.relname from tenant_table t
 where not exists (select from pg_attribute a where a.attrelid = t.oid and a.attname = 'tenant_id' and a.attnotnull and not a.attisdropped)
union all
select 'key that does not begin with tenant_id: ' || i.indexrelid::regclass::text
  from pg_index i join tenant_table t on t.oid = i.indrelid
 where (i.indisunique or i.indisprimary)
   and (select a.attname from pg_attribute a where a.attrelid = i.indrelid and a.attnum = i.indkey[0]) is distinct from 'tenant_id'
union all
select 'foreign key that does not carry the tenant: ' || k.conname
  from pg_constraint k join tenant_table t on t.oid = k.conrelid
 where k.contype = 'f'
   and not exists (select from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any (k.conkey) and a.attname = 'tenant_id')
union all
select 'exclusion constraint that reaches across organizations: ' || k.conname
  from pg_constraint k join tenant_table t on t.oid = k.conrelid
 where k.contype = 'x'
   and not exists (select from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any (k.conkey) and a.attname = 'tenant_id')
union all
select 'policy that does not ask for the tenant: ' || p.tablename || '.' || p.policyname
  from pg_policies p
 where (p.schemaname = 'public' or p.schemaname ~ '^(rebuild|compare)_')
   and coalesce(p.qual, '') not like '%app.tenant%'
   and not (p.cmd = 'SELECT' and p.roles = array['coterie_worker']::name[]
            and p.tablename in ('event', 'event_head', 'checkpoint', 'alarm', 'organization', 'anchor'))
union all
select 'policy that lets a foreign row be written: ' || p.tablename || '.' || p.policyname
  from pg_policies p
 where (p.schemaname = 'public' or p.schemaname ~ '^(rebuild|compare)_') and p.cmd <> 'SELECT' and coalesce(p.with_check, '') not like '%app.tenant%'
union all
select 'view or materialized view: ' || c.relname
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname in ('public', 'installation') and c.relkind in ('v', 'm')
   and coalesce(array_to_string(c.reloptions, ','), '') not like '%security_invoker=true%'
union all
select 'function that runs with its owner''s rights: ' || p.oid::regprocedure::text
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where n.nspname in ('public', 'installation') and p.prosecdef
union all
select 'role that steps around row-level security: ' || r.rolname
  from pg_roles r where r.rolname in ('coterie_app', 'coterie_worker') and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb)
union all
select 'table owned by a runtime role: ' || c.relname
  from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname in ('coterie_app', 'coterie_worker')
union all
select 'events can be changed by ' || grantee || ': ' || privilege_type
  from information_schema.role_table_grants
 where table_schema = 'public' and table_name = 'event' and grantee in ('coterie_app', 'coterie_worker', 'PUBLIC')
   and privilege_type not in ('SELECT', 'INSERT')
order by 1";

async fn findings(owner: &PgPool) -> Vec<String> {
    let rows = sqlx::query(FINDINGS)
        .fetch_all(owner)
        .await
        .expect("the catalogue can be read");
    rows.iter().map(|row| row.get("finding")).collect()
}

#[tokio::test]
async fn no_table_view_function_or_role_opens_a_side_door() {
    let database = database().await;
    assert_eq!(findings(&database.owner).await, Vec::<String>::new());
    let tables: i64 = sqlx::query_scalar("select count(*) from pg_policies where schemaname = 'public'")
        .fetch_one(&database.owner)
        .await
        .expect("policies");
    assert!(tables >= 20, "the catalogue query sees the tables: {tables}");
}

#[tokio::test]
async fn shadow_tables_are_as_shut_as_those_in_the_light() {
    let database = database().await;
    let tables: Vec<&str> = coterie_app::projections::ALL
        .iter()
        .flat_map(|name| coterie_app::projections::tables(name).iter().copied())
        .collect();
    let mut owner = database.owner.acquire().await.expect("a connection");
    for schema in ["rebuild_all", "compare_all"] {
        coterie_eventlog::Shadow::new(schema, &tables)
            .create(&mut owner)
            .await
            .expect("the twins are made");
    }
    assert_eq!(findings(&database.owner).await, Vec::<String>::new());
    // Control: the query does look at them.
    sqlx::query("alter table rebuild_all.booking_view disable row level security")
        .execute(&database.owner)
        .await
        .expect("a superuser may");
    assert_eq!(
        findings(&database.owner).await,
        ["table without row-level security: booking_view"]
    );
    // What is swapped in has indexes by the names that later migrations know.
    let names = "select string_agg(indexname || tablename, ',' order by indexname) from pg_indexes
                 where schemaname = $1 and tablename = any($2)";
    let mut known = Vec::new();
    for schema in ["public", "compare_all"] {
        let found: Option<String> = sqlx::query_scalar(names)
            .bind(schema)
            .bind(&tables)
            .fetch_one(&database.owner)
            .await
            .expect("indexes");
        known.push(found.expect("there are some"));
    }
    assert_eq!(known[0], known[1]);
}

#[tokio::test]
async fn control_each_side_door_is_found() {
    let doors: [(&str, &str); 10] = [
        (
            "create table public.shed (tenant_id uuid not null, id uuid, primary key (tenant_id, id))",
            "table without row-level security: shed",
        ),
        (
            "alter table booking_view no force row level security",
            "table whose owner is not held to row-level security: booking_view",
        ),
        (
            "create unique index leak on member_view (email)",
            "key that does not begin with tenant_id: leak",
        ),
        (
            "create policy everyone on invoice_view for select using (true)",
            "policy that does not ask for the tenant: invoice_view.everyone",
        ),
        (
            "create policy any_row on staff for insert with check (true)",
            "policy that lets a foreign row be written: staff.any_row",
        ),
        (
            "create view opening as select * from event",
            "view or materialized view: opening",
        ),
        (
            "create materialized view pane as select * from event",
            "view or materialized view: pane",
        ),
        (
            "create function peek() returns bigint language sql security definer as 'select count(*) from event'",
            "function that runs with its owner's rights: peek()",
        ),
        (
            "grant update on event to coterie_app",
            "events can be changed by coterie_app: UPDATE",
        ),
        (
            "alter table credit_lot owner to coterie_app",
            "table owned by a runtime role: credit_lot",
        ),
    ];
    let database = database().await;
    for (door, finding) in doors {
        sqlx::query(sqlx::AssertSqlSafe(door))
            .execute(&database.owner)
            .await
            .unwrap_or_else(|error| panic!("{door}: {error}"));
        let found = findings(&database.owner).await;
        assert!(
            found.iter().any(|found| found == finding),
            "{door} was not found among {found:?}"
        );
    }
}
