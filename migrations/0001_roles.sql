-- Why: three roles with least rights. Whoever runs the migrations owns the tables; `coterie_app` (pages, use cases) and
-- `coterie_worker` (followers, jobs) own nothing and can never step around row-level security. Roles belong to the
-- cluster and not to this database, so they may be there already, and another database's migration may be creating them
-- at this very moment. Run by a superuser, or by an owner with CREATEROLE and CREATE on the database.
--
-- No passwords are set here: give the roles theirs outside the migrations, or let pg_hba.conf decide.

do $$
begin
    -- Payloads are hashed as UTF-8; any other encoding would hash other bytes than it stores.
    if current_setting('server_encoding') <> 'UTF8' then
        raise exception 'Coterie needs a database with encoding UTF8, this one has %', current_setting('server_encoding')
            using hint = 'create database ... encoding ''UTF8'' template template0';
    end if;
end
$$;

do $$
declare
    v_role text;
    v_unsafe boolean;
begin
    foreach v_role in array array['coterie_app', 'coterie_worker'] loop
        if not exists (select from pg_roles where rolname = v_role) then
            begin
                execute format(
                    'create role %I login nosuperuser nocreatedb nocreaterole noinherit nobypassrls', v_role);
                -- Nothing a request or a job does may wait for ever. Set only by the database that creates the role:
                -- two databases altering one role at once would fail with "tuple concurrently updated".
                execute format('alter role %I set lock_timeout = ''5s''', v_role);
                execute format('alter role %I set statement_timeout = ''30s''', v_role);
                execute format('alter role %I set idle_in_transaction_session_timeout = ''30s''', v_role);
            exception
                when duplicate_object or unique_violation then
                    -- Another database of this cluster was faster, which is just as well.
                    null;
            end;
        end if;
        select rolsuper or rolbypassrls into v_unsafe from pg_roles where rolname = v_role;
        if v_unsafe then
            raise exception 'role % is a superuser or bypasses row-level security', v_role
                using hint = format('alter role %I nosuperuser nobypassrls', v_role);
        end if;
    end loop;
end
$$;

-- btree_gist carries the reservation's exclusion constraint, pgcrypto and hstore the job queue.
create extension if not exists btree_gist;
create extension if not exists pgcrypto;
create extension if not exists hstore;

-- Tables that hold no tenant's business data live apart, outside row-level security.
create schema if not exists installation;

revoke create on schema public from public;
grant usage on schema public to coterie_app, coterie_worker;
grant usage on schema installation to coterie_app, coterie_worker;
