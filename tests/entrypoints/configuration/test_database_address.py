"""Validation of database addresses."""

import re
from pathlib import Path

import pytest

from entrypoints.configuration.database_address import address_notes, database_address


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://scoring:secret@db.example.com:5432/scoring",
        "postgres://scoring@db/scoring",
        "postgresql+asyncpg://scoring@db/scoring",
        "postgresql://scoring@/scoring?host=/run/postgresql&port=5432",
        f"postgresql://db/scoring?sslmode=verify-full&sslrootcert={__file__}",
        "postgresql://[2001:db8::1]:5433/scoring",
        "postgresql://one:5432,two:5433/scoring?target_session_attrs=primary",
        "postgresql://u:p%40ss%2Fword@db/scoring",
        "  postgresql://db/scoring\n",
    ],
)
def test_a_valid_address_is_accepted(url: str) -> None:
    assert database_address(url) == url


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("scoring", "must begin with postgresql://"),
        ("mysql://db/scoring", "must begin with postgresql://"),
        ("sqlite:///scoring.db", "must begin with postgresql://"),
        ("postgresql://user:secret@db", "names no database"),
        ("postgresql://user:secret@db/", "names no database"),
        ("postgresql:///scoring", "names no host"),
        ("postgresql://user@/scoring?host=", "names no host"),
        ("postgresql://user:secret@db:port/scoring", "port that is no number from 1 to 65535"),
        ("postgresql://db:0/scoring", "port that is no number"),
        ("postgresql://db:65536/scoring", "port that is no number"),
        ("postgresql://u@/scoring?host=/run&port=x", "port that is no number"),
        ("postgresql://[::1/scoring", "cannot be read"),
        ("postgresql://a:1:2/scoring", "cannot be read"),
        ("postgresql://u:secret/x@db:5432/scoring", "write / as %2F"),
        ("postgresql://u:12/secret@db:5432/scoring", "write / as %2F"),
        ("postgresql://u:secret@x@db:5432/scoring", "@ as %40"),
        ("postgresql://u:secret#x@db:5432/scoring", "# as %23"),
    ],
)
def test_the_fault_of_an_address_does_not_quote_the_password(url: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault) as refused:
        database_address(url)
    assert "secret" not in str(refused.value)


PROVIDERS = {
    "Neon": "postgresql://owner:npg_x@ep-cool-1-pooler.eu-central-1.aws.neon.example/db?sslmode=require&channel_binding=require",
    "Neon, old clients": "postgres://owner:x@ep-1.neon.example/db?sslmode=require&options=endpoint%3Dep-1",
    "Supabase": "postgresql://postgres.abcd:x@aws-0-eu-west-1.pooler.supabase.example:5432/postgres",
    "Heroku": "postgres://u1:p1@ec2-1-2-3-4.compute-1.amazonaws.example:5432/d1",
    "DigitalOcean": "postgresql://doadmin:x@db-1.b.db.ondigitalocean.example:25060/defaultdb?sslmode=require",
    "Azure": "postgresql://scoring%40server:x@server.postgres.azure.example:5432/postgres?sslmode=require",
    "Google": "postgresql://scoring:x@/scoring?host=/cloudsql/project:europe-west1:instance",
    "Aiven": "postgres://avnadmin:x@pg-1.aivencloud.example:12691/defaultdb?sslmode=require",
    "CockroachDB": "postgresql://s:x@c.cockroachlabs.example:26257/defaultdb?sslmode=verify-full&sslrootcert=system",
    "Patroni": "postgresql://s:x@pg1:5432,pg2:5432,pg3:5432/scoring?target_session_attrs=read-write&connect_timeout=3",
    "socket": "postgresql://scoring@%2Frun%2Fpostgresql/scoring?application_name=desk",
    "hosts as parameters": "postgresql:///scoring?host=pg1,pg2&port=5432,5433&user=scoring&gssencmode=disable",
    "database as parameter": "postgresql://scoring@pg1?dbname=scoring&keepalives_idle=30&tcp_user_timeout=5000",
    "schema": "postgresql://scoring@pg1/shared?options=-csearch_path%3Dscoring%20-cwork_mem%3D32MB",
    "schema of its own": "postgresql://scoring@pg1/shared?search_path=scoring,extensions",
}


@pytest.mark.parametrize("url", PROVIDERS.values(), ids=PROVIDERS)
def test_an_address_as_providers_show_it_is_accepted(url: str) -> None:
    assert database_address(url) == url


def test_a_protection_that_the_driver_lacks_is_noted() -> None:
    (note,) = address_notes(PROVIDERS["Neon"])
    assert "channel_binding=require is left out" in note
    assert address_notes(PROVIDERS["Patroni"]) == address_notes(None) == []


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("channel_binding=require", "channel_binding can be require only with sslmode"),
        ("channel_binding=require&sslmode=prefer", "channel_binding can be require only with sslmode"),
        ("connect_timeout=soon", "connect_timeout must be a whole number"),
        ("sslmode=no-verify", "sslmode must be disable, allow, prefer, require, verify-ca or verify-full"),
        ("ssl=true", "ssl is not supported: use sslmode"),
        ("sslrootcert=/no/such/ca.pem&sslmode=verify-ca", "sslrootcert names no file: /no/such/ca.pem"),
        ("sslrootcert=system&sslmode=require", "sslrootcert can be system only with sslmode=verify-full"),
        ("hostaddr=10.0.0.5", "hostaddr is not supported: write the IP address"),
        ("gssencmode=require", "gssencmode can only be disable or prefer"),
        ("load_balance_hosts=random", "load_balance_hosts can only be disable"),
        ("target_session_attrs=writable", "target_session_attrs must be any"),
        ("service=no-such-service", "service is not in"),
        ("schema=scoring", "schema is not supported: use search_path"),
        ("search_path=Scoring", "search_path must be names of schemas in lower case"),
        ("search_path=pg_temp,scoring", "search_path cannot begin with pg_temp, which belongs to the server"),
        ("search_path=information_schema", "search_path cannot begin with information_schema"),
        ("options=-csearch_path%3Dpg_catalog", "options cannot begin with pg_catalog"),
        ("search_path=a;drop%20table%20b", "search_path must be names of schemas"),
        ("options=-csearch_path%3Da%3Bb", "options must be names of schemas"),
        ("pgbouncer=true", "SCORING_DATABASE_POOLER_URL"),
        ("statement_timeout=5000", "options=-c%20NAME%3DVALUE"),
        ("aplication_name=desk", "aplication_name is not a parameter of a PostgreSQL address"),
        ("oauth_issuer=https://id.example", "oauth_issuer is not supported: use a password"),
    ],
)
def test_what_cannot_be_honored_is_refused_by_name(query: str, fault: str) -> None:
    with pytest.raises(ValueError, match=re.escape(fault)):
        database_address(f"postgresql://scoring@db/scoring?{query}")


def test_every_fault_of_the_parameters_is_named() -> None:
    with pytest.raises(ValueError, match=r"ssl is not supported.*; gssencmode can only.*; replication is not"):
        database_address("postgresql://db/scoring?ssl=true&gssencmode=require&replication=1")


@pytest.mark.parametrize("url", ["postgresql://u:top?secret@db/scoring", "postgresql://u:1?secret=2@db/scoring"])
def test_a_question_mark_in_a_password_is_not_taken_for_parameters(url: str) -> None:
    with pytest.raises(ValueError, match=r"\? as %3F") as refused:
        database_address(url)
    assert "secret" not in str(refused.value)


def test_a_service_may_name_everything(tmp_path: Path) -> None:
    file = tmp_path / "services.conf"
    file.write_text("[scoring]\nhost=pg1\ndbname=scoring\nuser=scoring\n[slow]\nhost=pg1\nconnect_timeout=3\n")
    url = f"postgresql:///?service=scoring&servicefile={file}"
    assert database_address(url) == url
    with pytest.raises(ValueError, match="service has connect_timeout in"):
        database_address(url.replace("service=scoring", "service=slow"))


def test_an_empty_address_means_an_embedded_database() -> None:
    assert database_address("") is None
