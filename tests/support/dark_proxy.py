"""A TCP proxy whose connections can go dark: they stay open and carry nothing, as behind a lost route."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs, urlsplit


class DarkProxy:
    """Forwards connections to a Unix socket; those that were open when `go_dark` was called carry nothing more."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._forwarding: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []
        self.port = 0
        self.connections = 0

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there_reader, there_writer = await asyncio.open_unix_connection(self._socket)
        self._writers += [writer, there_writer]
        for source, target in ((reader, there_writer), (there_reader, writer)):
            self._forwarding.add(asyncio.create_task(self._forward(source, target)))

    async def _forward(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                target.write(data)
                await target.drain()
            target.close()

    def go_dark(self) -> None:
        """Carry nothing more on the connections that are open."""
        for task in self._forwarding:
            task.cancel()
        self._forwarding.clear()

    def close(self) -> None:
        self.go_dark()
        for writer in self._writers:
            writer.close()


@asynccontextmanager
async def dark_proxy(socket: str) -> AsyncIterator[DarkProxy]:
    """A proxy to a Unix socket, on a port of 127.0.0.1."""
    proxy = DarkProxy(socket)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        proxy.close()


def socket_of(database_url: str) -> str:
    """The path of the Unix socket that an embedded database's address names."""
    query = parse_qs(urlsplit(database_url).query)
    return f"{query['host'][0]}/.s.PGSQL.{query['port'][0]}"


def address_through(database_url: str, port: int, **parameters: str) -> str:
    """The address of the same database over TCP."""
    parts = urlsplit(database_url)
    login = parts.netloc.rpartition("@")[0]
    query = "&".join(f"{name}={value}" for name, value in {"sslmode": "disable", **parameters}.items())
    return parts._replace(netloc=f"{login}@127.0.0.1:{port}", query=query).geturl()
