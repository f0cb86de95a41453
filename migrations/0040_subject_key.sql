-- Personal data in the log is sealed under a key of its subject; destroying the key forgets the subject, and the chain of
-- hashes, which covers the sealed text, still verifies. Keys lie here wrapped by a master key of the environment.

create table subject_key (
    tenant_id uuid not null,
    subject_id uuid not null,
    -- person: until she is forgotten. retention: what the law wants kept, until a date.
    purpose text not null check (purpose in ('person', 'retention')),
    -- Null once destroyed: the row stays, so that nobody can give the subject a new key.
    wrapped bytea,
    master_key_id text not null,
    created_at timestamptz not null default now(),
    destroyed_at timestamptz,
    retain_until date,
    primary key (tenant_id, subject_id),
    check ((wrapped is null) = (destroyed_at is not null)),
    check ((purpose = 'retention') = (retain_until is not null))
);
-- A rotation walks what an older master key wraps.
create index subject_key_master on subject_key (tenant_id, master_key_id, subject_id) where wrapped is not null;

alter table subject_key enable row level security;
alter table subject_key force row level security;
create policy tenant on subject_key using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert on subject_key to coterie_app, coterie_worker;
grant update (wrapped, master_key_id, destroyed_at) on subject_key to coterie_app, coterie_worker;

-- Forgetting is for ever, whoever asks.
create function subject_key_stays_destroyed() returns trigger language plpgsql as $$
begin
    if old.destroyed_at is not null then
        raise exception 'the key of subject % was destroyed and stays so', old.subject_id using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger stays_destroyed before update on subject_key for each row execute function subject_key_stays_destroyed();
