-- Rooms that are combined of others, times out of service, and bookings that belong together.

-- A booking of a combined room holds its parts too, a row for each.
alter table reservation drop constraint reservation_pkey;
alter table reservation add primary key (tenant_id, booking_id, resource_id);

-- How often the terms of a resource were set. Whoever holds the row and decided by other terms decides again.
alter table resource_lock add column terms bigint not null default 0;

-- Resources out of service; their time is in reservation, under the blocker's id. A lifted one has no row.
create table blocker (
    tenant_id uuid not null,
    blocker_id uuid not null,
    resource_id uuid not null,
    location_id uuid not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    reason text not null,
    primary key (tenant_id, blocker_id)
);

-- Which series a booking was made in.
create table series_booking (
    tenant_id uuid not null,
    booking_id uuid not null,
    series_id uuid not null,
    starts_at timestamptz not null,
    primary key (tenant_id, booking_id)
);
create index series_booking_series on series_booking (tenant_id, series_id, starts_at);

do $$
declare t text;
begin
    foreach t in array array['blocker', 'series_booking']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I using (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)
            with check (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)', t);
        execute format('grant select, insert, update, delete on %I to coterie_app, coterie_worker', t);
    end loop;
end $$;
