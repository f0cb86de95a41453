-- Coupons: a code is one coupon's only, and whoever redeems it holds its row, so that no more are redeemed than there are.

create table coupon_guard (
    tenant_id uuid not null,
    coupon_id uuid not null,
    -- In capitals, as it is compared.
    code text not null,
    primary key (tenant_id, coupon_id),
    constraint one_code unique (tenant_id, code)
);

-- Every redemption; how often a coupon was redeemed is how many rows it has.
create table coupon_use (
    tenant_id uuid not null,
    coupon_id uuid not null,
    membership_id uuid not null,
    -- The first day on which it counts.
    from_day date not null,
    member_id uuid not null,
    primary key (tenant_id, coupon_id, membership_id, from_day)
);

do $$
declare t text;
begin
    foreach t in array array['coupon_guard', 'coupon_use']
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I using (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)
            with check (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)', t);
        execute format('grant select, insert, update, delete on %I to coterie_app, coterie_worker', t);
    end loop;
end $$;
