-- Why: whatever follows the log remembers, per organization, how far it has come, in the same transaction as the rows it
-- wrote. An event that cannot be handled parks that one organization's projection and leaves the others alone.

create table checkpoint (
    tenant_id uuid not null,
    projection text not null,
    position bigint not null check (position >= 0),
    served_at timestamptz,
    parked_at timestamptz,
    parked_reason text,
    parked_position bigint,
    primary key (tenant_id, projection),
    check ((parked_at is null) = (parked_reason is null)),
    check ((parked_at is null) = (parked_position is null))
) with (fillfactor = 50);

comment on table checkpoint is 'How far each projection has followed each organization''s log.';
comment on column checkpoint.position is 'The last position that is in the projection; 0 = nothing yet.';
comment on column checkpoint.served_at is 'When it last had its turn (wall time); orders the queue and says nothing else.';

alter table checkpoint enable row level security;
alter table checkpoint force row level security;

create policy checkpoint_of_tenant on checkpoint
    using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
create policy checkpoint_for_worker on checkpoint for select to coterie_worker using (true);

grant select on checkpoint to coterie_app;
grant select, insert, update on checkpoint to coterie_worker;

-- Which followers were ever seen. A reaction that starts at the head writes its checkpoints in the transaction that
-- registers it here, so "the organizations there were when it was new" is decided once. Names no tenant.
create table installation.follower (
    name text primary key,
    start_at text not null check (start_at in ('beginning', 'head')),
    registered_at timestamptz not null default now()
);

grant select on installation.follower to coterie_app;
grant select, insert on installation.follower to coterie_worker;
