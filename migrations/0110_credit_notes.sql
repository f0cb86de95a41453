-- Credit notes: what they have taken back of each line, and what people see of them.

-- Whoever credits an invoice holds its row of invoice_guard, so that two at once cannot take back more than a line has.
create table credited_line (
    tenant_id uuid not null,
    invoice_id uuid not null,
    charge_id uuid not null,
    net_minor bigint not null,
    primary key (tenant_id, invoice_id, charge_id)
);

create table credit_note_view (
    tenant_id uuid not null,
    credit_note_id uuid not null,
    number text not null,
    invoice_id uuid not null,
    legal_entity_id uuid not null,
    payer_kind text not null,
    payer_id uuid not null,
    issue_date date not null,
    currency text not null,
    net_minor bigint not null,
    tax_minor bigint not null,
    gross_minor bigint not null,
    document json not null,
    document_version smallint not null,
    position bigint not null,
    primary key (tenant_id, credit_note_id)
);
create index credit_note_view_list on credit_note_view (tenant_id, position desc);
create index credit_note_view_invoice on credit_note_view (tenant_id, invoice_id, position);
create index credit_note_view_payer on credit_note_view (tenant_id, payer_id, position desc);

-- Gross, by all credit notes of the invoice.
alter table invoice_view add column credited_minor bigint not null default 0;
alter table invoice_view drop constraint invoice_view_state_check;
alter table invoice_view add constraint invoice_view_state_check
    check (state in ('open', 'pending', 'action_required', 'failed', 'paid', 'credited'));

do $$
declare t text;
begin
    foreach t in array array['credited_line', 'credit_note_view']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I using (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)
            with check (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)', t);
    end loop;
end $$;

grant select, insert, update on credited_line to coterie_app, coterie_worker;
grant select on credit_note_view to coterie_app;
grant select, insert, update, delete on credit_note_view to coterie_worker;
