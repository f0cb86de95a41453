-- Why: a password and a coupon's code can be guessed by whoever may try without end. Wrong tries are counted for whom they are made
-- at, known or not, and after some of them no further one is looked at for a time, as a tablet's door does it with its codes.
-- They are no business facts, so nothing of them stands in the log.
create table wrong_try (
    tenant_id uuid not null,
    -- What is guessed: a password of an address, or a coupon's code by a member.
    kind text not null check (kind in ('password', 'coupon')),
    -- The address by its keyed digest, as in sign_in; the member by her id.
    whose bytea not null,
    wrong integer not null,
    first_wrong_at timestamptz not null,
    waits_until timestamptz,
    primary key (tenant_id, kind, whose)
);
create index wrong_try_by_age on wrong_try (tenant_id, first_wrong_at);

comment on table wrong_try is 'Wrong passwords and codes of the last day, so that nobody guesses without end.';
comment on column wrong_try.first_wrong_at is 'Wall time, as all times of this table.';

alter table wrong_try enable row level security;
alter table wrong_try force row level security;
create policy tenant on wrong_try using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on wrong_try to coterie_app;
