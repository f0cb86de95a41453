-- Why: nearly every append comes from an operation that has read the head when it was opened, and nearly always the head still
-- stands there. Whoever knows the head knows the position, the hash and the time that follow, so the head's row need not be
-- asked for them: one UPDATE that asks whether it stands where it was seen, with plain values in it, takes the place of one
-- that hashes, or of a SELECT FOR UPDATE, a loop of hashing and an UPDATE; and there is nothing to answer, which saves making
-- and sending a row. Measured as CPU of the server per append without the flush, one event went from 144 to 123 us (a plain
-- INSERT of the same row takes 90) and three events with a command key from 209 to 172 (93); from ten on it is a few percent.
--
-- What an append promises, and its errors, are said in 0030_append_in_one_go.sql and stay as they are. Positions have no gap
-- because the UPDATE asks for the known position as well as for the known hash: an event never gets a position that its head did
-- not give. Where the head has moved, the functions of before do everything, in the same call and under the lock that they take.
--
-- Both answer null where the head stood as known: the caller has the answer already. They return `record`, as those of before
-- do through their OUT parameters, so that their answers pass through as they are.

-- append_known_event: one event to one stream without a command key. p_hash is what follows from p_known_head at
-- p_known_position + 1 and p_occurred_at, which is not before that head's time. p_occurred_us, p_before, p_between and p_after
-- are for append_event, whose answer this is where the head has moved.
create function append_known_event(
    p_tenant uuid,
    p_known_position bigint,
    p_known_head bytea,
    p_hash bytea,
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
    p_after bytea
)
    returns record
    language plpgsql
    volatile
    security invoker
as $$
begin
    -- From here to the commit, this organization's other appends wait.
    update public.event_head h
    set position = p_known_position + 1, hash = p_hash, occurred_at = p_occurred_at
    where h.tenant_id = p_tenant and h.position = p_known_position and h.hash = p_known_head;
    if not found then
        return public.append_event(p_tenant, p_occurred_at, p_occurred_us, p_recorded_at, p_actor, p_command_id,
                                   p_correlation_id, p_causation, p_before, p_between, p_category, p_stream_id, p_version,
                                   p_type, p_event_version, p_payload, p_after);
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
    values (p_tenant, p_known_position + 1, p_category, p_stream_id, p_version, p_type, p_event_version, p_actor,
            p_command_id, p_causation, p_correlation_id, p_occurred_at, p_recorded_at, p_payload::json, p_hash);
    return null;
end
$$;

-- append_known_events: any number of events to any number of streams, with arrays as append_events takes them. p_hashes follow
-- from p_known_head at p_known_position + 1 and p_occurred_at, which is not before that head's time.
--
-- Where the head has moved, the answer is that of append_events: with p_afters the events are hashed and written there; without,
-- nothing is written, `moved` is true, and the head is told and stays locked until the transaction ends. Few events are worth
-- sending twice, many are not.
create function append_known_events(
    p_tenant uuid,
    p_known_position bigint,
    p_known_head bytea,
    p_hashes bytea[],
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
    p_outcome jsonb
)
    returns record
    language plpgsql
    volatile
    security invoker
as $$
declare
    v_asked record;
begin
    -- From here to the commit, this organization's other appends wait.
    update public.event_head h
    set position = p_known_position + cardinality(p_versions), hash = p_hashes[cardinality(p_versions)],
        occurred_at = p_occurred_at
    where h.tenant_id = p_tenant and h.position = p_known_position and h.hash = p_known_head;
    if not found then
        return public.append_events(p_tenant, p_occurred_at, p_occurred_us, p_recorded_at, p_actor, p_command_id,
                                    p_correlation_id, p_causation, p_before, p_between, p_categories, p_stream_ids,
                                    p_versions, p_types, p_event_versions, p_payloads, p_afters, p_asked_streams,
                                    p_asked_versions, p_command_key, p_request_hash, p_outcome,
                                    case when p_afters = '{}' then p_known_head end,
                                    case when p_afters = '{}' then p_hashes else '{}' end);
    end if;

    -- Before the versions: of two identical requests at one moment the second is a replay, not a conflict.
    if p_command_key is not null then
        insert into public.command_key (tenant_id, actor, key, request_hash, outcome, position, recorded_at)
        values (p_tenant, p_actor, p_command_key, p_request_hash, p_outcome, p_known_position + cardinality(p_versions),
                p_recorded_at)
        on conflict (tenant_id, actor, key) do nothing;
        if not found then
            raise exception 'the command key was used before' using errcode = 'CT002';
        end if;
    end if;

    if cardinality(p_asked_streams) > 0 then
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
    select p_tenant, p_known_position + n.ordinality, n.category, n.stream_id, n.version, n.event_type, n.event_version,
           p_actor, p_command_id, p_causation, p_correlation_id, p_occurred_at, p_recorded_at, n.payload::json, n.hash
    from unnest(p_categories, p_stream_ids, p_versions, p_types, p_event_versions, p_payloads, p_hashes)
        with ordinality
        as n (category, stream_id, version, event_type, event_version, payload, hash, ordinality);
    return null;
end
$$;

do $$
declare
    v_function regprocedure;
begin
    for v_function in
        select p.oid::regprocedure from pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.proname in ('append_known_event', 'append_known_events')
    loop
        execute format('revoke execute on function %s from public', v_function);
        execute format('grant execute on function %s to coterie_app, coterie_worker', v_function);
    end loop;
end $$;
