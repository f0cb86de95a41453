-- Why: the log is the house's memory. Per organization it is gapless, totally ordered and hash-chained; all other rows
-- can be recomputed from it. The head row is what makes that possible: it is locked until the append commits, so with
-- the head at p the events 1..p are all visible and nobody who reads forward can skip a late commit.

-- The one row that every append of an organization updates. Room on the page and no second index keep those updates
-- heap-only.
create table event_head (
    tenant_id uuid primary key,
    position bigint not null check (position >= 0),
    hash bytea not null check (octet_length(hash) = 32),
    occurred_at timestamptz not null
) with (fillfactor = 20);

comment on table event_head is 'Where each organization''s log stands.';
comment on column event_head.occurred_at is 'Tenant time of the last event; the next is never earlier.';

create table event (
    tenant_id uuid not null,
    position bigint not null check (position > 0),
    category text not null,
    stream_id uuid not null,
    version bigint not null check (version > 0),
    event_type text not null,
    event_version smallint not null,
    actor text not null,
    command_id uuid not null,
    causation bigint,
    correlation_id uuid not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    payload json not null,
    hash bytea not null check (octet_length(hash) = 32),
    primary key (tenant_id, position),
    unique (tenant_id, stream_id, version)
);

create index event_by_category on event (tenant_id, category, position);

comment on table event is 'Every business fact, in order, for ever.';
comment on column event.causation is 'Position of the event that this one reacts to.';
comment on column event.occurred_at is 'Tenant time.';
comment on column event.recorded_at is 'Wall time.';
comment on column event.payload is 'json and not jsonb: the hash covers the exact text.';

-- Command keys are never forgotten: a retry may come after any time.
create table command_key (
    tenant_id uuid not null,
    actor text not null,
    key text not null,
    request_hash bytea not null check (octet_length(request_hash) = 32),
    outcome jsonb not null,
    position bigint not null,
    recorded_at timestamptz not null,
    primary key (tenant_id, actor, key)
);

comment on table command_key is 'Which request was carried out under which key, and what came of it.';
comment on column command_key.request_hash is 'SHA-256 of the canonical request, not of the events.';
comment on column command_key.position is 'Position of the last event of that append.';

alter table event_head enable row level security;
alter table event_head force row level security;
alter table event enable row level security;
alter table event force row level security;
alter table command_key enable row level security;
alter table command_key force row level security;

create policy event_head_of_tenant on event_head
    using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
create policy event_of_tenant on event
    using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
create policy command_key_of_tenant on command_key
    using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);

-- A worker has to see which organizations have news. It reads across them, and writes as one.
create policy event_head_for_worker on event_head for select to coterie_worker using (true);
create policy event_for_worker on event for select to coterie_worker using (true);

grant select, insert, update on event_head to coterie_app, coterie_worker;
grant select, insert on event to coterie_app, coterie_worker;
grant select, insert on command_key to coterie_app, coterie_worker;

-- Nobody is granted UPDATE or DELETE on events; this stops the owner as well, who needs no grant.
create function refuse_event_change() returns trigger
    language plpgsql
as $$
begin
    raise exception 'events are append-only: % is refused', tg_op using errcode = 'CT004';
end
$$;

create trigger event_is_append_only
    before update or delete or truncate on event
    for each statement execute function refuse_event_change();

-- append_events: the whole append in one round trip.
--
-- The arrays p_written_streams and p_expected_versions have one entry per stream that is checked (0 = must not exist);
-- the others have one entry per event, in position order. p_command_key may be null, then p_request_hash and p_outcome
-- are not looked at.
--
-- Errors: CT001 a stream is not at its expected version (DETAIL is a JSON object with stream_id, expected, actual);
--         CT002 the command key was used before; CT003 the arrays contradict each other.
--
-- hash = SHA-256(previous hash (32 bytes, all zero for the first event) || envelope). The envelope, byte for byte, with
-- integers big-endian and text as int4 byte length followed by UTF-8:
--     1 byte   layout of the envelope, now 1
--     16       tenant
--     text     actor
--     16       command
--     1 or 9   causation: one byte 0 when null, else one byte 1 and int8
--     16       correlation
--     8        occurred_at, int8 microseconds since 1970-01-01 UTC
--     8        recorded_at, int8 microseconds since 1970-01-01 UTC
--     8        position, int8
--     text     category
--     16       stream
--     8        version, int8
--     text     event type
--     2        event version, int2
--     text     payload, exactly as given
-- chain_hash in crates/eventlog/src/hash.rs computes the same. A change of layout needs a new first byte, in both.
--
-- It runs with the caller's rights, so row-level security holds inside it, and it notifies nobody: NOTIFY takes a lock
-- on the whole database at commit.
create function append_events(
    p_tenant uuid,
    p_actor text,
    p_command_id uuid,
    p_correlation_id uuid,
    p_causation bigint,
    p_occurred_at timestamptz,
    p_recorded_at timestamptz,
    p_written_streams uuid[],
    p_expected_versions bigint[],
    p_categories text[],
    p_stream_ids uuid[],
    p_versions bigint[],
    p_types text[],
    p_event_versions smallint[],
    p_payloads text[],
    p_command_key text,
    p_request_hash bytea,
    p_outcome jsonb,
    out first_position bigint,
    out last_position bigint,
    out head_hash bytea,
    out tenant_time timestamptz
)
    language plpgsql
    volatile
    security invoker
as $$
declare
    v_count integer := cardinality(p_versions);
    v_base bigint;
    v_conflict record;
    v_same bytea;
    v_hashes bytea[] := '{}';
begin
    if v_count = 0
        or v_count <> all (array[cardinality(p_categories), cardinality(p_stream_ids), cardinality(p_types),
                                 cardinality(p_event_versions), cardinality(p_payloads)])
        or cardinality(p_written_streams) <> cardinality(p_expected_versions)
    then
        raise exception 'the arrays of an append differ in length or are empty' using errcode = 'CT003';
    end if;

    -- From here to the commit, this organization's other appends wait.
    select h.position, h.hash, h.occurred_at into v_base, head_hash, tenant_time
    from public.event_head h where h.tenant_id = p_tenant for update;
    if not found then
        insert into public.event_head (tenant_id, position, hash, occurred_at)
        values (p_tenant, 0, decode(repeat('00', 32), 'hex'), p_occurred_at)
        on conflict (tenant_id) do nothing;
        select h.position, h.hash, h.occurred_at into strict v_base, head_hash, tenant_time
        from public.event_head h where h.tenant_id = p_tenant for update;
    end if;
    first_position := v_base + 1;
    last_position := v_base + v_count;
    tenant_time := greatest(tenant_time, p_occurred_at);

    -- Before the versions: of two identical requests at one moment the second is a replay, not a conflict.
    if p_command_key is not null then
        insert into public.command_key (tenant_id, actor, key, request_hash, outcome, position, recorded_at)
        values (p_tenant, p_actor, p_command_key, p_request_hash, p_outcome, last_position, p_recorded_at)
        on conflict (tenant_id, actor, key) do nothing;
        if not found then
            raise exception 'the command key was used before' using errcode = 'CT002';
        end if;
    end if;

    select w.stream_id, w.expected, coalesce(l.version, 0) as actual into v_conflict
    from unnest(p_written_streams, p_expected_versions) as w (stream_id, expected)
    left join lateral (
        select e.version from public.event e
        where e.tenant_id = p_tenant and e.stream_id = w.stream_id
        order by e.version desc limit 1
    ) l on true
    where coalesce(l.version, 0) is distinct from w.expected
    limit 1;
    if found then
        raise exception 'a stream is not at its expected version'
            using errcode = 'CT001',
                  detail = json_build_object('stream_id', v_conflict.stream_id, 'expected', v_conflict.expected,
                                             'actual', v_conflict.actual)::text;
    end if;

    -- No holes: each stream's new versions follow its expected one, in position order.
    if exists (
        select from (
            select n.stream_id, n.version, row_number() over (partition by n.stream_id order by n.ordinality) as nth
            from unnest(p_stream_ids, p_versions) with ordinality as n (stream_id, version, ordinality)
        ) n
        left join unnest(p_written_streams, p_expected_versions) as w (stream_id, expected)
            on w.stream_id = n.stream_id
        where n.version is distinct from w.expected + n.nth
    ) then
        raise exception 'the versions of an append do not follow the expected ones' using errcode = 'CT003';
    end if;

    -- What is the same for all events of this append is built once.
    v_same := '\x01'::bytea || uuid_send(p_tenant)
        || int4send(octet_length(p_actor)) || convert_to(p_actor, 'UTF8')
        || uuid_send(p_command_id)
        || case when p_causation is null then '\x00'::bytea else '\x01'::bytea || int8send(p_causation) end
        || uuid_send(p_correlation_id)
        || int8send((extract(epoch from tenant_time) * 1000000)::bigint)
        || int8send((extract(epoch from p_recorded_at) * 1000000)::bigint);
    for i in 1 .. v_count loop
        head_hash := sha256(head_hash || v_same || int8send(v_base + i)
            || int4send(octet_length(p_categories[i])) || convert_to(p_categories[i], 'UTF8')
            || uuid_send(p_stream_ids[i]) || int8send(p_versions[i])
            || int4send(octet_length(p_types[i])) || convert_to(p_types[i], 'UTF8')
            || int2send(p_event_versions[i])
            || int4send(octet_length(p_payloads[i])) || convert_to(p_payloads[i], 'UTF8'));
        v_hashes[i] := head_hash;
    end loop;

    insert into public.event (tenant_id, position, category, stream_id, version, event_type, event_version, actor,
                              command_id, causation, correlation_id, occurred_at, recorded_at, payload, hash)
    select p_tenant, v_base + n.ordinality, n.category, n.stream_id, n.version, n.event_type, n.event_version, p_actor,
           p_command_id, p_causation, p_correlation_id, tenant_time, p_recorded_at, n.payload::json, n.hash
    from unnest(p_categories, p_stream_ids, p_versions, p_types, p_event_versions, p_payloads, v_hashes)
        with ordinality
        as n (category, stream_id, version, event_type, event_version, payload, hash, ordinality);

    update public.event_head h
    set position = append_events.last_position, hash = append_events.head_hash, occurred_at = append_events.tenant_time
    where h.tenant_id = p_tenant;
end
$$;

revoke execute on function append_events from public;
grant execute on function append_events to coterie_app, coterie_worker;
