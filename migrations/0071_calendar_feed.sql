-- Why: calendars subscribe to an address and cannot sign in, so the address itself is the secret. Only its digest is kept:
-- who reads this table can follow no calendar. A credential is no business fact, so nothing of it stands in the log.

create table calendar_feed (
    tenant_id uuid not null,
    -- Whose bookings it shows.
    kind text not null check (kind in ('member', 'resource', 'location')),
    subject_id uuid not null,
    -- SHA-256 of a token with 256 bits of chance.
    token_hash bytea not null,
    made_at timestamptz not null,
    -- One address at a time: a new one takes the old one's place.
    primary key (tenant_id, kind, subject_id),
    unique (tenant_id, token_hash)
);

comment on table calendar_feed is 'Secret addresses that calendars subscribe to.';
comment on column calendar_feed.made_at is 'Wall time.';

alter table calendar_feed enable row level security;
alter table calendar_feed force row level security;

create policy calendar_feed_of_tenant on calendar_feed
    using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);

grant select, insert, update, delete on calendar_feed to coterie_app;
