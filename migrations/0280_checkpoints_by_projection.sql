-- Why: a round of following asks where one projection stands with every organization. By tenant first, that reads the checkpoints of
-- all projections; whoever asks for one organization names the projection, too.
alter table checkpoint
    drop constraint checkpoint_pkey,
    add primary key (projection, tenant_id);
