-- Why: anchors lie outside the database, and whoever publishes them must not ask that place about every organization each
-- time. This says how far each was anchored. It proves nothing: what counts is what lies outside.

create table anchor (
    tenant_id uuid primary key,
    position bigint not null check (position > 0),
    published_at timestamptz not null
) with (fillfactor = 50);

comment on table anchor is 'Up to where each organization''s head was published outside the database.';
comment on column anchor.published_at is 'Wall time.';

alter table anchor enable row level security;
alter table anchor force row level security;

create policy anchor_of_tenant on anchor
    using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
-- A copy of what event_head says already; which heads moved since is asked across organizations.
create policy anchor_for_worker on anchor for select to coterie_worker using (true);

grant select, insert, update on anchor to coterie_worker;
