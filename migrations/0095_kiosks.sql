-- Why: a tablet at the entrance of a house shows all of its rooms, and whoever comes says there that she is here. As beside a
-- door, its address is the secret and only a digest of it is kept; codes are guessed at it as slowly as at a door.

create table kiosk (
    tenant_id uuid not null,
    location_id uuid not null,
    -- SHA-256 of a token with 256 bits of chance.
    token_hash bytea not null,
    made_at timestamptz not null,
    -- Wrong codes since the first that counts; the kiosk takes none until waits_until.
    wrong_codes integer not null default 0,
    first_wrong_at timestamptz,
    waits_until timestamptz,
    -- One address at a time: a new one takes the old one's place.
    primary key (tenant_id, location_id),
    unique (tenant_id, token_hash)
);

comment on table kiosk is 'Secret addresses of the pages at houses'' entrances.';
comment on column kiosk.made_at is 'Wall time, as all times of this table.';

alter table kiosk enable row level security;
alter table kiosk force row level security;
create policy tenant on kiosk using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on kiosk to coterie_app;
