-- Read models: what people see, projected out of the log. They can be thrown away and filled again.
--
-- position is that of the event that made the row: lists are ordered by it and it never changes. changed_position is that
-- of the last event that touched the row: an event at or before it changes nothing, so that handling a batch twice is
-- handling it once. Documents are payloads of the log, read back whole; the columns are for finding and sorting.

create table booking_view (
    tenant_id uuid not null,
    booking_id uuid not null,
    resource_id uuid not null,
    location_id uuid not null,
    member_id uuid not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    state text not null check (state in ('confirmed', 'cancelled')),
    document json not null,
    -- The payload of its cancellation.
    cancellation json,
    booked_at timestamptz not null,
    position bigint not null,
    changed_position bigint not null,
    primary key (tenant_id, booking_id)
);
create index booking_view_time on booking_view (tenant_id, starts_at, booking_id);
create index booking_view_location on booking_view (tenant_id, location_id, starts_at, booking_id);
create index booking_view_member on booking_view (tenant_id, member_id, starts_at, booking_id);

create table member_view (
    tenant_id uuid not null,
    member_id uuid not null,
    name text not null,
    email text not null,
    confirmed boolean not null,
    home_location_id uuid,
    company_id uuid,
    joined_at timestamptz not null,
    position bigint not null,
    changed_position bigint not null,
    primary key (tenant_id, member_id)
);
create index member_view_name on member_view (tenant_id, lower(name), member_id);
create index member_view_company on member_view (tenant_id, company_id) where company_id is not null;

create table company_view (
    tenant_id uuid not null,
    company_id uuid not null,
    name text not null,
    document json not null,
    position bigint not null,
    primary key (tenant_id, company_id)
);
create index company_view_name on company_view (tenant_id, lower(name), company_id);

create table payer_account_view (
    tenant_id uuid not null,
    payer_kind text not null,
    payer_id uuid not null,
    legal_entity_id uuid not null,
    customer_id text,
    payment_method_id text,
    brand text,
    last4 text,
    expires text,
    changed_position bigint not null,
    primary key (tenant_id, payer_id, legal_entity_id)
);

create table membership_view (
    tenant_id uuid not null,
    membership_id uuid not null,
    member_id uuid not null,
    payer_kind text not null,
    payer_id uuid not null,
    plan_id uuid not null,
    plan_version_id uuid not null,
    plan_name text not null,
    legal_entity_id uuid not null,
    home_location_id uuid not null,
    start_date date not null,
    -- The last cycle opened, [start, end).
    cycle_start date,
    cycle_end date,
    last_day date,
    state text not null check (state in ('active', 'notice', 'ended')),
    price_minor bigint not null,
    currency text not null,
    position bigint not null,
    changed_position bigint not null,
    primary key (tenant_id, membership_id)
);
create index membership_view_list on membership_view (tenant_id, position desc);
create index membership_view_member on membership_view (tenant_id, member_id, position desc);

create table invoice_view (
    tenant_id uuid not null,
    invoice_id uuid not null,
    number text not null,
    legal_entity_id uuid not null,
    payer_kind text not null,
    payer_id uuid not null,
    buyer_name text not null,
    issue_date date not null,
    due_date date not null,
    currency text not null,
    net_minor bigint not null,
    tax_minor bigint not null,
    gross_minor bigint not null,
    -- Never more than the gross: what is over is the payer's credit.
    paid_minor bigint not null,
    -- Where the latest attempt to collect it stands: open without one, pending while it is under way.
    state text not null check (state in ('open', 'pending', 'action_required', 'failed', 'paid')),
    last_payment_id uuid,
    document json not null,
    position bigint not null,
    changed_position bigint not null,
    primary key (tenant_id, invoice_id)
);
create index invoice_view_list on invoice_view (tenant_id, position desc);
create index invoice_view_payer on invoice_view (tenant_id, payer_id, position desc);

create table payment_view (
    tenant_id uuid not null,
    payment_id uuid not null,
    invoice_id uuid not null,
    legal_entity_id uuid not null,
    payer_kind text not null,
    payer_id uuid not null,
    attempt integer not null,
    amount_minor bigint not null,
    currency text not null,
    state text not null,
    intent_id text,
    -- Where the member goes when her bank wants to see her.
    redirect_url text,
    failure_code text,
    failure_kind text,
    failure_message text,
    attempted_at timestamptz not null,
    changed_at timestamptz not null,
    position bigint not null,
    changed_position bigint not null,
    primary key (tenant_id, payment_id)
);
create index payment_view_invoice on payment_view (tenant_id, invoice_id);
create index payment_view_list on payment_view (tenant_id, position desc);

create table charge_view (
    tenant_id uuid not null,
    charge_id uuid not null,
    payer_kind text not null,
    payer_id uuid not null,
    legal_entity_id uuid not null,
    billable_on date not null,
    invoice_id uuid,
    voided boolean not null,
    document json not null,
    position bigint not null,
    changed_position bigint not null,
    primary key (tenant_id, charge_id)
);
create index charge_view_open on charge_view (tenant_id, payer_id, billable_on, position) where invoice_id is null and not voided;

create table journal_view (
    tenant_id uuid not null,
    entry_id uuid not null,
    legal_entity_id uuid not null,
    effective_date date not null,
    period text not null,
    currency text not null,
    -- The stream of the fact it records.
    source_stream_id uuid not null,
    document json not null,
    occurred_at timestamptz not null,
    position bigint not null,
    primary key (tenant_id, entry_id)
);
create index journal_view_list on journal_view (tenant_id, position desc);
create index journal_view_books on journal_view (tenant_id, legal_entity_id, effective_date, position);
create index journal_view_source on journal_view (tenant_id, source_stream_id);

create table posting_view (
    tenant_id uuid not null,
    entry_id uuid not null,
    line smallint not null,
    legal_entity_id uuid not null,
    account text not null,
    -- Debits are positive.
    amount_minor bigint not null,
    currency text not null,
    effective_date date not null,
    payer_id uuid,
    invoice_id uuid,
    primary key (tenant_id, entry_id, line)
);
create index posting_view_balance on posting_view (tenant_id, legal_entity_id, account, effective_date);
create index posting_view_invoice on posting_view (tenant_id, invoice_id) where invoice_id is not null;

do $$
declare t text;
begin
    foreach t in array array['booking_view', 'member_view', 'company_view', 'payer_account_view', 'membership_view', 'invoice_view',
        'payment_view', 'charge_view', 'journal_view', 'posting_view']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I using (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)
            with check (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)', t);
        execute format('grant select on %I to coterie_app', t);
        execute format('grant select, insert, update, delete on %I to coterie_worker', t);
    end loop;
end $$;
