-- Why: whoever appends in bulk has read the head before, to know the organization's time. From that head it can compute the
-- hashes of its events itself, for less than a loop here takes, and need not send every payload a second time for
-- them. So append_events may be told the head that the caller knows and the hashes that follow from it. Where the head has
-- moved on, nothing is written: the head's row is locked and told, and the caller computes again and calls again.
-- What an append promises, and its errors, are said in 0030_append_in_one_go.sql and stay as they are: nothing here trusts
-- a hash any more than before, for the caller laid out the envelope as well, and `coterie log verify` holds every row to it.

drop function append_events(uuid, timestamptz, bigint, timestamptz, text, uuid, uuid, bigint, bytea, bytea, text[], uuid[],
                            bigint[], text[], smallint[], text[], bytea[], uuid[], bigint[], text, bytea, jsonb);

-- append_events: any number of events to any number of streams. One entry per event in each array, in position order.
-- p_asked_streams and p_asked_versions name the streams that must stand at a version for this append to begin: those that
-- are continued and those that are only asked for. A stream that begins here is held by the unique index. p_command_key may
-- be null, then p_request_hash and p_outcome are not looked at.
--
-- Either p_known_head is null and p_before, p_between and p_afters have the envelopes, or p_known_head is the hash of the
-- head that p_hashes follow from, p_occurred_at is not before that head's time, and the envelopes are not looked at. If `moved`
-- is true in the answer, nothing was written, and the answer is the head, which stays locked until the transaction ends.
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
    p_known_head bytea,
    p_hashes bytea[],
    out last_position bigint,
    out head_hash bytea,
    out tenant_time timestamptz,
    out moved boolean
)
    language plpgsql
    volatile
    security invoker
as $$
declare
    -- What is the same for all events of this append, up to the position.
    v_same bytea;
    v_after bytea;
    v_hashes bytea[] := p_hashes;
    v_base bigint;
    v_asked record;
begin
    moved := false;
    -- Either way: from here to the commit, this organization's other appends wait.
    if p_known_head is not null then
        head_hash := p_hashes[cardinality(p_hashes)];
        tenant_time := p_occurred_at;
        update public.event_head h
        set position = h.position + cardinality(p_versions), hash = append_events.head_hash, occurred_at = p_occurred_at
        where h.tenant_id = p_tenant and h.hash = p_known_head
        returning h.position, h.position - cardinality(p_versions) into last_position, v_base;
        if not found then
            moved := true;
            select h.position, h.hash, h.occurred_at into last_position, head_hash, tenant_time
            from public.event_head h where h.tenant_id = p_tenant for update;
            return;
        end if;
    else
        select h.position, h.position, h.hash, greatest(h.occurred_at, p_occurred_at),
               p_before || int8send(case when h.occurred_at <= p_occurred_at then p_occurred_us
                                         else (extract(epoch from h.occurred_at) * 1000000)::bigint end) || p_between
        into v_base, last_position, head_hash, tenant_time, v_same
        from public.event_head h where h.tenant_id = p_tenant for update;
        if not found then
            perform public.begin_log(p_tenant, p_occurred_at);
            select a.* into last_position, head_hash, tenant_time, moved
            from public.append_events(p_tenant, p_occurred_at, p_occurred_us, p_recorded_at, p_actor, p_command_id,
                                      p_correlation_id, p_causation, p_before, p_between, p_categories, p_stream_ids,
                                      p_versions, p_types, p_event_versions, p_payloads, p_afters, p_asked_streams,
                                      p_asked_versions, p_command_key, p_request_hash, p_outcome, null, '{}') a;
            return;
        end if;
        foreach v_after in array p_afters loop
            last_position := last_position + 1;
            head_hash := sha256(head_hash || v_same || int8send(last_position) || v_after);
            v_hashes := v_hashes || head_hash;
        end loop;
    end if;

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

    if p_known_head is null then
        update public.event_head h
        set position = append_events.last_position, hash = append_events.head_hash, occurred_at = append_events.tenant_time
        where h.tenant_id = p_tenant;
    end if;
end
$$;

do $$
declare
    v_function regprocedure;
begin
    for v_function in
        select p.oid::regprocedure from pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.proname = 'append_events'
    loop
        execute format('revoke execute on function %s from public', v_function);
        execute format('grant execute on function %s to coterie_app, coterie_worker', v_function);
    end loop;
end $$;
