-- Why: a plan grants day passes and money beside hours. A lot is of any of the three, so its amount is no longer always minutes:
-- it is renamed, for two columns that say the same would have to be kept alike by everybody who writes.
alter table credit_lot rename column minutes_granted to amount_granted;
alter table credit_lot rename column minutes_left to amount_left;
alter table credit_lot
    alter column resource_type_id drop not null,
    add column holds text not null default 'minutes',
    -- Of money.
    add column currency text,
    add constraint holds_one check (
        holds = 'minutes' and resource_type_id is not null and currency is null
        or holds = 'day_passes' and resource_type_id is null and currency is null
        or holds = 'money' and resource_type_id is null and currency is not null);
alter table credit_lot alter column holds drop default;

-- What people see of bookings and passes is kept as it was recorded: those of before say that no money paid for them.
do $$
declare v_tenant uuid;
begin
    for v_tenant in select distinct tenant_id from installation.host loop
        perform set_config('app.tenant', v_tenant::text, true);
        update booking_view
        set document = (document::jsonb || '{"money_uses": []}')::json,
            cancellation = (cancellation::jsonb || '{"restored_money": []}')::json
        where tenant_id = v_tenant;
        update pass_view
        set document = (document::jsonb || '{"pass_lot": null, "money_uses": []}')::json,
            giving_back = (giving_back::jsonb || '{"restored_pass": null, "restored_money": []}')::json
        where tenant_id = v_tenant;
    end loop;
    perform set_config('app.tenant', '', true);
end $$;
