-- What has to be there before the first migration. Runs before every migration run, as the role that connects, and changes
-- nothing when all is in place. Roles belong to the whole cluster: another database of it may be doing the same just now.

DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['berth_owner', 'berth_app', 'berth_jobs', 'berth_readonly'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- the other database was faster
            END;
        END IF;
        -- A superuser may take any role. The main user of a managed server made these and has to become a member.
        BEGIN
            EXECUTE format('SET LOCAL ROLE %I', wanted);
        EXCEPTION WHEN insufficient_privilege THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
        END;
        RESET ROLE;
    END LOOP;
END
$$;

-- A trusted extension: who owns the database may make it. Admission needs uuid equality in a GiST index.
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

-- Databases that came from before PostgreSQL 15 let everybody make objects here.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO berth_app, berth_jobs, berth_readonly;
GRANT USAGE, CREATE ON SCHEMA public TO berth_owner;

SET LOCAL ROLE berth_owner;

CREATE TABLE IF NOT EXISTS schema_migrations (
    number integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT statement_timestamp()
);

GRANT SELECT ON schema_migrations TO berth_app, berth_jobs, berth_readonly;
