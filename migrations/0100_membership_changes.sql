-- Why: agreements change. A day of a membership may be given back and charged anew under other terms, so "one recurring charge
-- for each cycle's first day" no longer says what must hold. What must hold is rule 4 itself: of the days that stand charged, no
-- two ranges of one membership meet.

drop index charge_guard_recurring;

-- The days that stand charged, free ones included, [first_day, end_day).
create table billed_days (
    tenant_id uuid not null,
    membership_id uuid not null,
    first_day date not null,
    end_day date not null check (first_day < end_day),
    primary key (tenant_id, membership_id, first_day),
    constraint billed_once exclude using gist (tenant_id with =, membership_id with =, daterange(first_day, end_day) with &&)
);
alter table billed_days enable row level security;
alter table billed_days force row level security;
create policy tenant on billed_days using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on billed_days to coterie_app, coterie_worker;

-- Until now a cycle was opened as a whole, so its event says which days stand charged.
do $$
declare v_tenant uuid;
begin
    for v_tenant in select distinct tenant_id from installation.host loop
        perform set_config('app.tenant', v_tenant::text, true);
        insert into billed_days (tenant_id, membership_id, first_day, end_day)
        select tenant_id, stream_id, (payload->'days'->>'start')::date, (payload->'days'->>'end')::date
        from event
        where tenant_id = v_tenant and category = 'membership' and event_type = 'CycleOpened'
        on conflict do nothing;
    end loop;
    perform set_config('app.tenant', '', true);
end $$;

alter table membership_view
    -- What is agreed on for later.
    add column next_plan_id uuid,
    add column next_plan_version_id uuid,
    add column next_plan_name text,
    add column next_price_minor bigint,
    add column next_length text,
    add column next_from date,
    -- The last pause, [from, until); open where until is not known.
    add column paused_from date,
    add column paused_until date,
    -- The last price that was agreed on instead of the plan's.
    add column agreed_price_minor bigint,
    add column agreed_from date,
    add column agreed_until date,
    add column length text not null default 'month';
