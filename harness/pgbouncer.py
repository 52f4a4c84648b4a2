"""A real PgBouncer in front of a database on this machine."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from harness.running_service import free_ports

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
NO_PGBOUNCER = "needs PgBouncer (Debian package pgbouncer)"

_SETTINGS = """
[databases]
* = host={host} port={port}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users.txt
pool_mode = {pool_mode}
default_pool_size = {pool_size}
max_client_conn = 500
application_name_add_host = 1
{user}
"""


@contextmanager
def pgbouncer(
    database_urls: Iterable[str], *, pool_mode: str = "transaction", pool_size: int = 4
) -> Iterator[list[str]]:
    """PgBouncer in front of the server of these addresses; yields the same addresses through it.

    The addresses name Unix sockets, as those of the embedded server, and may differ in database and login. In
    `pg_stat_activity`, the client's address is appended to the `application_name` of its sessions.
    """
    urls = [urlsplit(url) for url in database_urls]
    query = parse_qs(urls[0].query)
    (listen_port,) = free_ports(1)
    folder = Path(tempfile.mkdtemp(prefix="scoring-pgbouncer-"))
    folder.chmod(0o755)
    users = {url.username: unquote(url.password or "") for url in urls}
    (folder / "users.txt").write_text("".join(f'"{name}" "{password}"\n' for name, password in users.items()))
    (folder / "pgbouncer.ini").write_text(
        _SETTINGS.format(
            host=query["host"][0],
            port=query["port"][0],
            listen_port=listen_port,
            folder=folder,
            pool_mode=pool_mode,
            pool_size=pool_size,
            user="user = nobody" if os.geteuid() == 0 else "",
        )
    )
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [PGBOUNCER or "pgbouncer", "--quiet", str(folder / "pgbouncer.ini")],
            stdout=log,
            stderr=log,
        )
    try:
        _wait_until_listening(listen_port, process, folder / "log")
        yield [
            url._replace(netloc=f"{url.netloc.rpartition('@')[0]}@127.0.0.1:{listen_port}", query="").geturl()
            for url in urls
        ]
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder)


def _wait_until_listening(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PgBouncer did not start:\n{log.read_text()}") from None
            time.sleep(0.02)
        else:
            return
