-- Why: any number of workers share the followers' work by leases over 64 shards of organizations; a read model is rebuilt
-- in tables of its own and then swapped in; and what is rebuilt can be compared with what is live. The checkpoint's row,
-- locked in the transaction that writes, stays what decides: a lease only keeps workers out of each other's way.

-- Low bits of the id, which are random in every version of UUID in use. Shards::of in crates/eventlog/src/lease.rs is the
-- same.
create function installation.shard_of(p_tenant uuid) returns integer
    language sql immutable strict parallel safe
    return get_byte(uuid_send(p_tenant), 15) & 63;

-- Who is there, so that everybody can tell what a fair share is.
create table installation.follower_worker (
    worker uuid primary key,
    expires_at timestamptz not null
);

-- Who follows which shard for which follower, by wall time. A row that is absent or has expired is free.
create table installation.follower_lease (
    projection text not null,
    shard smallint not null check (shard between 0 and 63),
    worker uuid not null,
    expires_at timestamptz not null,
    primary key (projection, shard)
) with (fillfactor = 50);

grant select, insert, update, delete on installation.follower_worker to coterie_worker;
grant select, insert, update, delete on installation.follower_lease to coterie_worker;
grant select on installation.follower_worker to coterie_app;
grant select on installation.follower_lease to coterie_app;

-- A rebuild under way or the last one that ended, one row for each projection.
create table installation.rebuild (
    projection text primary key,
    state text not null check (state in ('filling', 'swapping', 'done', 'cancelled', 'failed')),
    started_at timestamptz not null,
    -- Moves on at least every few seconds while somebody works on it.
    seen_at timestamptz not null,
    finished_at timestamptz,
    -- Events to fold in all, and folded so far.
    total bigint not null,
    done bigint not null,
    per_second bigint not null default 0,
    cancel_requested boolean not null default false,
    error text
);

grant select, insert, update on installation.rebuild to coterie_worker;
grant select on installation.rebuild to coterie_app;
grant update (cancel_requested) on installation.rebuild to coterie_app;

-- Names the organization for the rest of the transaction and locks its checkpoint: the position, or null when another
-- worker has it, when it is parked, or when there is none.
create function lock_checkpoint(p_tenant uuid, p_projection text) returns bigint
    language plpgsql volatile security invoker
as $$
declare
    v_position bigint;
begin
    perform set_config('app.tenant', p_tenant::text, true);
    select c.position into v_position from public.checkpoint c
    where c.tenant_id = p_tenant and c.projection = p_projection and c.parked_at is null
    for update skip locked;
    return v_position;
end
$$;

-- One insert for each organization, in the order of their ids so that two workers never wait for each other in a circle.
create function create_checkpoints(p_projection text, p_tenants uuid[]) returns void
    language plpgsql volatile security invoker
as $$
declare
    v_tenant uuid;
begin
    for v_tenant in select t from unnest(p_tenants) t order by t loop
        perform set_config('app.tenant', v_tenant::text, true);
        insert into public.checkpoint (tenant_id, projection, position) values (v_tenant, p_projection, 0)
        on conflict (tenant_id, projection) do nothing;
    end loop;
end
$$;

-- Forgets a projection's checkpoints. Run by the owner, whom row-level security hides the organizations from: they are
-- handed in.
create function forget_checkpoints(p_projection text, p_tenants uuid[]) returns void
    language plpgsql volatile security invoker
as $$
declare
    v_tenant uuid;
begin
    foreach v_tenant in array p_tenants loop
        perform set_config('app.tenant', v_tenant::text, true);
        delete from public.checkpoint where tenant_id = v_tenant and projection = p_projection;
    end loop;
end
$$;

-- Gives one projection the checkpoints of another, which are gone then.
create function take_over_checkpoints(p_projection text, p_from text, p_tenants uuid[]) returns void
    language plpgsql volatile security invoker
as $$
declare
    v_tenant uuid;
begin
    foreach v_tenant in array p_tenants loop
        perform set_config('app.tenant', v_tenant::text, true);
        delete from public.checkpoint c where c.tenant_id = v_tenant and c.projection = p_projection
           and exists (select from public.checkpoint f where f.tenant_id = v_tenant and f.projection = p_from);
        update public.checkpoint set projection = p_projection
        where tenant_id = v_tenant and projection = p_from;
    end loop;
end
$$;

-- Shadow tables: the same columns, checks, indexes (by the same names), row-level security, policies and grants as the
-- tables in public, empty, in a schema of their own. Triggers and foreign keys are not copied. What is there already stays.
create function installation.make_shadow(p_schema text, p_tables text[]) returns void
    language plpgsql volatile security invoker
as $$
declare
    v_table text;
    v_old oid;
    v_sql text;
begin
    if p_schema !~ '^(rebuild|compare)_[a-z][a-z0-9_]*$' then
        raise exception '% is no name for a shadow schema', p_schema;
    end if;
    execute format('create schema if not exists %I', p_schema);
    execute format('grant usage on schema %I to coterie_worker', p_schema);
    foreach v_table in array p_tables loop
        continue when to_regclass(format('%I.%I', p_schema, v_table)) is not null;
        v_old := format('public.%I', v_table)::regclass::oid;
        execute format('create table %I.%I (like public.%I including all excluding indexes)', p_schema, v_table, v_table);
        for v_sql in
            select format('alter table %I.%I set (%s)', p_schema, v_table, array_to_string(c.reloptions, ', '))
            from pg_class c where c.oid = v_old and c.reloptions is not null
            union all
            select format('comment on table %I.%I is %L', p_schema, v_table, obj_description(v_old, 'pg_class'))
            where obj_description(v_old, 'pg_class') is not null
            union all
            select format('alter table %I.%I add constraint %I %s', p_schema, v_table, k.conname, pg_get_constraintdef(k.oid))
            from pg_constraint k where k.conrelid = v_old and k.contype in ('p', 'u', 'x')
            union all
            select regexp_replace(pg_get_indexdef(i.indexrelid), ' ON (ONLY )?public\.', format(' ON %I.', p_schema))
            from pg_index i
            where i.indrelid = v_old and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
            union all
            select format('alter table %I.%I enable row level security', p_schema, v_table)
            from pg_class c where c.oid = v_old and c.relrowsecurity
            union all
            select format('alter table %I.%I force row level security', p_schema, v_table)
            from pg_class c where c.oid = v_old and c.relforcerowsecurity
            union all
            select format('create policy %I on %I.%I as %s for %s to %s', p.policyname, p_schema, v_table, p.permissive, p.cmd,
                          (select string_agg(case role when 'public' then 'public' else quote_ident(role) end, ', ')
                           from unnest(p.roles) role))
                   || coalesce(' using (' || p.qual || ')', '') || coalesce(' with check (' || p.with_check || ')', '')
            from pg_policies p where p.schemaname = 'public' and p.tablename = v_table
            union all
            select format('grant %s on %I.%I to %s', a.privilege_type, p_schema, v_table,
                          case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end)
            from pg_class c, aclexplode(c.relacl) a where c.oid = v_old and a.grantee <> c.relowner
        loop
            execute v_sql;
        end loop;
    end loop;
end
$$;

create function installation.drop_shadow(p_schema text) returns void
    language plpgsql volatile security invoker
as $$
begin
    if p_schema !~ '^(rebuild|compare)_[a-z][a-z0-9_]*$' then
        raise exception '% is no name for a shadow schema', p_schema;
    end if;
    execute format('drop schema if exists %I cascade', p_schema);
end
$$;

-- Puts shadow tables in the place of those in public, which are dropped. Readers wait for the commit.
create function installation.swap_shadow(p_schema text, p_tables text[]) returns void
    language plpgsql volatile security invoker
as $$
declare
    v_table text;
begin
    -- All at once and in one order, so that two swaps never wait for each other in a circle.
    execute (select 'lock table ' || string_agg(format('public.%I', t), ', ' order by t) || ' in access exclusive mode'
             from unnest(p_tables) t);
    foreach v_table in array p_tables loop
        execute format('drop table public.%I', v_table);
        execute format('alter table %I.%I set schema public', p_schema, v_table);
    end loop;
    execute format('drop schema %I', p_schema);
end
$$;

revoke execute on function forget_checkpoints, take_over_checkpoints, installation.make_shadow, installation.drop_shadow,
    installation.swap_shadow from public;
grant execute on function lock_checkpoint, create_checkpoints, installation.shard_of to coterie_worker, coterie_app;

-- What workers last saw of their followers, for the page of whoever runs the installation: pages connect as a role that
-- sees one organization at a time. Figures and positions only; the reason is read as the organization.
create table installation.follower_lag (
    projection text primary key,
    events bigint not null,
    most_events bigint not null,
    seconds bigint not null,
    parked bigint not null,
    reported_at timestamptz not null
);

create table installation.follower_parked (
    projection text not null,
    tenant_id uuid not null,
    position bigint not null,
    primary key (projection, tenant_id)
);

grant select, insert, update, delete on installation.follower_lag, installation.follower_parked to coterie_worker;
grant select on installation.follower_lag, installation.follower_parked to coterie_app;

-- Letting a parked projection go on is asked for by a page, too, as the organization.
grant update (parked_at, parked_reason, parked_position) on checkpoint to coterie_app;
