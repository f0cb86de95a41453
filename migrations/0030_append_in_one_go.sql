-- Why: an append is the most frequent write of the house. These functions keep every promise of the one that they replace
-- and ask the database for less. What counts within one short transaction is the number of statements and expressions
-- that have to be made ready for it, so a single event takes one UPDATE of the head, which computes the hash from the row
-- it locks, and one INSERT; what the hash covers comes laid out by the caller, but for what only the head knows; the unique
-- index over (tenant, stream, version) notices a stream that went on, so that no last version has to be looked up; and the
-- tenant may be named by the call's first argument, so that an append without guards is a single statement that commits by
-- itself: one round trip.

drop function append_events(uuid, text, uuid, uuid, bigint, timestamptz, timestamptz, uuid[], bigint[], text[], uuid[],
                            bigint[], text[], smallint[], text[], text, bytea, jsonb);

-- Check constraints are read from the catalogue and made ready anew by every single statement (some 10 us an append);
-- what these said holds by how the functions below count and hash, and `coterie log verify` proves it.
alter table event_head drop constraint event_head_position_check, drop constraint event_head_hash_check;
alter table event
    drop constraint event_position_check, drop constraint event_version_check, drop constraint event_hash_check;

-- The last version of a stream, for the sentence of a conflict.
create function last_version(p_tenant uuid, p_stream uuid) returns bigint
    language sql
    stable
as $$
    select coalesce(max(version), 0) from public.event where tenant_id = p_tenant and stream_id = p_stream
$$;

-- Refuses an append whose stream is not where the decision believed it to be.
create function refuse_version(p_tenant uuid, p_stream uuid, p_expected bigint) returns void
    language plpgsql
as $$
begin
    raise exception 'a stream is not at its expected version'
        using errcode = 'CT001',
              detail = json_build_object('stream_id', p_stream, 'expected', p_expected,
                                         'actual', public.last_version(p_tenant, p_stream))::text;
end
$$;

-- Makes the head of an organization that has no event yet.
create function begin_log(p_tenant uuid, p_occurred_at timestamptz) returns void
    language sql
as $$
    insert into public.event_head (tenant_id, position, hash, occurred_at)
    values (p_tenant, 0, decode(repeat('00', 32), 'hex'), p_occurred_at)
    on conflict (tenant_id) do nothing
$$;

-- What an append promises
--
-- Positions follow each other without a gap, tenant time never goes back, a stream's versions follow its last one.
-- Errors: CT001 a stream is not at its expected version (DETAIL is a JSON object with stream_id, expected, actual);
--         23505 on event_tenant_id_stream_id_version_key: the same, noticed by the index;
--         CT002 the command key was used before; 23502 the arrays of an append differ in length.
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
-- Only the head knows occurred_at, position and the previous hash, so the caller lays out the rest: p_before is what stands
-- before occurred_at, p_between the eight bytes of recorded_at, p_after what follows the position. chain_hash in
-- crates/eventlog/src/hash.rs lays out the same from a row, and `coterie log verify` holds every row to its hash. A change of
-- layout needs a new first byte.
--
-- The functions run with the caller's rights, so row-level security holds inside them, and notify nobody: NOTIFY takes a
-- lock on the whole database at commit. p_occurred_at comes twice, as such and as microseconds since 1970-01-01 UTC, because
-- turning one into the other costs more here than there. Call them in the select list: a function in FROM has its row put
-- into a store of its own first.

-- append_event: one event to one stream without a command key.
create function append_event(
    p_tenant uuid,
    p_occurred_at timestamptz,
    p_occurred_us bigint,
    p_recorded_at timestamptz,
    p_actor text,
    p_command_id uuid,
    p_correlation_id uuid,
    p_causation bigint,
    p_before bytea,
    p_between bytea,
    p_category text,
    p_stream_id uuid,
    p_version bigint,
    p_type text,
    p_event_version smallint,
    p_payload text,
    p_after bytea,
    out last_position bigint,
    out head_hash bytea,
    out tenant_time timestamptz
)
    language plpgsql
    volatile
    security invoker
as $$
begin
    -- From here to the commit, this organization's other appends wait.
    update public.event_head h
    set position = h.position + 1,
        occurred_at = greatest(h.occurred_at, p_occurred_at),
        hash = sha256(h.hash || p_before
            || int8send(case when h.occurred_at <= p_occurred_at then p_occurred_us
                             else (extract(epoch from h.occurred_at) * 1000000)::bigint end)
            || p_between || int8send(h.position + 1) || p_after)
    where h.tenant_id = p_tenant
    returning h.position, h.hash, h.occurred_at into last_position, head_hash, tenant_time;
    if not found then
        perform public.begin_log(p_tenant, p_occurred_at);
        select a.* into last_position, head_hash, tenant_time
        from public.append_event(p_tenant, p_occurred_at, p_occurred_us, p_recorded_at, p_actor, p_command_id,
                                 p_correlation_id, p_causation, p_before, p_between, p_category, p_stream_id, p_version,
                                 p_type, p_event_version, p_payload, p_after) a;
        return;
    end if;

    -- A first version is held by the unique index alone; a later one must also leave no hole.
    if p_version > 1 then
        perform from public.event e
        where e.tenant_id = p_tenant and e.stream_id = p_stream_id and e.version = p_version - 1;
        if not found then
            perform public.refuse_version(p_tenant, p_stream_id, p_version - 1);
        end if;
    end if;
    insert into public.event (tenant_id, position, category, stream_id, version, event_type, event_version, actor,
                              command_id, causation, correlation_id, occurred_at, recorded_at, payload, hash)
    values (p_tenant, last_position, p_category, p_stream_id, p_version, p_type, p_event_version, p_actor,
            p_command_id, p_causation, p_correlation_id, tenant_time, p_recorded_at, p_payload::json, head_hash);
end
$$;

-- append_events: any number of events to any number of streams. One entry per event in each array, in position order.
-- p_asked_streams and p_asked_versions name the streams that must stand at a version for this append to begin: those that
-- are continued and those that are only asked for. A stream that begins here is held by the unique index. p_command_key may
-- be null, then p_request_hash and p_outcome are not looked at.
create function append_events(
    p_tenant uuid,
    p_occurred_at timestamptz,
    p_occurred_us bigint,
    p_recorded_at timestamptz,
    p_actor text,
    p_command_id uuid,
    p_correlation_id uuid,
    p_causation bigint,
    p_before bytea,
    p_between bytea,
    p_categories text[],
    p_stream_ids uuid[],
    p_versions bigint[],
    p_types text[],
    p_event_versions smallint[],
    p_payloads text[],
    p_afters bytea[],
    p_asked_streams uuid[],
    p_asked_versions bigint[],
    p_command_key text,
    p_request_hash bytea,
    p_outcome jsonb,
    out last_position bigint,
    out head_hash bytea,
    out tenant_time timestamptz
)
    language plpgsql
    volatile
    security invoker
as $$
declare
    -- What is the same for all events of this append, up to the position.
    v_same bytea;
    v_after bytea;
    v_hashes bytea[] := '{}';
    v_base bigint;
    v_asked record;
begin
    -- From here to the commit, this organization's other appends wait.
    select h.position, h.position, h.hash, greatest(h.occurred_at, p_occurred_at),
           p_before || int8send(case when h.occurred_at <= p_occurred_at then p_occurred_us
                                     else (extract(epoch from h.occurred_at) * 1000000)::bigint end) || p_between
    into v_base, last_position, head_hash, tenant_time, v_same
    from public.event_head h where h.tenant_id = p_tenant for update;
    if not found then
        perform public.begin_log(p_tenant, p_occurred_at);
        select a.* into last_position, head_hash, tenant_time
        from public.append_events(p_tenant, p_occurred_at, p_occurred_us, p_recorded_at, p_actor, p_command_id,
                                  p_correlation_id, p_causation, p_before, p_between, p_categories, p_stream_ids, p_versions,
                                  p_types, p_event_versions, p_payloads, p_afters, p_asked_streams, p_asked_versions,
                                  p_command_key, p_request_hash, p_outcome) a;
        return;
    end if;

    foreach v_after in array p_afters loop
        last_position := last_position + 1;
        head_hash := sha256(head_hash || v_same || int8send(last_position) || v_after);
        v_hashes := v_hashes || head_hash;
    end loop;

    -- Before the versions: of two identical requests at one moment the second is a replay, not a conflict.
    if p_command_key is not null then
        insert into public.command_key (tenant_id, actor, key, request_hash, outcome, position, recorded_at)
        values (p_tenant, p_actor, p_command_key, p_request_hash, p_outcome, last_position, p_recorded_at)
        on conflict (tenant_id, actor, key) do nothing;
        if not found then
            raise exception 'the command key was used before' using errcode = 'CT002';
        end if;
    end if;

    if p_asked_streams <> '{}' then
        for v_asked in
            select asked.stream_id, asked.version from unnest(p_asked_streams, p_asked_versions) as asked (stream_id, version)
            where public.last_version(p_tenant, asked.stream_id) <> asked.version
        loop
            perform public.refuse_version(p_tenant, v_asked.stream_id, v_asked.version);
        end loop;
    end if;

    -- An array that is shorter than the others leaves nulls, which the table refuses.
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

do $$
declare
    v_function regprocedure;
begin
    for v_function in
        select p.oid::regprocedure from pg_proc p
        where p.pronamespace = 'public'::regnamespace
          and p.proname in ('append_event', 'append_events', 'last_version', 'refuse_version', 'begin_log')
    loop
        execute format('revoke execute on function %s from public', v_function);
        execute format('grant execute on function %s to coterie_app, coterie_worker', v_function);
    end loop;
end $$;
