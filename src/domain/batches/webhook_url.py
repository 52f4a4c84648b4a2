"""Where the end of a batch is told."""

from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_URL_LENGTH = 2000


class InvalidWebhookUrl(ValueError):
    """The text says what is wrong with the address."""


@dataclass(frozen=True, slots=True)
class WebhookUrl:
    """An address of HTTP or HTTPS with a host, without credentials; whom it may reach is decided at delivery."""

    text: str

    @property
    def safe(self) -> bool:
        """Whether nobody on the way can read or change what is told there."""
        return urlsplit(self.text).scheme == "https"

    def __post_init__(self) -> None:
        fault = _fault(self.text)
        if fault:
            raise InvalidWebhookUrl(fault)


def _fault(text: str) -> str:
    if len(text) > MAX_URL_LENGTH or not all("!" <= each <= "~" for each in text):
        return f"it is not a URL of at most {MAX_URL_LENGTH} visible characters of ASCII"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as fault:
        return f"it cannot be read ({fault})"
    if parts.scheme not in {"https", "http"} or not host:
        return "it must begin with https:// or http:// and name a host"
    if parts.username is not None or parts.password is not None:
        return "it must not hold a name or a password"
    return ""
