"""A client for live pages of the web interface and their sockets, as an attacker would write it."""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "entrypoints" / "ui"))  # where the served interface is defined

from ui_lender import PASSWORD
from ui_service import served

__all__ = ["PASSWORD", "LivePage", "Socket", "log_in", "memory_of", "served"]
SOCKETS = "/_nicegui_ws/socket.io/"


def memory_of(address: str) -> int:
    """The memory of the process that listens at the address, in bytes."""
    port = int(address.rsplit(":", 1)[1])
    (process,) = [each for each in psutil.Process().children() if str(port) in each.cmdline()]
    return process.memory_info().rss


@contextmanager
def log_in(address: str, name: str) -> Iterator[httpx.Client]:
    """An HTTP client with the user's session cookie."""
    with httpx.Client(base_url=address, timeout=20) as client:
        assert client.post("/login", data={"name": name, "password": PASSWORD}).status_code == 303
        yield client


class LivePage:
    """A loaded page: its identifier and its event listeners."""

    def __init__(self, client: httpx.Client, path: str) -> None:
        text = client.get(path).text
        found = re.search(r"'client_id': '([^']+)'", text) or re.search(r'"client_id": ?"([^"]+)"', text)
        assert found, text
        self.id = found[1]
        (raw,) = re.findall(r"parseElements\(String\.raw`(.*?)`\)", text, re.DOTALL)
        for icon_name, meaning in (
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&#96;", "`"),
            ("&#36;", "$"),
            ("&quot;", '"'),
            ("&amp;", "&"),
        ):
            raw = raw.replace(icon_name, meaning)
        self.elements: dict[str, dict[str, Any]] = json.loads(raw)

    @property
    def query(self) -> dict[str, str]:
        """The query parameters to open its socket."""
        return {"client_id": self.id, "implicit_handshake": "true", "next_message_id": "0"} | {
            "document_id": "document",
            "tab_id": "tab",
            "old_tab_id": "",
        }

    def press(self, event: str = "click") -> dict[str, Any]:
        """The message that triggers this event on the last element that listens to it."""
        listeners = [
            {"id": int(number), "listener_id": each["listener_id"]}
            for number, element in self.elements.items()
            for each in element.get("events", [])
            if each["type"] == event
        ]
        return {"client_id": self.id, "args": []} | listeners[-1]

    def upload_address(self) -> str:
        """The address for uploads to the page."""
        return next(
            element["props"]["url"]
            for element in self.elements.values()
            if "/upload/" in str(element.get("props", {}).get("url", ""))
        )


class Socket:
    """An Engine.IO 4 and Socket.IO 5 client with polling."""

    def __init__(self, client: httpx.Client, query: dict[str, str], **headers: str) -> None:
        self.client = client
        self.headers = headers
        self.query = query | {"EIO": "4", "transport": "polling"}
        answer = client.get(SOCKETS, params=self.query, headers=headers)
        self.status = answer.status_code
        self.greeting = ""
        if self.status == 200:
            self.query["sid"] = json.loads(answer.text[1:])["sid"]
            assert self.send("40") == 200
            self.greeting = self.receive()

    @property
    def connected(self) -> bool:
        """Whether the server accepted the socket."""
        return self.greeting.startswith("40")

    def send(self, packet: str) -> int:
        """Send a packet; returns the HTTP status."""
        return self.client.post(SOCKETS, params=self.query, content=packet, headers=self.headers).status_code

    def emit(self, event: str, message: object) -> int:
        """Send an event; returns the HTTP status."""
        return self.send("42" + json.dumps([event, message]))

    def call(self, event: str, message: object) -> str:
        """Send an event with acknowledgement; returns everything received up to the acknowledgement."""
        assert self.send("421" + json.dumps([event, message])) == 200
        return self.receive_until("431")

    def receive(self) -> str:
        """The next packets from the server."""
        answer = self.client.get(SOCKETS, params=self.query, headers=self.headers)
        return answer.text if answer.status_code == 200 else f"closed: {answer.status_code}"

    def receive_until(self, wanted: str) -> str:
        """Everything received until this text, the end of the socket, or fifty messages."""
        received = ""
        for _ in range(50):
            received += (part := self.receive())
            if wanted in received or part.startswith("closed"):
                break
        return received
