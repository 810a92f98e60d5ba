-- Presence leaves out whoever was signed out, from that moment on, though a tenant's transactions see no sessions: they
-- learn of those of its own connections whether they last, and nothing else of them.

CREATE FUNCTION session_lasts(wanted uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
RETURN EXISTS (
    SELECT
    FROM sessions
    WHERE sessions.id = wanted AND sessions.revoked_at IS NULL AND sessions.expires_at > clock_now()
);

COMMENT ON FUNCTION session_lasts(uuid) IS
'Whether the session of a connection of the present tenant, or of the present person, lasts. Of any other session: no.';

REVOKE ALL ON FUNCTION session_lasts(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_lasts(uuid) TO berth_app;

-- The function is its owner while it looks, and the owner is held to row security like everybody.
CREATE POLICY connected_here ON sessions FOR SELECT TO berth_owner
USING (
    EXISTS (
        SELECT
        FROM connections
        WHERE connections.session_id = sessions.id AND connections.tenant_id = (SELECT current_tenant_id())
    )
);
