"""API and web interface over HTTPS as processes: versions, headers, and a certificate that is replaced."""

import http.client
import json
import re
import socket
import ssl
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from domain.access.user import Role
from domain.products.personal_loan import EXAMPLE
from entrypoints.http.tls.handshake import HANDSHAKE_SECONDS
from harness.callers import Callers
from harness.people import PASSWORD
from harness.polling import eventually
from harness.running_service import Service
from security.raw_http import Response, request, responses
from support.certificates import NOW, Authority, Issued, rsa_key
from support.real_browser import NEEDS_CHROMIUM, chromium

pytestmark = pytest.mark.timeout(90)
authority = Authority()
DECISION = "/api/v1/predictions"
_REFUSED = "EOF|PROTOCOL_VERSION|HANDSHAKE_FAILURE"
"""uvloop closes the connection without an alert."""
HSTS = "max-age=31536000"


class TlsService(Service):
    """Two workers of the API, and the web interface, with a certificate."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.issued = authority.issue()
        files = self.issued.write(folder)
        super().__init__(
            folder / "data",
            without=["worker"],
            SCORING_TLS_CERTIFICATE_FILE=str(files.certificate),
            SCORING_TLS_KEY_FILE=str(files.key),
            SCORING_ADMIN_PASSWORD=PASSWORD,
            SCORING_API_WORKERS="2",
        )

    def replace(self, issued: Issued) -> None:
        """Replace the certificate and its key."""
        self.issued = issued
        issued.write(self.folder)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsService]:
    with closing(TlsService(tmp_path_factory.mktemp("tls"))) as service:
        yield service


@pytest.fixture(params=["api", "ui"])
def port(request: pytest.FixtureRequest, service: Service) -> int:
    return service.api_port if request.param == "api" else service.ui_port


def connect(port: int, trust: ssl.SSLContext | None = None) -> ssl.SSLSocket:
    trust = trust or authority.trust
    return trust.wrap_socket(socket.create_connection(("127.0.0.1", port), 5), server_hostname="127.0.0.1")


def exchange(port: int, sent: bytes) -> list[Response]:
    """Every response to these bytes."""
    with connect(port) as connection:
        connection.sendall(sent)
        return responses(read_all(connection))


def read_all(connection: ssl.SSLSocket) -> bytes:
    """What the server sends until it closes the connection."""
    received = b""
    while more := connection.recv(65536):
        received += more
    return received


def serial_number(port: int) -> int:
    """Of the certificate that a new connection gets."""
    with connect(port) as connection:
        presented = connection.getpeercert(binary_form=True)
    assert presented is not None
    return x509.load_der_x509_certificate(presented).serial_number


def test_the_printed_addresses_are_https(service: TlsService) -> None:
    assert f"API            https://127.0.0.1:{service.api_port} " in service.startup_output
    assert f"Web interface  https://127.0.0.1:{service.ui_port}" in service.startup_output
    assert f"curl -s https://127.0.0.1:{service.api_port}/api/v1/" in service.startup_output


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_current_versions_are_accepted(port: int, version: ssl.TLSVersion) -> None:
    trust = authority.trust
    trust.minimum_version = trust.maximum_version = version
    with connect(port, trust) as connection:
        name, _, bits = connection.cipher() or ("", "", 0)
    assert re.match("TLS_|ECDHE-", name)
    assert bits >= 128


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_tls_1_1_is_refused(port: int) -> None:
    trust = authority.trust
    trust.set_ciphers("ALL:@SECLEVEL=0")
    trust.minimum_version = trust.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError, match=_REFUSED):
        connect(port, trust)


def test_weak_ciphers_are_refused(port: int) -> None:
    trust = authority.trust
    trust.maximum_version = ssl.TLSVersion.TLSv1_2
    trust.set_ciphers("AES128-SHA:ECDHE-ECDSA-AES128-SHA:AES128-GCM-SHA256")
    with pytest.raises(ssl.SSLError, match=_REFUSED):
        connect(port, trust)


def test_every_response_has_hsts(service: TlsService) -> None:
    body = json.dumps(EXAMPLE).encode()
    headers = [service.authorization, "Content-Type: application/json", f"Content-Length: {len(body)}"]
    sent = {
        (service.api_port, 200): request("POST", DECISION, *headers, body=body),
        (service.api_port, 401): request("POST", DECISION, *headers[1:], body=body),
        (service.api_port, 404): request("GET", "/nothing"),
        (service.api_port, 400): b"GET / HTTP/1.1\r\n\r\n",
        (service.ui_port, 200): request("GET", "/login"),
        (service.ui_port, 404): request("GET", "/login/"),
        (service.ui_port, 431): request("GET", "/login", *[f"X-{n}: 1" for n in range(101)]),
    }
    for (at, status), data in sent.items():
        (response,) = exchange(at, data)
        assert (response.status, response.headers.get("strict-transport-security")) == (status, HSTS)


def test_cookies_are_secure(service: TlsService) -> None:
    form = f"name=admin&password={PASSWORD.replace(' ', '+')}".encode()
    connection = http.client.HTTPSConnection("127.0.0.1", service.ui_port, timeout=5, context=authority.trust)
    origin = {
        "Origin": f"https://127.0.0.1:{service.ui_port}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection.request("POST", "/login", form, origin)
    cookies = connection.getresponse().headers.get_all("set-cookie") or []
    connection.close()
    (cookie,) = [each for each in cookies if each.startswith("__Host-scoring-session=")]
    assert "; secure" in cookie.lower()


def test_plain_http_is_closed_cleanly(service: TlsService, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(request("GET", "/health/live"))
        assert b"HTTP" not in connection.recv(65536)
    assert "Traceback" not in service.log


def test_a_handshake_must_complete_within_ten_seconds(service: TlsService) -> None:
    began = time.monotonic()
    with ExitStack() as stack:
        silent = [
            stack.enter_context(socket.create_connection(("127.0.0.1", each), HANDSHAKE_SECONDS + 5))
            for each in (service.api_port, service.ui_port)
        ]
        started = stack.enter_context(socket.create_connection(("127.0.0.1", service.api_port), 15))
        started.sendall(b"\x16\x03\x01\x02\x00\x01")
        for connection in (*silent, started):
            assert connection.recv(1) == b""
    assert HANDSHAKE_SECONDS - 1 < time.monotonic() - began < HANDSHAKE_SECONDS + 2


def expiry(metrics_port: int, process: str) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{metrics_port}/metrics", timeout=5) as answer:
        found = re.search(
            rf'^scoring_tls_certificate_expiry_timestamp_seconds{{process="{process}"}} (\S+)$',
            answer.read().decode(),
            re.MULTILINE,
        )
    assert found
    return float(found[1])


def test_a_replaced_certificate_is_used_without_a_failed_request(service: TlsService) -> None:
    with connect(service.api_port) as lasting:
        lasting.sendall(request("GET", "/health/live", close=False))
        assert lasting.recv(12) == b"HTTP/1.1 200"
        with (
            Callers(service, 8, tls=authority.trust) as keeping,
            Callers(service, 4, tls=authority.trust, requests_per_connection=5) as reconnecting,
        ):
            eventually(lambda: len(reconnecting.result.decided) > 50)
            for key in (None, rsa_key()):  # also of another type of key
                service.replace(authority.issue(end=NOW + timedelta(days=60), key=key))
                eventually(lambda: served_numbers(service) == {serial_of(service)})
                before = len(reconnecting.result.decided)
                eventually(lambda before=before: len(reconnecting.result.decided) > before + 50)
        for result in (keeping.result, reconnecting.result):
            assert (result.cut, result.refused) == (0, [])
        lasting.sendall(request("GET", "/health/live"))
        assert b"HTTP/1.1 200" in read_all(lasting)
    for metrics_port, process in ((service.api_metrics_port, "api"), (service.ui_metrics_port, "ui")):
        expires = service.issued.certificate.not_valid_after_utc.timestamp()
        eventually(lambda at=metrics_port, of=process, when=expires: expiry(at, of) == when)


def served_numbers(service: TlsService) -> set[int]:
    """The serial numbers that several new connections get, which both workers of the API accept."""
    return {serial_number(port) for port in [service.api_port] * 12 + [service.ui_port]}


def serial_of(service: TlsService) -> int:
    return service.issued.certificate.serial_number


def test_an_unusable_certificate_is_reported_and_not_used(service: TlsService) -> None:
    used = serial_number(service.api_port)
    (service.folder / "key.pem").write_bytes(authority.issue().key_pem())
    eventually(
        lambda: service.log.count("The changed TLS certificate cannot be used") >= 2
    )  # API and web interface
    assert "does not belong to the first certificate in" in service.log
    assert serial_number(service.api_port) == used
    assert exchange(service.api_port, request("GET", "/health/ready"))[0].status == 200
    (service.folder / "key.pem").unlink()
    eventually(lambda: "key.pem cannot be read" in service.log)
    assert serial_number(service.api_port) == used
    service.replace(authority.issue())
    eventually(lambda: served_numbers(service) == {serial_of(service)})


@pytest.mark.browser
@NEEDS_CHROMIUM
def test_pages_work_over_tls(service: TlsService) -> None:
    service.add_user("olga", Role.LOAN_OFFICER)
    with chromium() as browser:
        page = browser.new_page(ignore_https_errors=True)
        page.set_default_timeout(20_000)
        page.goto(f"https://127.0.0.1:{service.ui_port}/decisions")
        page.get_by_label("Username").fill("olga")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Decisions", exact=True).wait_for()
        page.get_by_label("Search").fill("debt")
        page.wait_for_url("**/decisions?text=debt")  # the page's socket works


def test_a_stop_closes_connections_in_their_handshake(service: TlsService) -> None:
    """The last test: the service ends."""
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(socket.create_connection(("127.0.0.1", service.api_port), 5))
        stack.enter_context(connect(service.api_port))
        assert service.stop() == 0  # within fifteen seconds
    with suppress(OSError):
        socket.create_connection(("127.0.0.1", service.api_port), 1).close()
        pytest.fail("the API still listens")
