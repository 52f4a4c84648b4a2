"""The address that is notified when a batch ends."""

from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_URL_LENGTH = 2000


class InvalidWebhookUrl(ValueError):
    """The URL is not allowed. The message says why."""


@dataclass(frozen=True, slots=True)
class WebhookUrl:
    """An HTTP or HTTPS URL with a host and without credentials. Reachability is checked at delivery."""

    text: str

    @property
    def safe(self) -> bool:
        """Whether the connection is encrypted."""
        return urlsplit(self.text).scheme == "https"

    def __post_init__(self) -> None:
        fault = _fault(self.text)
        if fault:
            raise InvalidWebhookUrl(fault)


def _fault(text: str) -> str:
    if len(text) > MAX_URL_LENGTH or not all("!" <= character <= "~" for character in text):
        return f"it must be a URL of at most {MAX_URL_LENGTH} visible ASCII characters"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as fault:
        return f"it cannot be parsed ({fault})"
    if parts.scheme not in {"https", "http"} or not host:
        return "it must begin with https:// or http:// and name a host"
    if parts.username is not None or parts.password is not None:
        return "it must not contain a username or a password"
    return ""
