-- Why: whoever books looks twice whether the time is free, and a day or a search reads what is taken of many resources. All of
-- them asked by `blocked && ...`, and none of them was answered by the index of one_winner: row-level security lets a
-- condition into an index only where its operator is leakproof, and && is not. So each look read every reservation of the
-- organization, and grew with its years. Instants compare leakproof, so the two ends of a reservation are columns as well.

-- Not null in truth; a copy of the table's shape, which guards are compared in, has no generated columns.
alter table reservation
    add column blocked_from timestamptz generated always as (lower(blocked)) stored,
    add column blocked_until timestamptz generated always as (upper(blocked)) stored;
create index reservation_by_time on reservation (tenant_id, resource_id, blocked_from) include (blocked_until, booking_id);

-- What holds any of some resources within a time, each resource named once. What is reserved of one resource never overlaps,
-- so the last that began before the time is the only earlier one that can still last: the index is read from there to the
-- end of the time, however many lie before and after. OFFSET 0 keeps the planner from turning the steps round: a plan made
-- without knowing the resources would read all of the organization's.
create function reserved(p_tenant uuid, p_resources uuid[], p_from timestamptz, p_until timestamptz)
    returns table (booking_id uuid, resource_id uuid, blocked_from timestamptz, blocked_until timestamptz)
    language sql
    stable
as $$
    select r.booking_id, one.id, r.blocked_from, r.blocked_until
    from (
        select id, coalesce((
            select e.blocked_from from public.reservation e
            where e.tenant_id = p_tenant and e.resource_id = id and e.blocked_from <= p_from
            order by e.blocked_from desc limit 1), p_from) as since
        from unnest(p_resources) as id offset 0
    ) one
    cross join lateral (
        select r.booking_id, r.blocked_from, r.blocked_until from public.reservation r
        where r.tenant_id = p_tenant and r.resource_id = one.id and r.blocked_from >= one.since
          and r.blocked_from < p_until and r.blocked_until > p_from offset 0
    ) r
$$;

-- What is in the way of a time, if anything is: a row for the first thing that is, of the resource p_first before its parts,
-- out of service after booked. `over` is a hold that is in nobody's way any more and only has to be cleared away; p_own is
-- a booking that is moved.
create function in_the_way(p_tenant uuid, p_resources uuid[], p_first uuid, p_from timestamptz, p_until timestamptz,
                           p_now timestamptz, p_own uuid)
    returns table (resource_id uuid, reason text, over boolean)
    language sql
    stable
as $$
    select r.resource_id, b.reason, coalesce(h.expires_at <= p_now, false)
    from public.reserved(p_tenant, p_resources, p_from, p_until) r
    left join public.blocker b on b.tenant_id = p_tenant and b.blocker_id = r.booking_id
    left join public.booking_hold h on h.tenant_id = p_tenant and h.booking_id = r.booking_id
    where r.booking_id is distinct from p_own
    order by 3, b.reason nulls last, (r.resource_id = p_first) desc, r.blocked_from
    limit 1
$$;
