-- Bookings by visitors, who pay on a hosted page while their time is held.

-- A visit that is not over: its page may still be paid, or its money has to go back. Opening one counts these rows, by the
-- digest of the address and in all, so that nobody holds a house without paying; the sweep asks the gateway about each.
create table visitor_booking (
    tenant_id uuid not null,
    visitor_booking_id uuid not null,
    booking_id uuid not null,
    member_id uuid not null,
    account_id text not null,
    email_hmac bytea not null,
    -- The page at the gateway, once there is one.
    session_id text,
    refund_due boolean not null default false,
    primary key (tenant_id, visitor_booking_id)
);
alter table visitor_booking enable row level security;
alter table visitor_booking force row level security;
create policy tenant on visitor_booking using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on visitor_booking to coterie_app, coterie_worker;

-- Lists say who of the people in them is a visitor.
alter table member_view add column visitor boolean not null default false;
