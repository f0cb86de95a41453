-- Metered use: every piece that was told under an id of its reporter, so that the same id counts once, and the charge
-- that took it, so that it is charged once.
create table usage_guard (
    tenant_id uuid not null,
    event_id text not null,
    meter_id uuid not null,
    member_id uuid not null,
    membership_id uuid not null,
    -- A decimal as text, as the event has it.
    quantity text not null,
    used_on date not null,
    charge_id uuid,
    primary key (tenant_id, event_id)
);
-- What waits for a membership's billing day.
create index usage_guard_waiting on usage_guard (tenant_id, membership_id) where charge_id is null;
create index usage_guard_latest on usage_guard (tenant_id, used_on desc, event_id);
create index usage_guard_member on usage_guard (tenant_id, member_id, used_on desc);

alter table usage_guard enable row level security;
alter table usage_guard force row level security;
create policy tenant on usage_guard using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on usage_guard to coterie_app, coterie_worker;
