-- The installation's own tables: which organization a host name, an API key or a Stripe account belongs to, who is
-- signed in, and the webhook inbox. They hold no organization's business data and lie outside row-level security,
-- because they are asked before the organization is known.

create table installation.host (
    host text primary key check (host = lower(host)),
    tenant_id uuid not null,
    created_at timestamptz not null
);

create table installation.session (
    -- SHA-256 of the opaque token; the token itself is only in the cookie.
    token_hash bytea primary key,
    tenant_id uuid not null,
    person_kind text not null check (person_kind in ('member', 'staff')),
    person_id uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index session_expiry on installation.session (expires_at);

create table installation.api_key (
    key_hash bytea primary key,
    tenant_id uuid not null,
    key_id uuid not null unique,
    role text not null check (role in ('owner', 'operator', 'finance')),
    created_at timestamptz not null,
    revoked_at timestamptz
);

create table installation.stripe_account (
    account_id text primary key,
    tenant_id uuid not null,
    legal_entity_id uuid not null
);

-- Webhook bodies as received, once per (account, event): 200 is answered when the row stands, a job applies it.
create table installation.webhook_inbox (
    account_id text not null,
    event_id text not null,
    tenant_id uuid not null,
    body text not null,
    received_at timestamptz not null,
    -- When the worker made a job of it.
    queued_at timestamptz,
    primary key (account_id, event_id)
);
create index webhook_inbox_waiting on installation.webhook_inbox (received_at) where queued_at is null;

grant select, insert on installation.host to coterie_app;
grant select on installation.host to coterie_worker;
grant select, insert, delete on installation.session to coterie_app;
grant delete, select on installation.session to coterie_worker;
grant select, insert, update on installation.api_key to coterie_app;
grant select, insert on installation.stripe_account to coterie_app, coterie_worker;
grant select, insert on installation.webhook_inbox to coterie_app;
grant select, insert, update on installation.webhook_inbox to coterie_worker;
