-- Announced price changes: how far each is, and how each membership stands in it. Telling members decides by these rows, so that a
-- job that was killed finds whom it has not told; the log can write all of them anew.

create table price_change (
    tenant_id uuid not null,
    price_change_id uuid not null,
    plan_id uuid not null,
    plan_version_id uuid not null,
    legal_entity_id uuid not null,
    effective_from date not null,
    announced_on date not null,
    notice_days bigint not null,
    phase text not null check (phase in ('telling', 'told', 'calling_off', 'called_off')),
    primary key (tenant_id, price_change_id)
);
-- Two of one plan that are told at the same time would move the same memberships.
create unique index one_price_change_at_a_time on price_change (tenant_id, plan_id) where phase in ('telling', 'calling_off');

create table price_change_membership (
    tenant_id uuid not null,
    price_change_id uuid not null,
    membership_id uuid not null,
    standing text not null check (standing in ('waiting', 'told', 'left_out', 'released', 'stays')),
    -- What was shown when it was announced: the version and its price, and the first day of the new terms. Null where it stays.
    plan_version_id uuid,
    price_minor bigint,
    from_day date,
    bound_until date,
    -- Why it does not move, and the day of it.
    why text,
    why_day date,
    primary key (tenant_id, price_change_id, membership_id)
);
create index price_change_membership_standing on price_change_membership (tenant_id, price_change_id, standing, membership_id);

do $$
declare t text;
begin
    foreach t in array array['price_change', 'price_change_membership']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I using (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)
            with check (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)', t);
        execute format('grant select, insert, update, delete on %I to coterie_app, coterie_worker', t);
    end loop;
end $$;
