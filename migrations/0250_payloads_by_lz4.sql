-- Why: an event that is larger than a quarter of a page is compressed by the backend that appends it, while the organization's
-- head is locked. An invoice of a dozen lines is one, and a run writes hundreds in one append. LZ4 takes a fraction of the time
-- that PostgreSQL's own method takes; what was compressed before stays as it is and is read as before. A server that was built
-- without it goes on with its own method: nothing but time depends on it.

do $$
begin
    execute 'alter table event alter column payload set compression lz4';
exception when feature_not_supported or invalid_parameter_value or syntax_error then
    raise notice 'this server has no LZ4: payloads are compressed by its own method';
end $$;
