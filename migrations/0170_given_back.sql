-- A charge that gives days back says of which charge they were: whoever corrects the invoice of that one has to know what of it came
-- back already, and what waits for an invoice that never comes is given back on a credit note to it. Those made before did not say.
alter table charge_guard add column gives_back uuid;
create index charge_guard_gives_back on charge_guard (tenant_id, gives_back) where gives_back is not null;
