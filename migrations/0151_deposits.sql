-- Why: what is held for a member. Whoever applies or returns a deposit holds its row, then that of the invoice it was asked for by,
-- so that two at once cannot spend it twice.
create table deposit_guard (
    tenant_id uuid not null,
    deposit_id uuid not null,
    membership_id uuid not null,
    member_id uuid not null,
    -- What it was asked for by; what is open there is not held yet.
    invoice_id uuid not null,
    legal_entity_id uuid not null,
    payer_kind text not null,
    payer_id uuid not null,
    currency text not null,
    amount_minor bigint not null,
    applied_minor bigint not null default 0,
    returned_minor bigint not null default 0,
    primary key (tenant_id, deposit_id),
    constraint no_more_than_held check (applied_minor >= 0 and returned_minor >= 0 and applied_minor + returned_minor <= amount_minor)
);
create index deposit_guard_member on deposit_guard (tenant_id, member_id);
alter table deposit_guard enable row level security;
alter table deposit_guard force row level security;
create policy tenant on deposit_guard using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update on deposit_guard to coterie_app, coterie_worker;
