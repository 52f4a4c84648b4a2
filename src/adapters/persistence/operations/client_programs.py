"""PostgreSQL's client programs, such as pg_dump: found by version, and run without the password in sight."""

import asyncio
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from adapters.persistence.database.addresses import libpq_url
from application.ports.operations.database_dumps import DumpFailed

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_SCHEMA = re.compile(r"^\d+; \d+ \d+ TABLE (?!DATA |ATTACH )(\S+) ", re.MULTILINE)
_ERRORS = re.compile(r"^(pg_\w+: )?(error|fatal|detail|hint|FATAL|ERROR)\b.*", re.IGNORECASE)
_KEPT = ("PATH", "HOME", "TMPDIR", "PGPASSFILE", "PGSERVICEFILE", "PGSYSCONFDIR")
"""Variables that the programs receive: others, such as PGOPTIONS, would change what they do."""


def find_program(name: str, folders: Sequence[Path], *, server_version: int) -> Path:
    """The first of these programs that is not older than the server (major version). Raises DumpFailed."""
    found = []
    for program in (folder / name for folder in folders):
        version = _version_of(program)
        if version is not None and version >= server_version:
            return program
        if version is not None:
            found.append(f"{program} is version {version}")
    raise DumpFailed(
        f"{name} of PostgreSQL {server_version} or newer is needed; {'; '.join(found) or 'none was found'}. "
        f"Install the client programs (Debian: postgresql-client-{server_version}) and name their folder in "
        "SCORING_POSTGRES_PROGRAMS"
    )


async def run_program(
    program: Path, arguments: Sequence[str], *, database_url: str, on_line: Callable[[str], None]
) -> None:
    """Run a client program on the database; `on_line` receives what it writes to standard error.

    The password reaches it in a file that only this user can read: other users see command lines, and the
    environment of processes may be logged. Raises DumpFailed; ends the program if this is cancelled.
    """
    with _connection(database_url) as (address, environment):
        process = await asyncio.create_subprocess_exec(
            str(program),
            f"--dbname={address}",
            "--no-password",
            *arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment,
            umask=0o077,
        )
        errors: list[str] = []
        try:
            assert process.stderr is not None  # noqa: S101 - for the type checker
            async for raw in process.stderr:
                line = raw.decode(errors="replace").strip()
                if _ERRORS.match(line):
                    errors.append(line)
                on_line(line)
            status = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if status:
        message = " ".join(error for error in errors[:5] if "query was:" not in error) or "no message"
        advice = ". Use the login that owns the tables" if "permission denied" in message else ""
        raise DumpFailed(f"{program} failed with status {status}: {message}{advice}")


@contextmanager
def _connection(database_url: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The address without its password, and an environment with a password file."""
    address, password = without_password(database_url)
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | {"LC_ALL": "C"}
    with tempfile.TemporaryDirectory(prefix="scoring-") as folder:
        if password is not None:
            file = Path(folder) / "pgpass"
            file.touch(mode=0o600)
            escaped = password.replace("\\", "\\\\").replace(":", "\\:")
            file.write_text(f"*:*:*:*:{escaped}\n")
            environment["PGPASSFILE"] = str(file)
        yield address, environment


def without_password(database_url: str) -> tuple[str, str | None]:
    """The address in libpq's form without the password, and the password."""
    parts = urlsplit(libpq_url(database_url))
    query = parse_qsl(parts.query, keep_blank_values=True)
    passwords = [value for name, value in query if name == "password"]
    login, at, hosts = parts.netloc.rpartition("@")
    user, colon, password = login.partition(":")
    if colon:
        passwords.append(unquote(password))
    rest = urlencode([pair for pair in query if pair[0] != "password"], safe="/,", quote_via=quote)
    return parts._replace(netloc=f"{user}{at}{hosts}", query=rest).geturl(), passwords[0] if passwords else None


def tables_in(pg_restore: Path, dump: Path) -> tuple[int, frozenset[str]]:
    """The number of tables with data in a dump, and the schemas of its tables.

    Raises DumpFailed if the file is not a dump.
    """
    listed = subprocess.run(  # noqa: S603 - PostgreSQL's programs
        [pg_restore, "--list", dump], capture_output=True, text=True, check=False, env={"LC_ALL": "C"}
    )
    if listed.returncode:
        raise DumpFailed(f"{dump} is not a dump that {pg_restore} can read: {listed.stderr.strip()}")
    return listed.stdout.count(" TABLE DATA "), frozenset(_SCHEMA.findall(listed.stdout))


def _version_of(program: Path) -> int | None:
    try:
        shown = subprocess.run(  # noqa: S603 - PostgreSQL's programs
            [program, "--version"], capture_output=True, text=True, check=True, timeout=10
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = _VERSION.search(shown)
    return int(match[1]) if match else None
