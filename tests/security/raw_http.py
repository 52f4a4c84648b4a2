"""Raw bytes sent to a server, and its responses."""

import socket
import ssl
from typing import NamedTuple

TIMEOUT_SECONDS = 10.0


class Response(NamedTuple):
    """One response."""

    status: int
    headers: dict[str, str]
    body: bytes


def connect(port: int, of: str = "127.0.0.1", *, trust: ssl.SSLContext | None = None) -> socket.socket:
    """A connection of the client at address `of`; over TLS where the client trusts something."""
    connection = socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS, source_address=(of, 0))
    return connection if trust is None else trust.wrap_socket(connection, server_hostname="127.0.0.1")


def exchange(
    port: int, *pieces: bytes, of: str = "127.0.0.1", trust: ssl.SSLContext | None = None
) -> list[Response]:
    """Every response to these bytes, until the server closes the connection."""
    with connect(port, of, trust=trust) as connection:
        received = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
            while more := connection.recv(65536):
                received += more
        except (ConnectionResetError, BrokenPipeError):
            pass  # closed while something was on its way
    return responses(received)


def responses(received: bytes) -> list[Response]:
    """The responses that these bytes are; interim ones (1xx) are left out."""
    found = []
    while received:
        head, _, received = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        length = int(headers.get("content-length", 0))
        if headers.get("transfer-encoding") == "chunked":
            length = len(received)
        status = int(first.split()[1])
        if status >= 200:
            found.append(Response(status, headers, received[:length]))
        received = received[length:]
    return found


def statuses(port: int, *pieces: bytes) -> list[int]:
    """The statuses of every response, until the server closes the connection."""
    return [response.status for response in exchange(port, *pieces)]


def request(
    method: str = "GET", path: str = "/health/live", *headers: str, body: bytes = b"", close: bool = True
) -> bytes:
    """A request with a Host header, after which the connection is to be closed."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: service.test",
        *headers,
        *(["Connection: close"] if close else []),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body
