-- Guards: what must hold at the moment of writing. Every row is written in the transaction of the append that calls for
-- it and can be rebuilt from the log.

create table organization (
    tenant_id uuid primary key,
    name text not null,
    slug text not null,
    sandbox boolean not null,
    -- The test clock of a sandbox; null for a live organization, whose clock is wall time.
    clock_now timestamptz,
    -- Where the clock is going while an advance is under way.
    clock_target timestamptz,
    clock_error text,
    check (sandbox = (clock_now is not null))
);

-- Position of the last catalogue event: whoever decides by the catalogue checks its copy against this.
create table catalogue_head (
    tenant_id uuid primary key,
    position bigint not null
) with (fillfactor = 50);

-- One person has one address. The address itself is only in the log; here is its keyed HMAC.
create table sign_in (
    tenant_id uuid not null,
    email_hmac bytea not null,
    person_kind text not null check (person_kind in ('member', 'staff')),
    person_id uuid not null,
    password_hash text,
    primary key (tenant_id, email_hmac)
);
create unique index sign_in_person on sign_in (tenant_id, person_id);

create table staff (
    tenant_id uuid not null,
    staff_id uuid not null,
    name text not null,
    role text not null check (role in ('owner', 'operator', 'finance')),
    primary key (tenant_id, staff_id)
);

-- The id an imported row became, so that importing the same list again changes nothing.
create table import_key (
    tenant_id uuid not null,
    kind text not null,
    external_id text not null,
    id uuid not null,
    primary key (tenant_id, kind, external_id)
);

-- Locked before a reservation is written, so that racers queue on a row instead of deadlocking on the constraint.
create table resource_lock (
    tenant_id uuid not null,
    resource_id uuid not null,
    primary key (tenant_id, resource_id)
);

create table reservation (
    tenant_id uuid not null,
    booking_id uuid not null,
    resource_id uuid not null,
    -- With its buffers.
    blocked tstzrange not null,
    primary key (tenant_id, booking_id),
    constraint one_winner exclude using gist (tenant_id with =, resource_id with =, blocked with &&)
);

create table membership_guard (
    tenant_id uuid not null,
    membership_id uuid not null,
    member_id uuid not null,
    legal_entity_id uuid not null,
    ended boolean not null default false,
    primary key (tenant_id, membership_id)
);
create index membership_guard_member on membership_guard (tenant_id, member_id);

create table company_member (
    tenant_id uuid not null,
    member_id uuid not null,
    company_id uuid not null,
    primary key (tenant_id, member_id)
);

create table credit_lot (
    tenant_id uuid not null,
    lot_id uuid not null,
    member_id uuid not null,
    membership_id uuid not null,
    resource_type_id uuid not null,
    minutes_granted bigint not null,
    minutes_left bigint not null check (minutes_left >= 0 and minutes_left <= minutes_granted),
    valid_from timestamptz not null,
    valid_until timestamptz not null,
    -- Version of the lot's stream, so that a decision need not read it.
    version bigint not null,
    primary key (tenant_id, lot_id)
);
create index credit_lot_member on credit_lot (tenant_id, member_id, valid_until);

-- Charges waiting for an invoice; each is taken by at most one line.
create table charge_guard (
    tenant_id uuid not null,
    charge_id uuid not null,
    kind text not null,
    payer_kind text not null,
    payer_id uuid not null,
    legal_entity_id uuid not null,
    membership_id uuid,
    service_from date not null,
    billable_on date not null,
    invoice_id uuid,
    voided boolean not null default false,
    version bigint not null default 1,
    primary key (tenant_id, charge_id)
);
create index charge_guard_open on charge_guard (tenant_id, payer_id, legal_entity_id, billable_on) where invoice_id is null and not voided;
-- Each day of a membership is covered once: its cycles are charged once each.
create unique index charge_guard_recurring on charge_guard (tenant_id, membership_id, service_from) where kind = 'recurring' and not voided;

create table invoice_series (
    tenant_id uuid not null,
    legal_entity_id uuid not null,
    series text not null,
    last_sequence bigint not null,
    primary key (tenant_id, legal_entity_id, series)
);

-- What is open on an invoice and which attempt is at it: one live attempt, one payment intent per balance.
create table invoice_guard (
    tenant_id uuid not null,
    invoice_id uuid not null,
    legal_entity_id uuid not null,
    payer_kind text not null,
    payer_id uuid not null,
    currency text not null,
    gross_minor bigint not null,
    open_minor bigint not null check (open_minor >= 0),
    -- The attempt that has to end before another may begin.
    live_payment_id uuid,
    last_payment_id uuid,
    intent_id text,
    attempts integer not null default 0,
    primary key (tenant_id, invoice_id)
);
create index invoice_guard_payer on invoice_guard (tenant_id, payer_id) where open_minor > 0;

-- Everything that happens by time. rank orders what is due at one instant: cycles open before invoices are issued.
create table alarm (
    tenant_id uuid not null,
    kind text not null,
    subject_id uuid not null,
    due_at timestamptz not null,
    rank smallint not null,
    primary key (tenant_id, kind, subject_id, due_at)
);
create index alarm_due on alarm (tenant_id, due_at, rank);
create index alarm_due_everywhere on alarm (due_at);

do $$
declare t text;
begin
    foreach t in array array['organization', 'catalogue_head', 'sign_in', 'staff', 'import_key', 'resource_lock',
        'reservation', 'membership_guard', 'company_member', 'credit_lot', 'charge_guard', 'invoice_series', 'invoice_guard', 'alarm']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I using (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)
            with check (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)', t);
        execute format('grant select, insert, update on %I to coterie_app, coterie_worker', t);
    end loop;
end $$;

grant delete on reservation, alarm to coterie_app, coterie_worker;
-- The worker finds what is due, and which clocks are to be moved, across organizations; it writes as one.
create policy worker_finds on alarm for select to coterie_worker using (true);
create policy worker_finds on organization for select to coterie_worker using (true);
