-- Those who wait for a time that is taken, in the order of their ids. Once it is held for one of them, booking_id is the hold;
-- whoever waits no more has no row.
create table waitlist (
    tenant_id uuid not null,
    entry_id uuid not null,
    member_id uuid not null,
    resource_id uuid not null,
    location_id uuid not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    -- With the buffers that the booking would have.
    blocked tstzrange not null,
    booking_id uuid,
    primary key (tenant_id, entry_id)
);
create index waitlist_resource on waitlist (tenant_id, resource_id, entry_id);
create index waitlist_member on waitlist (tenant_id, member_id);
create unique index waitlist_booking on waitlist (tenant_id, booking_id) where booking_id is not null;
alter table waitlist enable row level security;
alter table waitlist force row level security;
create policy tenant on waitlist using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on waitlist to coterie_app, coterie_worker;
