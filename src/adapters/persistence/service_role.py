"""`scoring_app`: the role of the database that runs the service but cannot change what is on record.

A group role, without a login: the operator makes a login a member of it, and gives that one's address to `scoring
serve`. Migrations run as the tables' owner. Tables that only grow are known by their trigger `append_only`; a
member may read from them and add to them, nothing else.
"""

import logging

from adapters.persistence.connections import connect
from adapters.persistence.migrations import MIGRATION_LOCK

_log = logging.getLogger(__name__)
ROLE = "scoring_app"
_MAKE = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') AND EXISTS (
        SELECT FROM pg_roles WHERE rolname = current_user AND (rolcreaterole OR rolsuper)
    ) THEN
        CREATE ROLE {ROLE} NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- another database's migration was first
END $$
"""  # noqa: S608 - our own words
_GRANT = f"""
DO $$ DECLARE one record; BEGIN
    GRANT USAGE ON SCHEMA public TO {ROLE};
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE};
    GRANT EXECUTE ON FUNCTION make_decisions_month TO {ROLE}; -- which runs as the owner of the tables
    FOR one IN
        SELECT oid::regclass AS name, relispartition, relname = 'alembic_version' AS read_only, EXISTS (
            SELECT FROM pg_trigger WHERE tgrelid = pg_class.oid AND tgname = 'append_only'
        ) AS only_grows
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM {ROLE}', one.name);
        CONTINUE WHEN one.relispartition; -- reached through their parent, whose grants count
        EXECUTE format('GRANT %s ON %s TO {ROLE}', CASE
            WHEN one.read_only THEN 'SELECT'
            WHEN one.only_grows THEN 'SELECT, INSERT'
            ELSE 'SELECT, INSERT, UPDATE, DELETE'
        END, one.name);
    END LOOP;
END $$
"""  # noqa: S608 - our own words
_OWNED = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'decisions'::regclass"


async def grant_to_service(database_url: str) -> None:
    """Make the role where there is none and we may, and give it what it needs of every table there is.

    What cannot be done is logged, with what to do: the service works without the role too.
    """
    connection = await connect(database_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", MIGRATION_LOCK)
            await connection.execute(_MAKE)
            if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", ROLE):
                _log.warning(
                    "this user may not make the role %s: have an administrator run CREATE ROLE %s, and then "
                    "`scoring migrate` again, for a service that cannot change what is on record",
                    ROLE,
                    ROLE,
                )
                return
            if await connection.fetchval(_OWNED):
                await connection.execute(_GRANT)
            else:
                _log.info("this user does not own the tables: the rights of the role %s stay as they are", ROLE)
    finally:
        await connection.close(timeout=2)
