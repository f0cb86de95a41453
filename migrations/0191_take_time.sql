-- Why: a booking asked the database for one thing after the other, and most of what it cost was asking. This is what stands
-- between finding a time in the catalogue and pricing it, in one call: where somebody else holds what is wanted, look without a
-- lock, so that whoever comes too late queues for nothing; lock the resources in the order of their ids; look under the lock;
-- lock the lots that may be drawn on; hold the time. Each step is a statement of its own and sees what was committed before it
-- began.
--
-- `taken` names the resource that is in the way (and `reason` why, where it is out of service): the caller gives up what is
-- locked then. `known_terms` are those of the locked rows in the order of ids: where they are not p_terms, by which the caller
-- decided, nothing is held. `memberships` are those that the member holds and that have not ended, and those that she has a seat
-- of on p_day, the house's own; `versions` are the last ones of her stream and of theirs: whoever has folded these needs to
-- read nothing. By which one she books is for the caller to say, so the lots are those of all of them that could pay for it: hours
-- of p_kind, and money, as `credit::lock_lots` of the application has them. `held` is false where nobody asked for it (p_hold_as is null), and
-- where holds that are over must be cleared away first.
create function take_time(
    p_tenant uuid,
    p_resources uuid[],
    p_terms bigint[],
    p_first uuid,
    p_from timestamptz,
    p_until timestamptz,
    p_now timestamptz,
    p_hold_as uuid,
    p_member uuid,
    p_kind uuid,
    p_starts_at timestamptz,
    p_day date,
    out taken uuid,
    out reason text,
    out known_terms bigint[],
    out held boolean,
    out memberships uuid[],
    out versions bigint[],
    out lot_ids uuid[],
    out lot_memberships uuid[],
    out lot_holds text[],
    out lot_kinds uuid[],
    out lot_currencies text[],
    out lots_left bigint[],
    out lots_from timestamptz[],
    out lots_until timestamptz[]
)
    language plpgsql
    volatile
    security invoker
    -- Every plan here is right for every resource; making them anew for each would be most of what this costs.
    set plan_cache_mode = force_generic_plan
as $$
declare
    v_over boolean;
    v_seats uuid[];
begin
    held := false;
    -- Her seats are held until what is done with them is written. Before the resources, as whoever takes a seat away locks them.
    select array_agg(l.membership_id) into v_seats
    from (select s.membership_id from public.membership_seat s
          where s.tenant_id = p_tenant and s.member_id = p_member and s.first_day <= p_day
            and (s.end_day is null or s.end_day > p_day)
          order by s.membership_id for share) l;

    -- A single resource that nobody holds is locked at once, and looked at under its lock alone. Of several none may be locked
    -- before those of lower ids.
    if cardinality(p_resources) = 1 then
        select array_agg(l.terms) into known_terms
        from (select r.terms from public.resource_lock r
              where r.tenant_id = p_tenant and r.resource_id = p_resources[1] for update skip locked) l;
    end if;
    if known_terms is null then
        select w.resource_id, w.reason into taken, reason
        from public.in_the_way(p_tenant, p_resources, p_first, p_from, p_until, p_now, null) w where not w.over;
        if taken is not null then
            return;
        end if;
        -- Racers queue here, on rows, instead of on the exclusion constraint, where a thousand of them deadlock.
        select array_agg(l.terms) into known_terms
        from (select r.terms from public.resource_lock r
              where r.tenant_id = p_tenant and r.resource_id = any (p_resources) order by r.resource_id for update) l;
    end if;
    if known_terms is distinct from p_terms then
        return;
    end if;

    select w.resource_id, w.reason, w.over into taken, reason, v_over
    from public.in_the_way(p_tenant, p_resources, p_first, p_from, p_until, p_now, null) w;
    if not v_over then
        return;
    end if;
    taken := null;
    reason := null;

    memberships := array(
        select g.membership_id from public.membership_guard g
        where g.tenant_id = p_tenant and g.member_id = p_member and not g.ended
        union select seat from unnest(v_seats) as seat
        order by 1);

    select array_agg(l.lot_id), array_agg(l.membership_id), array_agg(l.holds), array_agg(l.resource_type_id),
           array_agg(l.currency), array_agg(l.amount_left), array_agg(l.valid_from), array_agg(l.valid_until)
    into lot_ids, lot_memberships, lot_holds, lot_kinds, lot_currencies, lots_left, lots_from, lots_until
    from (select c.lot_id, c.membership_id, c.holds, c.resource_type_id, c.currency, c.amount_left, c.valid_from, c.valid_until
          from public.credit_lot c
          where c.tenant_id = p_tenant and c.membership_id = any (memberships)
            and c.valid_from <= p_starts_at and c.valid_until > p_starts_at and c.amount_left > 0
            and (c.holds = 'money' or c.resource_type_id = p_kind)
          order by c.lot_id for update) l;

    versions := array(
        select coalesce((select e.version from public.event e
                         where e.tenant_id = p_tenant and e.stream_id = s.id order by e.version desc limit 1), 0)
        from unnest(p_member || memberships) with ordinality as s (id, place) order by s.place);

    if p_hold_as is not null and v_over is null then
        insert into public.reservation (tenant_id, booking_id, resource_id, blocked)
        select p_tenant, p_hold_as, resource, tstzrange(p_from, p_until) from unnest(p_resources) as resource;
        held := true;
    end if;
end
$$;

do $$
declare
    v_function regprocedure;
begin
    for v_function in
        select p.oid::regprocedure from pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.proname in ('reserved', 'in_the_way', 'take_time')
    loop
        execute format('revoke execute on function %s from public', v_function);
        execute format('grant execute on function %s to coterie_app, coterie_worker', v_function);
    end loop;
end $$;
