-- The reactions are there from the first day. A reaction that is added later starts at each organization's head; this one
-- must not miss an organization that was opened before the first worker ever ran.
insert into installation.follower (name, start_at, registered_at) values ('reactions', 'head', now()) on conflict do nothing;
