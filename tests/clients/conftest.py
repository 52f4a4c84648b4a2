"""The service with a worker, and a server that responds as a test says."""

import threading
from collections import deque
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from domain.access.user import Role
from harness.running_service import Service


@pytest.fixture(scope="package")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clients")
    with closing(Service(folder / "data", without=["ui"], SCORING_ALLOW_INSECURE_WEBHOOKS="yes")) as running:
        running.address = f"http://127.0.0.1:{running.api_port}"
        running.password = running.add_user("broker-portal", Role.SERVICE)
        running.add_user("anna", Role.AUDITOR)
        yield running


class ScriptedServer(ThreadingHTTPServer):
    """Sends the responses of `script` in order: (status, headers, body), or None to close the connection."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script, self.requests = deque(), []
        self.address = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append((self.path, dict(self.headers), body))
        planned = self.server.script.popleft()
        if planned is None:
            self.close_connection = True
            return
        status, headers, content = planned
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = "Content-Length" in headers  # the body is incomplete

    do_GET = do_POST  # noqa: N815 - the name that the server calls

    def log_message(self, *_):
        pass


@pytest.fixture
def scripted():
    with ScriptedServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
