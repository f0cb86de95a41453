-- Add-ons stand beside the plan on the same days, so a day is charged once for each of them: what is charged is a part of the
-- key. The plan itself is the nil id.

alter table billed_days add column add_on_id uuid not null default '00000000-0000-0000-0000-000000000000';
alter table billed_days drop constraint billed_once;
alter table billed_days drop constraint billed_days_pkey;
alter table billed_days add primary key (tenant_id, membership_id, add_on_id, first_day);
alter table billed_days add constraint billed_once exclude using gist (
    tenant_id with =, membership_id with =, add_on_id with =, daterange(first_day, end_day) with &&
);
