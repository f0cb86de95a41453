-- Day passes: how many of each day are sold at each location, who has one, and what people see of them.

-- Whoever buys or gives back holds the row of the day, so that of many who want the last pass one gets it.
create table pass_day (
    tenant_id uuid not null,
    location_id uuid not null,
    day date not null,
    -- Those that were not given back.
    sold integer not null check (sold >= 0),
    primary key (tenant_id, location_id, day)
);

-- Passes that were not given back.
create table pass_guard (
    tenant_id uuid not null,
    pass_id uuid not null,
    location_id uuid not null,
    day date not null,
    member_id uuid not null,
    primary key (tenant_id, pass_id),
    constraint one_pass_a_day unique (tenant_id, location_id, day, member_id)
);

create table pass_view (
    tenant_id uuid not null,
    pass_id uuid not null,
    location_id uuid not null,
    member_id uuid not null,
    day date not null,
    state text not null check (state in ('bought', 'given_back')),
    document json not null,
    -- The payload of its being given back.
    giving_back json,
    bought_at timestamptz not null,
    position bigint not null,
    changed_position bigint not null,
    primary key (tenant_id, pass_id)
);
create index pass_view_member on pass_view (tenant_id, member_id, day, pass_id);
create index pass_view_location on pass_view (tenant_id, location_id, day, pass_id);

do $$
declare t text;
begin
    foreach t in array array['pass_day', 'pass_guard', 'pass_view']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I using (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)
            with check (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)', t);
        if t = 'pass_view' then
            execute format('grant select on %I to coterie_app', t);
            execute format('grant select, insert, update, delete on %I to coterie_worker', t);
        else
            execute format('grant select, insert, update, delete on %I to coterie_app, coterie_worker', t);
        end if;
    end loop;
end $$;
