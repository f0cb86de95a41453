-- Hours that staff give are no plan's: a change of the plan neither takes them away nor counts them.
alter table credit_lot add column courtesy boolean not null default false;
