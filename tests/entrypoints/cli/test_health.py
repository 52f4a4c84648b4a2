"""`scoring health` against servers that respond, refuse, or are absent."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from entrypoints.cli.main import scoring
from harness.running_service import free_ports
from support.certificates import Authority


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        healthy = {"/health/ready": 503, "/health/live": 200, "/metrics": 200}
        self.send_response(healthy.get(self.path, 404))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def port() -> Iterator[str]:
    """The port of a server that lives but is not ready."""
    with HTTPServer(("127.0.0.1", 0), _Server) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield str(server.server_port)
        server.shutdown()
        thread.join()


def health(process: str) -> Result:
    return CliRunner().invoke(scoring, ["health", process])


@pytest.mark.parametrize("process", ["ui", "worker"])
def test_a_responding_process_is_healthy(process: str, port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORING_HOST", "0.0.0.0")  # noqa: S104 - nothing is bound: the check connects to this machine
    monkeypatch.setenv({"ui": "SCORING_UI_PORT", "worker": "SCORING_WORKER_METRICS_PORT"}[process], port)
    assert health(process).exit_code == 0


def test_a_process_that_serves_tls_is_checked_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = Authority().issue(hosts=["scoring.example"]).write(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)
    with HTTPServer(("127.0.0.1", 0), _Server) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("SCORING_UI_PORT", str(server.server_port))
        plain = health("ui")
        monkeypatch.setenv("SCORING_TLS_CERTIFICATE_FILE", str(files.certificate))
        monkeypatch.setenv("SCORING_TLS_KEY_FILE", str(files.key))
        encrypted = health("ui")
        server.shutdown()
        thread.join()
    assert (plain.exit_code, encrypted.exit_code) == (1, 0), encrypted.output


def test_an_api_that_is_not_ready_is_not_healthy(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORING_API_PORT", port)
    result = health("api")
    assert result.exit_code == 1
    assert f"/health/ready on 127.0.0.1:{port} answered with status 503" in result.output


def test_an_absent_process_is_not_healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORING_UI_PORT", str(free_ports(1)[0]))
    result = health("ui")
    assert result.exit_code == 1
    assert "does not respond" in result.output


def test_a_worker_needs_a_metrics_port() -> None:
    result = health("worker")
    assert result.exit_code == 1
    assert "SCORING_WORKER_METRICS_PORT" in result.output
