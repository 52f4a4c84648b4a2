"""The schema of the service's tables: the first of the search path, which an address may name (`search_path`)."""

from typing import Any

import asyncpg
from sqlalchemy import Connection, event, text

from adapters.persistence.database.addresses import parse_address
from adapters.persistence.database.connections import close_quietly, connect
from application.operational_error import OperationalError

PUBLIC = "public"
_MAY_CREATE = "SELECT current_schema(), has_schema_privilege(current_schema(), 'CREATE')"


class SchemaNotUsable(OperationalError):
    """The schema of the tables is missing, or the login may not create tables in it."""


async def prepare_schema(database_url: str) -> None:
    """Create the schema that the address names, if it is missing; raises SchemaNotUsable."""
    connection = await connect(database_url)
    try:
        await _create(connection, parse_address(database_url).search_path.partition(",")[0])
        schema, may_create = await connection.fetchrow(_MAY_CREATE)
        if schema is None or not may_create:
            user = await connection.fetchval("SELECT quote_ident(current_user)")
            raise SchemaNotUsable(
                f"{user}, the login of SCORING_DATABASE_URL, may not create tables in the schema "
                f"{schema or 'of its search path'}. Have an administrator run `CREATE SCHEMA scoring "
                f"AUTHORIZATION {user};` in this database, and add search_path=scoring to every address "
                "(…?search_path=scoring), or run "
                f"`GRANT CREATE ON SCHEMA {schema or PUBLIC} TO {user};`"
            )
    finally:
        await close_quietly(connection)


async def _create(connection: Any, name: str) -> None:
    if not name or name == '"$user"' or await connection.fetchval("SELECT to_regnamespace($1)", name):
        return
    try:
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")
    except asyncpg.InsufficientPrivilegeError as fault:
        user = await connection.fetchval("SELECT quote_ident(current_user)")
        name = await connection.fetchval("SELECT quote_ident($1)", name.strip('"'))
        raise SchemaNotUsable(
            f"the schema {name}, which SCORING_DATABASE_URL names, does not exist, and {user} may not create it. "
            f"Have an administrator run `CREATE SCHEMA {name} AUTHORIZATION {user};` in this database"
        ) from fault


async def current_schema(connection: Any) -> str:
    """The schema of the tables on an asyncpg connection, as written in SQL."""
    schema: str = await connection.fetchval("SELECT quote_ident(current_schema())")
    return schema


def name_schema_in_statements(connection: Connection) -> None:
    """Have migrations, which name the schema `public` in functions, name the schema of the tables instead."""
    schema = connection.scalar(text("SELECT quote_ident(current_schema())"))
    if schema == PUBLIC:
        return

    def replace(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> tuple[str, Any]:
        return statement.replace(f"{PUBLIC}.", f"{schema}."), parameters

    event.listen(connection, "before_cursor_execute", replace, retval=True)
