-- Why: members buy packs of credits. A lot that was bought says of which pack, so that no plan takes it away, and how much of its
-- price is not earned yet: what is owed for it, in minor units of the company's currency.
alter table credit_lot
    add column credit_pack_id uuid,
    add column value_left bigint,
    add constraint bought_has_value check ((credit_pack_id is null) = (value_left is null) and (value_left is null or value_left >= 0));
create index credit_lot_bought on credit_lot (tenant_id, member_id, valid_until) where credit_pack_id is not null;

-- Taking a time locks what its member bought too, and says of which packs: everything else is as in 0191_take_time.sql, where it is
-- explained. What one member bought nobody else draws on, whoever has a seat of the membership by which she bought it. The arguments
-- are the same and nothing is left out of the answer, so a process of before goes on.
drop function take_time(uuid, uuid[], bigint[], uuid, timestamptz, timestamptz, timestamptz, uuid, uuid, uuid, timestamptz, date);
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
    out lots_until timestamptz[],
    out lot_packs uuid[]
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
           array_agg(l.currency), array_agg(l.amount_left), array_agg(l.valid_from), array_agg(l.valid_until),
           array_agg(l.credit_pack_id)
    into lot_ids, lot_memberships, lot_holds, lot_kinds, lot_currencies, lots_left, lots_from, lots_until, lot_packs
    from (select c.lot_id, c.membership_id, c.holds, c.resource_type_id, c.currency, c.amount_left, c.valid_from, c.valid_until,
                 c.credit_pack_id
          from public.credit_lot c
          where c.tenant_id = p_tenant
            and (c.membership_id = any (memberships) and c.credit_pack_id is null
                 or c.member_id = p_member and c.credit_pack_id is not null)
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
        where p.pronamespace = 'public'::regnamespace and p.proname = 'take_time'
    loop
        execute format('revoke execute on function %s from public', v_function);
        execute format('grant execute on function %s to coterie_app, coterie_worker', v_function);
    end loop;
end $$;
