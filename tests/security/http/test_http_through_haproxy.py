"""Behind HAProxy with the project's configuration, trailers change nothing that it has checked."""

import json
import socket
import ssl
import urllib.parse
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from domain.products.personal_loan import EXAMPLE
from harness.polling import eventually
from replicas.behind_haproxy import AUTHORITY, HAPROXY, NO_HAPROXY, Pair, token_from
from security.raw_http import Response, connect, exchange, request
from support.engines import drop_database, fresh_database

pytestmark = pytest.mark.timeout(90)
FAILURES, ATTEMPTS = 5, 12


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, postgres_url: str, valkey_server_url: str) -> Iterator[Pair]:
    """One replica of the API and one of the web interface, behind HAProxy, which they trust."""
    if HAPROXY is None:
        pytest.skip(NO_HAPROXY)
    url = fresh_database(postgres_url)
    settings = {"SCORING_TRUSTED_PROXIES": "127.0.0.1", "SCORING_LOGIN_FAILURE_LIMIT_PER_ADDRESS": str(FAILURES)}
    pair = Pair(tmp_path_factory.mktemp("haproxy"), url, valkey_server_url, **settings)
    pair.prepare()
    with ExitStack() as stack:
        for process in (pair.replicas["one"], pair.pages["one"], pair.balancer):
            stack.enter_context(process)
        pair.authorization = f"Authorization: Bearer {token_from(pair.api_port)}"
        yield pair
    drop_database(postgres_url, url)


def post_form(port: int, path: str, trailer: str, **fields: str) -> Response:
    """The response to a form that is sent in chunks and followed by a trailer."""
    body = urllib.parse.urlencode(fields).encode()
    headers = ("Content-Type: application/x-www-form-urlencoded", "Transfer-Encoding: chunked")
    origin = f"Origin: https://service.test:{port}"
    sent = request(
        "POST", path, origin, *headers, body=b"%x\r\n%s\r\n0\r\n%s\r\n\r\n" % (len(body), body, trailer.encode())
    )
    (response,) = exchange(
        port, sent.replace(b"Host: service.test", f"Host: service.test:{port}".encode()), trust=AUTHORITY.trust
    )
    return response


def test_a_trailer_does_not_change_whose_login_attempt_counts_at_the_api(pair: Pair) -> None:
    guesses = [
        post_form(
            pair.api_port,
            "/api/v1/auth/token",
            f"X-Forwarded-For: 203.0.113.{number}",
            grant_type="password",
            username=f"unknown{number}",
            password="guessed",
        ).status
        for number in range(ATTEMPTS)
    ]
    assert guesses == [400] * FAILURES + [429] * (ATTEMPTS - FAILURES)


def test_a_trailer_does_not_change_whose_login_attempt_counts_at_the_web_interface(pair: Pair) -> None:
    """Both count together: the API's failed attempts have used up the limit of the address."""
    guess = post_form(pair.web_port, "/login", "X-Forwarded-For: 198.51.100.1", name="unknown", password="guessed")
    assert guess.status == 429


def test_a_trailer_does_not_replace_the_token(pair: Pair) -> None:
    body = json.dumps(EXAMPLE).encode()
    chunks = b"%x\r\n%s\r\n0\r\nAuthorization: x\r\n\r\n" % (len(body), body)
    headers = (pair.authorization, "Content-Type: application/json", "Transfer-Encoding: chunked")
    (response,) = exchange(
        pair.api_port, request("POST", "/api/v1/predictions", *headers, body=chunks), trust=AUTHORITY.trust
    )
    assert response.status == 200


@pytest.mark.parametrize(
    "path", ["/metrics", "//metrics", "/%6detrics", "/x/../metrics", "/metrics/", "/metrics;a"]
)
def test_metrics_are_not_reachable_through_haproxy(pair: Pair, path: str) -> None:
    for prefix in ("", "/api"):
        sent = request("GET", prefix + path)
        assert [response.status for response in exchange(pair.web_port, sent, trust=AUTHORITY.trust)] == [404]


def first_bytes(port: int, address: str) -> bytes:
    """The start of the response to a caller from this address; empty if the connection is closed instead."""
    with (
        suppress(ConnectionError, ssl.SSLError),
        connect(port, address, trust=AUTHORITY.trust) as caller,
    ):
        caller.sendall(request("GET", "/login"))
        return caller.recv(12)
    return b""


def test_the_connections_of_one_address_are_limited(pair: Pair) -> None:
    with ExitStack() as stack:

        def hold(connections: int) -> None:
            for _ in range(connections):
                stack.enter_context(socket.create_connection(("127.0.0.1", pair.web_port), timeout=5))

        def one_more_is_refused() -> bool:
            with suppress(ConnectionError):  # the proxy may reset it as soon as the limit is reached
                hold(1)  # a connection of an earlier test may still count
            return first_bytes(pair.web_port, "127.0.0.1") == b""

        hold(200)
        eventually(one_more_is_refused, within=5)
        assert first_bytes(pair.web_port, "127.0.0.9") == b"HTTP/1.1 200"
