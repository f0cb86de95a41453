-- Invoice runs: how far each is, and how each payer's draft in it stands. Issuing decides by these rows, so that a run that was
-- killed finds what is left to issue; the log can write all of them anew.

create table invoice_run (
    tenant_id uuid not null,
    invoice_run_id uuid not null,
    legal_entity_id uuid not null,
    cut_off date not null,
    phase text not null check (phase in ('drafting', 'drafted', 'approved', 'issuing', 'completed', 'cancelled')),
    -- Why it stands still.
    stopped text,
    primary key (tenant_id, invoice_run_id)
);
-- Two runs that are not over would draft the same charges.
create unique index one_run_at_a_time on invoice_run (tenant_id, legal_entity_id)
    where phase not in ('completed', 'cancelled');

create table invoice_run_draft (
    tenant_id uuid not null,
    invoice_run_id uuid not null,
    payer_id uuid not null,
    payer_kind text not null check (payer_kind in ('member', 'company')),
    standing text not null check (standing in ('ready', 'waits', 'excluded', 'issued', 'set_aside')),
    lines bigint not null,
    net_minor bigint not null,
    tax_minor bigint not null,
    gross_minor bigint not null,
    inputs_sha256 text not null,
    waits text,
    without_address boolean not null,
    invoice_id uuid,
    primary key (tenant_id, invoice_run_id, payer_id)
);
create index invoice_run_draft_standing on invoice_run_draft (tenant_id, invoice_run_id, standing, payer_id);

do $$
declare t text;
begin
    foreach t in array array['invoice_run', 'invoice_run_draft']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I using (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)
            with check (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)', t);
        execute format('grant select, insert, update, delete on %I to coterie_app, coterie_worker', t);
    end loop;
end $$;
