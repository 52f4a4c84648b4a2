"""Requests that the servers of the API and the web interface reject before an application sees them."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing

import httpx
import psutil
import pytest

from domain.products.personal_loan import EXAMPLE
from harness.polling import eventually
from harness.running_service import Service
from security.raw_http import Response, exchange, request, statuses

pytestmark = pytest.mark.timeout(90)
APPLICATION = json.dumps(EXAMPLE).encode()
PREDICTIONS = "/api/v1/predictions"
TAKEN_BY_KERNELS = 12_000_000
"""Bytes: Linux's largest buffers, 4 MiB to send and 6 MiB to receive."""
MAX_CONNECTIONS = 60
FORM = "application/x-www-form-urlencoded"
PASSWORD = "a long enough password"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    settings = {"SCORING_ADMIN_PASSWORD": PASSWORD, "SCORING_MAX_CONNECTIONS": str(MAX_CONNECTIONS)}
    with closing(Service(folder, without=["worker"], **settings)) as service:
        yield service


@pytest.fixture(params=["api", "ui"])
def port(request: pytest.FixtureRequest, service: Service) -> int:
    return service.api_port if request.param == "api" else service.ui_port


def chunked(body: bytes, *trailers: str) -> bytes:
    return b"%x\r\n%s\r\n0\r\n%s\r\n" % (len(body), body, "".join(f"{line}\r\n" for line in trailers).encode())


def decision(service: Service, *headers: str, body: bytes, path: str = PREDICTIONS) -> Response:
    """The only response to a request for a decision."""
    sent = request("POST", path, service.authorization, "Content-Type: application/json", *headers, body=body)
    (response,) = exchange(service.api_port, sent)
    return response


@pytest.mark.parametrize("trailer", ["Authorization: x", "Content-Type: text/plain", "Content-Encoding: gzip"])
def test_a_trailer_is_not_a_header_at_the_api(service: Service, trailer: str) -> None:
    response = decision(service, "Transfer-Encoding: chunked", body=chunked(APPLICATION, trailer))
    assert response.status == 200, response.body


def test_a_trailer_is_not_a_header_after_a_request_off_the_fast_path(service: Service) -> None:
    """A connection whose first request took the fast path, failed, and was answered by the application."""
    faulty = request(
        "POST",
        PREDICTIONS,
        service.authorization,
        "Content-Type: application/json",
        "Content-Length: 1",
        body=b"{",
        close=False,
    )
    headers = (service.authorization, "Content-Type: application/json", "Transfer-Encoding: chunked")
    trailing = request("POST", PREDICTIONS, *headers, body=chunked(APPLICATION, "Authorization: x"))
    assert statuses(service.api_port, faulty, trailing) == [400, 200]


def test_a_trailer_is_not_a_header_at_the_web_interface(service: Service) -> None:
    """A visitor without a session is redirected to log in."""
    base = f"http://127.0.0.1:{service.ui_port}"
    with httpx.Client(base_url=base, headers={"Origin": base}) as browser:
        browser.post("/login", data={"name": "admin", "password": PASSWORD})
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    headers = ("Transfer-Encoding: chunked", f"Content-Type: {FORM}")
    without = request("GET", "/decisions", *headers, body=chunked(b"x"))
    replaced = request("GET", "/decisions", *headers, body=chunked(b"x", f"Cookie: {cookie}"))
    genuine = request("GET", "/decisions", *headers, f"Cookie: {cookie}", body=chunked(b"x"))
    assert statuses(service.ui_port, genuine) == [403]  # administrators may not read decisions
    assert statuses(service.ui_port, without) == statuses(service.ui_port, replaced) == [303]


def test_endless_trailers_are_cut_off(port: int, service: Service) -> None:
    path = "/api/v1/auth/token" if port == service.api_port else "/login"
    form = b"13\r\nname=a&password=bcd\r\n0\r\nX-Trailer: "  # a complete body: only the trailers keep it open
    head = request("POST", path, "Transfer-Encoding: chunked", f"Content-Type: {FORM}", body=form)
    assert sent_before_the_end(port, head) < TAKEN_BY_KERNELS


def test_an_endless_header_is_cut_off(port: int) -> None:
    assert sent_before_the_end(port, b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Pad: ") < TAKEN_BY_KERNELS


def test_an_endless_url_is_cut_off(port: int) -> None:
    assert sent_before_the_end(port, b"GET /health/live?") < TAKEN_BY_KERNELS


def sent_before_the_end(port: int, beginning: bytes) -> int:
    """How many bytes can be sent after this before the server closes the connection, kernel buffers included."""
    sent = 0
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        try:
            connection.sendall(beginning)
            while sent < 4 * TAKEN_BY_KERNELS:
                sent += connection.send(b"a" * 100_000)
        except (ConnectionResetError, BrokenPipeError):
            pass
    return sent


HEADS = {
    "a header too large": (431, [b"X-Pad: " + b"a" * 33_000]),
    "headers too large together": (431, [b"X-Pad-%d: " % number + b"a" * 1_000 for number in range(34)]),
    "too many headers": (431, [b"X-%d: a" % number for number in range(120)]),
    "two Host headers": (400, [b"Host: other.test"]),
    "two credentials": (400, [b"Authorization: Bearer a", b"Authorization: Bearer b"]),
    "a folded header": (400, [b"X-Name: a", b" b"]),
    "a space before the colon": (400, [b"X-Name : a"]),
    "a bare line feed": (400, [b"X-Name: a\nX-Other: b"]),
    "a bare carriage return": (400, [b"X-Name: a\rX-Other: b"]),
    "both lengths": (400, [b"Content-Length: 5", b"Transfer-Encoding: chunked"]),
    "both lengths, the other first": (400, [b"Transfer-Encoding: chunked", b"Content-Length: 5"]),
    "two lengths": (400, [b"Content-Length: 5", b"Content-Length: 6"]),
    "an unknown transfer coding": (400, [b"Transfer-Encoding: gzip, chunked"]),
    "a repeated transfer coding": (400, [b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"]),
}


@pytest.mark.parametrize("what", HEADS)
@pytest.mark.parametrize("first", [b"GET /health/live HTTP/1.1", f"POST {PREDICTIONS} HTTP/1.1".encode()])
def test_a_malformed_head_is_rejected_and_nothing_after_it_is_read(
    service: Service, port: int, what: str, first: bytes
) -> None:
    status, lines = HEADS[what]
    head = b"\r\n".join([first, b"Host: service.test", *lines, b"", b""])
    (response,) = exchange(port, head + request())
    assert response.status == status
    assert response.headers["connection"] == "close"
    if port == service.api_port:
        assert response.headers["content-type"] == "application/problem+json"
        assert json.loads(response.body)["status"] == status
    else:
        assert response.headers["content-type"].startswith("text/plain")


LINES = {
    "no Host header": (400, b"GET /health/live HTTP/1.1\r\n\r\n"),
    "a Host header that is none": (400, b"GET /health/live HTTP/1.1\r\nHost: a/b@c\r\n\r\n"),
    "HTTP/0.9": (505, b"GET /health/live\r\n\r\n"),
    "HTTP/0.9 by name": (505, b"GET /health/live HTTP/0.9\r\n\r\n"),
    "HTTP/2.0": (505, b"GET /health/live HTTP/2.0\r\nHost: x\r\n\r\n"),
    "a proxy's request": (400, b"GET http://elsewhere.test/health/live HTTP/1.1\r\nHost: x\r\n\r\n"),
    "a tunnel": (400, b"CONNECT elsewhere.test:443 HTTP/1.1\r\nHost: elsewhere.test:443\r\n\r\n"),
    "a URL too long": (414, b"GET /health/live?" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
    "chunks in HTTP/1.0": (400, b"POST /login HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    "line feeds alone": (400, b"GET /health/live HTTP/1.1\nHost: x\n\n"),
}


@pytest.mark.parametrize("what", LINES)
def test_a_malformed_request_is_rejected_and_nothing_after_it_is_read(port: int, what: str) -> None:
    status, head = LINES[what]
    assert statuses(port, head + request()) == [status]


def test_requests_before_a_malformed_one_get_responses_and_none_after(port: int) -> None:
    good = request(close=False)
    assert statuses(port, good + b"GET / HTTP/1.1\r\n\r\n" + good + good) in ([200], [200, 400])


def test_a_request_in_http_1_0_needs_no_host(port: int) -> None:
    assert statuses(port, b"GET /health/live HTTP/1.0\r\n\r\n") == [200]


OFFER = (
    "Connection: Upgrade, HTTP2-Settings",
    "Upgrade: h2c",
    "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
)


@pytest.mark.parametrize("in_pieces", [False, True])
def test_a_client_that_offers_http_2_gets_a_response_in_http_1_1(service: Service, in_pieces: bool) -> None:
    """The JDK's HTTP client makes this offer with every request."""
    headers = (service.authorization, "Content-Type: application/json", *OFFER)
    whole = request(
        "POST", PREDICTIONS, *headers, f"Content-Length: {len(APPLICATION)}", body=APPLICATION, close=False
    )
    in_chunks = request(
        "POST", PREDICTIONS, *headers, "Transfer-Encoding: chunked", body=chunked(APPLICATION), close=False
    )
    last = request()
    sent = whole + whole + in_chunks + request("GET", "/health/live", *OFFER, close=False) + last
    pieces = [sent[at : at + 97] for at in range(0, len(sent), 97)] if in_pieces else [sent]
    assert statuses(service.api_port, *pieces) == [200] * 5


OTHER_OFFERS = [
    OFFER,
    ("Connection: keep-alive, Upgrade", "Upgrade: h2"),
    ("Connection: Upgrade", "Upgrade: TLS/1.2, HTTP/1.1"),
    ("CONNECTION: UPGRADE", "UPGRADE: H2C"),
    ("Connection: Upgrade", "Upgrade: h2c", "Upgrade: IRC/6.9"),
    ("Upgrade: h2c",),
]
_OTHERS = [" ".join(offer) for offer in OTHER_OFFERS]


@pytest.mark.parametrize("offer", OTHER_OFFERS, ids=_OTHERS)
def test_an_offer_of_another_protocol_loses_no_body_at_the_api(service: Service, offer: tuple[str, ...]) -> None:
    """A token, a batch in chunks, and a decision, on one connection."""
    form = f"grant_type=password&username=admin&password={PASSWORD}".replace(" ", "+").encode()
    token = ("Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(form)}")
    file = (",".join(EXAMPLE) + "\n" + ",".join(map(str, EXAMPLE.values())) + "\n").encode()
    batch = (service.authorization, "Content-Type: text/csv", "Transfer-Encoding: chunked")
    decided = (service.authorization, "Content-Type: application/json", f"Content-Length: {len(APPLICATION)}")
    sent = [
        request("POST", "/api/v1/auth/token", *token, *offer, body=form, close=False),
        request("POST", "/api/v1/batches?name=java", *batch, *offer, body=chunked(file), close=False),
        request("POST", PREDICTIONS, *decided, *offer, body=APPLICATION, close=False),
        request(),
    ]
    assert statuses(service.api_port, *sent) == [200, 202, 200, 200]


@pytest.mark.parametrize("offer", OTHER_OFFERS, ids=_OTHERS)
def test_an_offer_of_another_protocol_loses_no_body_at_the_web_interface(
    service: Service, offer: tuple[str, ...]
) -> None:
    form = f"name=admin&password={PASSWORD}".replace(" ", "+").encode()
    counted = (f"Content-Type: {FORM}", f"Content-Length: {len(form)}", *offer)
    in_chunks = (f"Content-Type: {FORM}", "Transfer-Encoding: chunked", *offer)
    sent = [
        request("POST", "/login", *counted, body=form, close=False),
        request("POST", "/login", *in_chunks, body=chunked(form), close=False),
        request("GET", "/login", *offer, close=False),
        request(),
    ]
    assert statuses(service.ui_port, *sent) == [303, 303, 200, 200]


SPELLINGS = [
    "//health/live",
    "/health//live",
    "/health/liv%65",
    "/health/./live",
    "/x/../health/live",
    "/health/live/",
]
SPELLINGS += ["/health/live;x=1", "/health%2Flive", "/health/%2e/live", "/health\\live", "/%68ealth/live"]


@pytest.mark.parametrize("path", SPELLINGS)
def test_noncanonical_paths_get_404(service: Service, port: int, path: str) -> None:
    (response,) = exchange(port, request("GET", path))
    assert response.status == 404
    assert "location" not in response.headers
    if port == service.api_port:
        assert json.loads(response.body)["type"] == "urn:credit-scoring:problem:not-found"


@pytest.mark.parametrize("path", ["/api/v1/%70redictions", "//api/v1/predictions", "/api/v1/predictions/"])
def test_noncanonical_prediction_paths_decide_nothing(service: Service, path: str) -> None:
    response = decision(service, f"Content-Length: {len(APPLICATION)}", body=APPLICATION, path=path)
    assert response.status == 404


@pytest.mark.parametrize("path", ["/decisions", "/login/", "/decisions/", "/assets"])
def test_redirects_do_not_follow_the_host_header(service: Service, path: str) -> None:
    for response in exchange(service.ui_port, request("GET", path)):
        assert "service.test" not in response.headers.get("location", "")


def test_metrics_are_on_separate_ports(service: Service) -> None:
    for port in (service.api_port, service.ui_port):
        assert statuses(port, request("GET", "/metrics")) == [404]
    for port in (service.api_metrics_port, service.ui_metrics_port):
        (response,) = exchange(port, request("GET", "/metrics"))
        assert response.status == 200
        assert b"scoring_build_info" in response.body
        assert statuses(port, request("GET", "/")) == [404]
        assert statuses(port, request("GET", "/metrics", "X-Pad: " + "a" * 33_000)) == [431]


def test_request_heads_of_unauthenticated_callers_are_not_cached(service: Service) -> None:
    api = psutil.Process(service.api_process())
    connection = http.client.HTTPConnection("127.0.0.1", service.api_port, timeout=10)
    before = api.memory_info().rss
    for number in range(1000):
        headers = {"Content-Type": "application/json", "X-Pad": f"{number:08}" + "a" * 7_000}
        connection.request("POST", PREDICTIONS, b"{}", headers)
        response = connection.getresponse()
        response.read()
        assert response.status == 401
    connection.close()
    assert api.memory_info().rss - before < 5_000_000


def test_connections_without_a_request_head_end_within_seconds(service: Service) -> None:
    with ExitStack() as stack:
        silent = []
        for port in (service.api_port, service.ui_port):
            for beginning in (b"", b"\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX-Name: "):
                connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=15))
                connection.sendall(beginning)
                silent.append(connection)
        ends = [connection.recv(65536)[:12] for connection in silent]
    assert ends == [b"", b"", b"HTTP/1.1 408"] * 2


def test_connections_are_capped(port: int) -> None:
    with ExitStack() as stack:
        for _ in range(MAX_CONNECTIONS):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
        beyond = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
        assert beyond.recv(65536).startswith(b"HTTP/1.1 503 ")
    eventually(lambda: statuses(port, request()) == [200])


@pytest.mark.parametrize("path", ["/api/v1/predictions", "/login"])
@pytest.mark.parametrize("body", [b"abc", b"a"])
def test_a_content_length_of_thousands_of_digits_is_rejected(port: int, path: str, body: bytes) -> None:
    sent = request("POST", path, f"Content-Length: {'0' * 5000}3", f"Content-Type: {FORM}", body=body, close=False)
    assert statuses(port, sent) == [400]


def test_a_fragment_is_rejected(port: int) -> None:
    """A proxy that blocks only the canonical path would let it through."""
    assert statuses(port, request(path="/health/live#x")) == [400]
