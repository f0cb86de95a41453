-- Why: plans of floors and photos of rooms are shown, not decided by, and too large for the log. The log names each by its
-- SHA-256; this table has the bytes, one row for each floor or photo, and whoever reads compares.

create table picture (
    tenant_id uuid not null,
    -- The floor or photo.
    owner_id uuid not null,
    media_type text not null check (media_type in ('image/svg+xml', 'image/jpeg')),
    -- In hexadecimal.
    sha256 text not null,
    bytes bytea not null check (octet_length(bytes) <= 4194304),
    primary key (tenant_id, owner_id)
);

comment on table picture is 'Plans and photos, by the digest that the log names.';

alter table picture enable row level security;
alter table picture force row level security;

create policy picture_of_tenant on picture
    using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);

grant select, insert, update, delete on picture to coterie_app;
-- Compressed already, or small.
alter table picture alter column bytes set storage external;
