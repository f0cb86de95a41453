-- Why: a tablet beside a door cannot sign in, so its address is the secret, and a member says who she is by six digits.
-- Only digests are kept: who reads these tables can open no door's page and, without the installation's secret, finds no
-- code by trying all of them. Credentials are no business facts, so nothing of them stands in the log.

create table door (
    tenant_id uuid not null,
    resource_id uuid not null,
    -- SHA-256 of a token with 256 bits of chance.
    token_hash bytea not null,
    made_at timestamptz not null,
    -- Wrong codes since the first that counts; the door takes none until waits_until.
    wrong_codes integer not null default 0,
    first_wrong_at timestamptz,
    waits_until timestamptz,
    -- One address at a time: a new one takes the old one's place.
    primary key (tenant_id, resource_id),
    unique (tenant_id, token_hash)
);

comment on table door is 'Secret addresses of the pages beside rooms'' doors.';
comment on column door.made_at is 'Wall time, as all times of this table.';

create table door_code (
    tenant_id uuid not null,
    member_id uuid not null,
    -- HMAC-SHA-256 under the installation's secret.
    code_hmac bytea not null,
    made_at timestamptz not null,
    primary key (tenant_id, member_id),
    constraint one_member_a_code unique (tenant_id, code_hmac)
);

comment on table door_code is 'Codes by which members say at a door who they are.';
comment on column door_code.made_at is 'Wall time.';

do $$
declare t text;
begin
    foreach t in array array['door', 'door_code']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I using (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)
            with check (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)', t);
        execute format('grant select, insert, update, delete on %I to coterie_app', t);
    end loop;
end $$;
