"""HAProxy with the shipped configuration: TLS, redirects, limits, routing, and a reload under load."""

import json
import signal
import socket
import ssl
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import httpx
import pytest
from cryptography import x509

from harness.callers import Callers
from harness.polling import eventually
from replicas.behind_haproxy import (
    AUTHORITY,
    CONFIGURATION,
    HAPROXY,
    NO_HAPROXY,
    Pair,
    address_of,
    ask,
    log_in,
    token_from,
)
from security.raw_http import Response, connect, exchange, request
from support.engines import drop_database, fresh_database

pytestmark = pytest.mark.timeout(90)
HSTS = "strict-transport-security"
RATE_LIMIT = 60
_clients = (f"127.0.1.{number}" for number in count(1))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, postgres_url: str, valkey_server_url: str) -> Iterator[Pair]:
    """One replica of the API, two of the web interface, and a low limit of requests from one address."""
    if HAPROXY is None:
        pytest.skip(NO_HAPROXY)
    url = fresh_database(postgres_url)
    settings = {"SCORING_TRUSTED_PROXIES": "127.0.0.1"}
    proxy = {"RATE_LIMIT": str(RATE_LIMIT)}
    pair = Pair(tmp_path_factory.mktemp("proxy"), url, valkey_server_url, proxy=proxy, **settings)
    pair.prepare()
    with ExitStack() as stack:
        with ThreadPoolExecutor() as threads:
            processes = [pair.replicas["one"], *pair.pages.values()]
            for started in [threads.submit(process.__enter__) for process in processes]:
                stack.push(started.result())
        stack.enter_context(pair.balancer)
        pair.authorization = f"Authorization: Bearer {token_from(pair.replicas['one'].port)}"
        yield pair
    drop_database(postgres_url, url)


@pytest.fixture
def client() -> str:
    """An address that no other test uses, because requests are counted for each."""
    return next(_clients)


def https(pair: Pair, client: str, *pieces: bytes) -> Response:
    """The response to a request through the proxy."""
    (response,) = exchange(pair.api_port, *pieces, of=client, trust=AUTHORITY.trust)
    return response


def serial_number(port: int, client: str) -> int:
    with connect(port, client, trust=AUTHORITY.trust) as connection:
        assert isinstance(connection, ssl.SSLSocket)
        presented = connection.getpeercert(binary_form=True)
    assert presented is not None
    return x509.load_der_x509_certificate(presented).serial_number


def test_paths_select_the_server(pair: Pair, client: str) -> None:
    live = https(pair, client, request("GET", "/health/ready"))
    assert json.loads(live.body)["status"] == "ready"
    assert https(pair, client, request("GET", "/docs")).status == 200
    assert json.loads(https(pair, client, request("GET", "/api/v1/nothing")).body)["status"] == 404
    assert b"Password" in https(pair, client, request("GET", "/login")).body
    assert https(pair, client, request("GET", "/")).headers["location"].startswith("/login")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_versions_of_tls_are_refused(pair: Pair, client: str) -> None:
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        trust = AUTHORITY.trust
        trust.minimum_version = trust.maximum_version = version
        connect(pair.api_port, client, trust=trust).close()
    trust = AUTHORITY.trust
    trust.set_ciphers("ALL:@SECLEVEL=0")
    trust.minimum_version = trust.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
        connect(pair.api_port, client, trust=trust)


def test_browsers_are_offered_http_2(pair: Pair, client: str) -> None:
    trust = AUTHORITY.trust
    trust.set_alpn_protocols(["h2", "http/1.1"])
    with connect(pair.api_port, client, trust=trust) as connection:
        assert isinstance(connection, ssl.SSLSocket)
        assert connection.selected_alpn_protocol() == "h2"


def test_plain_http_is_redirected_and_no_secret_is_forwarded(pair: Pair, client: str) -> None:
    (moved,) = exchange(pair.http_port, request("GET", "/decisions?text=a%20b"), of=client)
    assert moved.status == 301
    assert moved.headers["location"] == f"https://service.test:{pair.api_port}/decisions?text=a%20b"
    with_port = request("GET", "/").replace(b"service.test", b"[::1]:8080")
    (moved,) = exchange(pair.http_port, with_port, of=client)
    assert moved.headers["location"] == f"https://[::1]:{pair.api_port}/"
    (refused,) = exchange(pair.http_port, request("POST", "/api/v1/auth/token", "Content-Length: 0"), of=client)
    assert (refused.status, json.loads(refused.body)["title"]) == (403, "HTTPS required")
    assert HSTS not in moved.headers


def test_every_response_has_hsts_once(pair: Pair, client: str) -> None:
    for path in ("/health/live", "/login", "/api/v1/decisions", "/nothing"):
        answer = httpx.get(f"{address_of(pair.api_port)}{path}", verify=AUTHORITY.trust)
        assert answer.headers.get_list(HSTS) == ["max-age=31536000"], path
    refused = https(pair, client, request("POST", "/login", "Content-Length: 99999999"))
    assert (refused.status, refused.headers[HSTS]) == (413, "max-age=31536000")


def test_requests_of_one_address_are_limited(pair: Pair, client: str) -> None:
    statuses = [ask(pair.api_port, "GET", "/health/live", of=client)[0] for _ in range(RATE_LIMIT + 10)]
    assert statuses[:RATE_LIMIT] == [200] * RATE_LIMIT
    assert set(statuses[RATE_LIMIT + 1 :]) == {429}
    refused = https(pair, client, request("GET", "/login"))
    assert (refused.status, refused.headers["retry-after"]) == (429, "10")
    assert json.loads(refused.body)["title"] == "Too many requests"
    assert ask(pair.api_port, "GET", "/health/live", of=next(_clients))[0] == 200


def without_replicas(folder: Path, changes: Mapping[str, str], **variables: str) -> Pair:
    """A proxy with a changed configuration and no replica: what would be sent to one is answered by 503."""
    if HAPROXY is None:
        pytest.skip(NO_HAPROXY)
    text = CONFIGURATION.read_text()
    for shipped, changed in changes.items():
        assert shipped in text
        text = text.replace(shipped, changed)
    configuration = folder / "haproxy.cfg"
    configuration.write_text(text)
    return Pair(folder, "", "", proxy=variables, configuration=configuration)


def test_behind_the_proxy_protocol_limits_count_networks_of_ipv6(tmp_path: Path) -> None:
    documented = {" ssl crt ": " accept-proxy ssl crt ", "tcp-request connection": "tcp-request session"}
    alone = without_replicas(tmp_path, documented, RATE_LIMIT="9")

    def status_for(address: str) -> int:
        with socket.create_connection(("127.0.0.1", alone.api_port), 5) as connection:
            connection.sendall(f"PROXY TCP6 {address} ::1 50000 443\r\n".encode())
            with AUTHORITY.trust.wrap_socket(connection, server_hostname="127.0.0.1") as encrypted:
                encrypted.sendall(request("GET", "/health/live"))
                return int(encrypted.recv(12).split()[1])

    with alone.balancer:
        statuses = [status_for(f"2001:db8:0:1:{number:x}::1") for number in range(12)]
        assert statuses == [503] * 9 + [429] * 3
        assert status_for("2001:db8:0:2::1") == 503


def test_a_request_is_sent_to_a_replica_once_its_body_has_arrived(tmp_path: Path) -> None:
    alone = without_replicas(tmp_path, {"wait-for-body time 10s": "wait-for-body time 1s"})

    def status_of(path: str, *sent: bytes) -> bytes:
        with connect(alone.api_port, trust=AUTHORITY.trust) as connection:
            connection.sendall(request("POST", path, "Content-Length: 20000") + b"".join(sent))
            return connection.recv(12)

    with alone.balancer:
        assert status_of("/api/v1/auth/token", b"x") == b"HTTP/1.1 408"
        assert status_of("/api/v1/auth/token", b"x" * 20_000) == b"HTTP/1.1 503"
        assert status_of("/api/v1/batches", b"x") == b"HTTP/1.1 503"


@pytest.mark.parametrize(
    ("path", "length", "status"),
    [
        ("/api/v1/predictions", 1_000_001, 413),
        ("/_nicegui/client/x/upload/1", 268_500_993, 413),
        ("/api/v1/batches", 1_073_741_825, 413),
        ("/_nicegui/client/x/upload/1", 1_000_001, 403),  # these reach the service, which refuses them
        ("/api/v1/batches", 1_000_001, 401),
    ],
)
def test_bodies_are_limited_as_in_the_service(
    pair: Pair, client: str, path: str, length: int, status: int
) -> None:
    with connect(pair.api_port, client, trust=AUTHORITY.trust) as connection:
        connection.sendall(request("POST", path, f"Content-Length: {length}"))  # and no body
        assert connection.recv(12) == f"HTTP/1.1 {status}".encode()


def test_a_client_cannot_choose_its_address_or_scheme(pair: Pair, client: str) -> None:
    forged = {
        "X-Forwarded-For": "203.0.113.9",
        "Forwarded": "for=203.0.113.9",
        "X-Forwarded-Host": "elsewhere.test",
        "X-Forwarded-Prefix": "/elsewhere",
        "X-Forwarded-Proto": "http",
    }
    guesses = [log_in(pair.api_port, "guessed", of=client, **forged)[0] for _ in range(12)]
    assert guesses == [400] * 10 + [429] * 2
    page = https(pair, client, request("GET", "/", *(f"{name}: {value}" for name, value in forged.items())))
    assert page.headers["location"].startswith("/login")
    assert b"elsewhere" not in page.body


def test_a_browser_returns_to_its_replica_over_a_secure_cookie(pair: Pair) -> None:
    transport = httpx.HTTPTransport(verify=AUTHORITY.trust, local_address=next(_clients))
    with httpx.Client(transport=transport, base_url=address_of(pair.web_port)) as browser:
        first = browser.get("/login")
        (cookie,) = [each for each in first.headers.get_list("set-cookie") if each.startswith("replica=")]
        assert {"Secure", "HttpOnly", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
        for _ in range(5):
            assert "replica" not in browser.get("/login").cookies


def test_a_reload_reads_the_new_certificate_and_drops_no_request(
    tmp_path_factory: pytest.TempPathFactory, pair: Pair
) -> None:
    unlimited = Pair(tmp_path_factory.mktemp("reload"), pair.database_url, "")
    unlimited.balancer.environment.update(
        REPLICA_1=f"127.0.0.1:{pair.replicas['one'].port}", REPLICA_2=f"127.0.0.1:{pair.replicas['one'].port}"
    )
    unlimited.authorization = pair.authorization
    port = unlimited.api_port
    with unlimited.balancer:
        eventually(lambda: ask(port, "GET", "/health/ready")[0] == 200)
        with (
            Callers(unlimited, 8, tls=AUTHORITY.trust) as keeping,
            Callers(unlimited, 4, tls=AUTHORITY.trust, requests_per_connection=3) as reconnecting,
        ):
            eventually(lambda: len(reconnecting.result.decided) > 30)
            for _ in range(2):
                issued = AUTHORITY.issue()
                unlimited.write_certificate(issued)
                unlimited.balancer.process.send_signal(signal.SIGUSR2)
                expected = issued.certificate.serial_number
                eventually(lambda expected=expected: serial_number(port, "127.0.0.1") == expected)
                before = len(reconnecting.result.decided)
                eventually(lambda before=before: len(reconnecting.result.decided) > before + 100)
        for result in (keeping.result, reconnecting.result):
            assert (result.cut, result.refused) == (0, [])


def test_plain_http_at_the_https_port_is_closed(pair: Pair, client: str) -> None:
    with socket.create_connection(("127.0.0.1", pair.api_port), 5, source_address=(client, 0)) as connection:
        connection.sendall(request("GET", "/"))
        assert b"HTTP/1.1 200" not in connection.recv(65536)
