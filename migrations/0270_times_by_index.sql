-- Why: taking a time asked what is in its way by a plan that was made when there were hardly any reservations, and kept: it read all
-- that the room ever had. And it read the lots of a whole organization where a member may have bought some. Everything else is as in
-- 0240_credit_packs.sql and 0191_take_time.sql, where it is explained; the answer is the same.

-- What is reserved of one resource does not overlap, as before. The index of it answered which reservations a resource has, too, by
-- reading all of them; a plan that was made while the table was small chose it, and kept it. It has the resource's id in a way that
-- no question asks for now, so what is asked by time is answered by the index by time.
alter table reservation
    drop constraint one_winner,
    add constraint one_winner
        exclude using gist (tenant_id with =, (encode(uuid_send(resource_id), 'hex')::uuid) with =, blocked with &&);

create or replace function take_time(
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
    v_busy boolean := cardinality(p_resources) > 1;
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

    -- Nothing of one resource overlaps, so the last that begins before the end of the time says whether it is free.
    v_over := null;
    if cardinality(p_resources) = 1 then
        select r.blocked_until > p_from into v_busy from public.reservation r
        where r.tenant_id = p_tenant and r.resource_id = p_resources[1] and r.blocked_from < p_until
        order by r.blocked_from desc limit 1;
    end if;
    if v_busy then
        select w.resource_id, w.reason, w.over into taken, reason, v_over
        from public.in_the_way(p_tenant, p_resources, p_first, p_from, p_until, p_now, null) w;
        if not v_over then
            return;
        end if;
        taken := null;
        reason := null;
    end if;

    if v_seats is null then
        memberships := array(
            select g.membership_id from public.membership_guard g
            where g.tenant_id = p_tenant and g.member_id = p_member and not g.ended order by 1);
    else
        memberships := array(
            select g.membership_id from public.membership_guard g
            where g.tenant_id = p_tenant and g.member_id = p_member and not g.ended
            union select seat from unnest(v_seats) as seat
            order by 1);
    end if;

    -- Each kind by its own index; one condition with an OR would read every lot of the organization.
    lot_ids := array(
        select c.lot_id from public.credit_lot c
        where c.tenant_id = p_tenant and c.membership_id = any (memberships) and c.valid_until > p_starts_at
          and c.credit_pack_id is null
        union all
        select c.lot_id from public.credit_lot c
        where c.tenant_id = p_tenant and c.member_id = p_member and c.valid_until > p_starts_at
          and c.credit_pack_id is not null);
    if lot_ids = '{}' then
        lot_ids := null;
    else
        select array_agg(l.lot_id), array_agg(l.membership_id), array_agg(l.holds), array_agg(l.resource_type_id),
               array_agg(l.currency), array_agg(l.amount_left), array_agg(l.valid_from), array_agg(l.valid_until),
               array_agg(l.credit_pack_id)
        into lot_ids, lot_memberships, lot_holds, lot_kinds, lot_currencies, lots_left, lots_from, lots_until, lot_packs
        from (select c.lot_id, c.membership_id, c.holds, c.resource_type_id, c.currency, c.amount_left, c.valid_from,
                     c.valid_until, c.credit_pack_id
              from public.credit_lot c
              where c.tenant_id = p_tenant and c.lot_id = any (lot_ids)
                and c.valid_from <= p_starts_at and c.valid_until > p_starts_at and c.amount_left > 0
                and (c.holds = 'money' or c.resource_type_id = p_kind)
              order by c.lot_id for update) l;
    end if;

    versions := array(
        select coalesce((select e.version from public.event e
                         where e.tenant_id = p_tenant and e.stream_id = s.id order by e.version desc limit 1), 0)
        from unnest(p_member || memberships) with ordinality as s (id, place) order by s.place);

    if p_hold_as is not null and v_over is null then
        if cardinality(p_resources) = 1 then
            insert into public.reservation (tenant_id, booking_id, resource_id, blocked)
            values (p_tenant, p_hold_as, p_resources[1], tstzrange(p_from, p_until));
        else
            insert into public.reservation (tenant_id, booking_id, resource_id, blocked)
            select p_tenant, p_hold_as, resource, tstzrange(p_from, p_until) from unnest(p_resources) as resource;
        end if;
        held := true;
    end if;
end
$$;
