-- Why: people come to companies and leave them on a day, some of them manage one, and a membership of a company may be used by
-- several of its people.

alter table company_member
    -- The days that she belongs to it, [joined_on, left_on); null where none was said, or she has not left.
    add column joined_on date,
    add column left_on date,
    add column manager boolean not null default false;

-- Who uses a membership beside its holder, [first_day, end_day). Whoever gives a seat holds the membership's row of
-- membership_guard; whoever books with one holds this row, so that it is not taken away meanwhile.
create table membership_seat (
    tenant_id uuid not null,
    membership_id uuid not null,
    member_id uuid not null,
    first_day date not null,
    end_day date check (end_day > first_day),
    primary key (tenant_id, membership_id, member_id, first_day)
);
create index membership_seat_member on membership_seat (tenant_id, member_id);
alter table membership_seat enable row level security;
alter table membership_seat force row level security;
create policy tenant on membership_seat using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on membership_seat to coterie_app, coterie_worker;

-- Who owes something under a membership: with a split there may be several.
create index charge_guard_of_membership on charge_guard (tenant_id, membership_id) where invoice_id is null and not voided;
-- A booking draws on the lots of the membership that it is made by.
create index credit_lot_membership on credit_lot (tenant_id, membership_id, valid_until);

-- The event that a company's document is from; null is its registration.
alter table company_view add column document_type text;
alter table member_view
    add column company_from date,
    add column company_until date,
    add column company_manager boolean;
