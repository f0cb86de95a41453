-- Why: a desk or an office can be one member's for months. Its time is in reservation, under the assignment's id, so that the
-- exclusion constraint sees it beside bookings and blockers; this table says whose it is. An assignment that ended keeps its row.

create table assignment (
    tenant_id uuid not null,
    assignment_id uuid not null,
    resource_id uuid not null,
    location_id uuid not null,
    membership_id uuid not null,
    member_id uuid not null,
    first_day date not null,
    -- Without one it lasts as long as the membership; before the first day, it never began.
    last_day date,
    primary key (tenant_id, assignment_id)
);
create index assignment_membership on assignment (tenant_id, membership_id);
create index assignment_member on assignment (tenant_id, member_id);

alter table assignment enable row level security;
alter table assignment force row level security;

create policy tenant on assignment using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);

grant select, insert, update, delete on assignment to coterie_app, coterie_worker;
