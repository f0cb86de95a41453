-- Times that are held or asked for before they are booked, and who was there.

-- While a hold stands its time is in reservation, under the booking's id. It is free from expires_at on, whether or not
-- anybody has cleared it away yet: whoever books next does.
create table booking_hold (
    tenant_id uuid not null,
    booking_id uuid not null,
    member_id uuid not null,
    expires_at timestamptz not null,
    primary key (tenant_id, booking_id)
);
alter table booking_hold enable row level security;
alter table booking_hold force row level security;
create policy tenant on booking_hold using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on booking_hold to coterie_app, coterie_worker;

alter table booking_view drop constraint booking_view_state_check;
alter table booking_view add constraint booking_view_state_check
    check (state in ('held', 'requested', 'confirmed', 'expired', 'declined', 'cancelled', 'no_show'));
-- Until when a hold or request stands.
alter table booking_view add column expires_at timestamptz;
alter table booking_view add column checked_in_at timestamptz;
create index booking_view_requested on booking_view (tenant_id, expires_at) where state = 'requested';
