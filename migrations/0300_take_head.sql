-- Why: a function that writes the events itself makes a second statement ready inside the first one, and lays every array out
-- anew before it reads it. Whoever knows the head needs neither: the caller's own INSERT writes the events, and asks take_head
-- first. So an append is one INSERT that calls one function, whose only statement, nearly always, is the UPDATE of the head's row.
-- It takes the place of append_known_event and append_known_events; what an append promises, and its errors, are said in
-- 0030_append_in_one_go.sql and stay as they are. Where the head has moved nothing is written, and whoever appends asks
-- append_event or append_events, which need no head, or for the head and then again.

drop function append_known_event(uuid, bigint, bytea, bytea, timestamptz, bigint, timestamptz, text, uuid, uuid, bigint, bytea,
                                 bytea, text, uuid, bigint, text, smallint, text, bytea);
drop function append_known_events(uuid, bigint, bytea, bytea[], timestamptz, bigint, timestamptz, text, uuid, uuid, bigint, bytea,
                                  bytea, text[], uuid[], bigint[], text[], smallint[], text[], bytea[], uuid[], bigint[], text,
                                  bytea, jsonb);
drop function append_events(uuid, timestamptz, bigint, timestamptz, text, uuid, uuid, bigint, bytea, bytea, text[], uuid[],
                            bigint[], text[], smallint[], text[], bytea[], uuid[], bigint[], text, bytea, jsonb, bytea, bytea[]);

-- take_head: moves an organization's head from where the caller knows it to where the caller's events lead, and says whether it
-- stood there. If it did, the same statement writes those events, and until the transaction ends the organization's other
-- appends wait. It is asked for by position and hash, so that the positions and hashes that the caller made from it are those that follow: the
-- hash also tells a head from another at the same position, which a rollback left behind. That p_position is so many further as
-- there are events is the caller's promise, as the hashes are, and `coterie log verify` holds both to it.
--
-- The one stream that is continued comes as p_continued, and p_version is its last; where there are several, or some that are
-- only asked for, all of them come as p_asked_streams and p_asked_versions. Any of them may be null, as may p_command_key; then
-- p_request_hash and p_outcome are not looked at. A stream that begins is held by the unique index.
create function take_head(
    p_tenant uuid,
    p_known_position bigint,
    p_known_head bytea,
    p_position bigint,
    p_hash bytea,
    p_occurred_at timestamptz,
    p_recorded_at timestamptz,
    p_continued uuid,
    p_version bigint,
    p_asked_streams uuid[],
    p_asked_versions bigint[],
    p_actor text,
    p_command_key text,
    p_request_hash bytea,
    p_outcome jsonb
)
    returns boolean
    language plpgsql
    volatile
    security invoker
as $$
declare
    v_asked record;
begin
    update public.event_head h
    set position = p_position, hash = p_hash, occurred_at = p_occurred_at
    where h.tenant_id = p_tenant and h.position = p_known_position and h.hash = p_known_head;
    if not found then
        return false;
    end if;
    -- Before the versions: of two identical requests at one moment the second is a replay, not a conflict.
    if p_command_key is not null then
        insert into public.command_key (tenant_id, actor, key, request_hash, outcome, position, recorded_at)
        values (p_tenant, p_actor, p_command_key, p_request_hash, p_outcome, p_position, p_recorded_at)
        on conflict (tenant_id, actor, key) do nothing;
        if not found then
            raise exception 'the command key was used before' using errcode = 'CT002';
        end if;
    end if;
    -- The index holds that nobody wrote the next version; that there is a last one is asked for here, so that no hole is left.
    if p_continued is not null then
        perform from public.event e
        where e.tenant_id = p_tenant and e.stream_id = p_continued and e.version = p_version;
        if not found then
            perform public.refuse_version(p_tenant, p_continued, p_version);
        end if;
    end if;
    if p_asked_streams is not null then
        for v_asked in
            select asked.stream_id, asked.version from unnest(p_asked_streams, p_asked_versions) as asked (stream_id, version)
            where public.last_version(p_tenant, asked.stream_id) <> asked.version
        loop
            perform public.refuse_version(p_tenant, v_asked.stream_id, v_asked.version);
        end loop;
    end if;
    return true;
end
$$;

-- append_events: any number of events to any number of streams, for whoever does not know the head. One entry per event in each
-- array, in position order. p_asked_streams and p_asked_versions name the streams that must stand at a version for this append to
-- begin: those that are continued and those that are only asked for. A stream that begins here is held by the unique index.
-- p_command_key may be null, then p_request_hash and p_outcome are not looked at.
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
    v_hashes bytea[];
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
                                  p_correlation_id, p_causation, p_before, p_between, p_categories, p_stream_ids,
                                  p_versions, p_types, p_event_versions, p_payloads, p_afters, p_asked_streams,
                                  p_asked_versions, p_command_key, p_request_hash, p_outcome) a;
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

-- An append writes for one organization, so what the setting says need not be read, and made an id of, for every event again: a
-- sub-select is evaluated once a statement. Reading keeps the plain form, which an index can use.
alter policy event_of_tenant on event
    with check (tenant_id = (select nullif(current_setting('app.tenant', true), '')::uuid));

do $$
declare
    v_function regprocedure;
begin
    for v_function in
        select p.oid::regprocedure from pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.proname in ('take_head', 'append_events')
    loop
        execute format('revoke execute on function %s from public', v_function);
        execute format('grant execute on function %s to coterie_app, coterie_worker', v_function);
    end loop;
end $$;
