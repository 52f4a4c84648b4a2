"""Database addresses in the form that asyncpg accepts."""

from pathlib import Path

import pytest

from adapters.persistence.database.addresses import driver_url, libpq_url, parse_address
from adapters.persistence.database.connections import connect
from adapters.persistence.database.migrations import migrate
from entrypoints.configuration.database_address import database_address
from entrypoints.configuration.database_parameters import PARAMETERS

HONORED = {
    "application_name": "desk",
    "channel_binding": "prefer",
    "client_encoding": "UTF8",
    "connect_timeout": "10",
    "fallback_application_name": "psql",
    "gssdelegation": "0",
    "gssencmode": "prefer",
    "gsslib": "gssapi",
    "keepalives": "1",
    "keepalives_count": "4",
    "keepalives_idle": "20",
    "keepalives_interval": "5",
    "krbsrvname": "postgres",
    "load_balance_hosts": "disable",
    "max_protocol_version": "latest",
    "min_protocol_version": "3.0",
    "options": "-cwork_mem%3D8MB%20--search_path%3Dlending%20-c%20statement_timeout%3D7000",
    "passfile": __file__,
    "search_path": "public,pg_catalog",
    "ssl_max_protocol_version": "TLSv1.3",
    "ssl_min_protocol_version": "TLSv1.2",
    "sslcert": "",
    "sslcertmode": "allow",
    "sslcompression": "0",
    "sslcrl": "",
    "sslkey": "",
    "sslmode": "prefer",
    "sslnegotiation": "postgres",
    "sslpassword": "x",
    "sslrootcert": "system",
    "sslsni": "1",
    "target_session_attrs": "read-write",
    "tcp_user_timeout": "5000",
}
"""A value of each parameter that a connection over a Unix socket can have."""
_PLACE = {"host", "port", "user", "password", "dbname", "database", "service", "servicefile"}


def test_each_parameter_is_refused_or_tried() -> None:
    refused = set()
    for name in PARAMETERS:
        try:
            database_address(f"postgresql://db/scoring?{name}={HONORED.get(name, '1')}")
        except ValueError:
            refused.add(name)
    assert PARAMETERS.keys() - refused - _PLACE == HONORED.keys()


@pytest.mark.parametrize("name", HONORED)
async def test_each_accepted_parameter_connects(database_url: str, name: str) -> None:
    separator = "&" if "?" in database_url else "?"
    url = f"{database_url}{separator}{name}={HONORED[name]}"
    assert database_address(url) == url
    connection = await connect(url)
    try:
        shown = {
            setting: await connection.fetchval(f"SHOW {setting}")
            for setting in ("application_name", "search_path", "work_mem", "statement_timeout")
        }
    finally:
        await connection.close()
    assert shown["application_name"] == ("desk" if name == "application_name" else "credit-scoring")
    if name == "options":
        assert (shown["work_mem"], shown["search_path"], shown["statement_timeout"]) == ("8MB", "lending", "7s")
    if name == "search_path":
        assert shown["search_path"] == "public, pg_catalog"


async def test_a_schema_may_have_the_name_of_an_sql_word(database_url: str) -> None:
    url = f"{database_url}{'&' if '?' in database_url else '?'}search_path=user,order"
    await migrate(url)
    connection = await connect(url)
    try:
        schemas = "SELECT DISTINCT schemaname FROM pg_tables WHERE tablename = 'decisions'"
        assert await connection.fetchval(schemas) == "user"
        assert await connection.fetchval("SELECT count(*) FROM decisions") == 0
    finally:
        await connection.close()


@pytest.mark.parametrize("mode", ["require", "verify-full"])
async def test_a_socket_needs_no_tls(database_url: str, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "host=/" in database_url
    monkeypatch.setenv("PGSSLMODE", mode)
    connection = await connect(database_url)
    await connection.close()


async def test_a_service_names_the_database(database_url: str, tmp_path: Path) -> None:

    parts = parse_address(database_url).arguments["dsn"].split("?")
    login, _, name = parts[0].removeprefix("postgresql://").rpartition("/")
    user, _, password = login.removesuffix("@").partition(":")
    options = dict(pair.split("=") for pair in parts[1].split("&"))
    file = tmp_path / "services.conf"
    lines = {"host": options["host"], "port": options["port"], "user": user, "password": password, "dbname": name}
    file.write_text("[scoring]\n" + "".join(f"{key}={value}\n" for key, value in lines.items()))
    connection = await connect(f"postgresql:///?service=scoring&servicefile={file}")
    assert await connection.fetchval("SELECT current_database()") == name
    await connection.close()


def test_programs_of_postgresql_get_the_search_path_as_an_option() -> None:
    url = "postgresql+asyncpg://u@db/scoring?search_path=scoring,public&sslmode=require"
    assert libpq_url(url) == "postgresql://u@db/scoring?sslmode=require&options=-csearch_path%3Dscoring,public"
    given = "postgresql://u@db/scoring?options=-cwork_mem%3D8MB%20-csearch_path%3Dscoring"
    assert libpq_url(given) == given


def test_certificates_of_the_system_are_verified_as_in_libpq() -> None:
    dsn = parse_address("postgresql://db/x?sslrootcert=system").arguments["dsn"]
    assert "sslmode=verify-full" in dsn
    assert "sslrootcert=/etc/" in dsn


def test_a_connection_timeout_of_one_second_is_two_as_in_libpq() -> None:
    seconds = {"0": None, "1": 2.0, "10": 10.0}
    assert {
        text: parse_address(f"postgresql://db/x?connect_timeout={text}").connect_timeout for text in seconds
    } == seconds


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_every_scheme_gives_the_same_address(scheme: str) -> None:
    rest = "://u:p%40ss@one:5432,two:5433/scoring?target_session_attrs=primary&sslmode=verify-full"
    assert driver_url(f"  {scheme}{rest}\n") == f"postgresql{rest}"
