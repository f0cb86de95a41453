-- Why: a round of following asks where one projection stands with every organization. By tenant first, that reads the checkpoints of
-- all projections. The index has nothing that a step of following changes, so that a checkpoint is still written in its place.
create index checkpoint_of_projection on checkpoint (projection, tenant_id);
