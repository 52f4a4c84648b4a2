"""Tokens of applicants' links: identifier, expiry and an HMAC-SHA256 of both, in 72 characters of base64url."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from application.ports.reconsiderations.link_tokens import LinkTokens, ReadToken

_ID, _EXPIRY, _SIGNATURE = 16, 6, 32
"""Bytes: together a multiple of three, so that every bit of the text counts."""
_SIGNED = _ID + _EXPIRY
TOKEN_LENGTH = (_SIGNED + _SIGNATURE) * 4 // 3
_NOT_A_TOKEN = "A" * TOKEN_LENGTH  # nothing is signed with zeros
_LATEST = 253_402_300_799
"""The last second of the year 9999."""


class HmacLinkTokens(LinkTokens):
    """Signs with a key that has no other purpose; tokens of `previous` keys are still accepted."""

    def __init__(self, key: bytes, previous: Sequence[bytes] = ()) -> None:
        self._keys = (key, *previous)

    def sign(self, link_id: UUID, expires_at: datetime) -> str:
        signed = link_id.bytes + int(expires_at.timestamp()).to_bytes(_EXPIRY)
        return base64.urlsafe_b64encode(signed + self._signature(self._keys[0], signed)).decode()

    def read(self, token: str) -> ReadToken:
        """A text that cannot be a token is compared like one, so that it takes the same time."""
        well_formed = len(token) == TOKEN_LENGTH and token.isascii()
        text = (token if well_formed else _NOT_A_TOKEN).encode()
        try:
            content = base64.b64decode(text, altchars=b"-_", validate=True)
        except binascii.Error:
            content, well_formed = base64.b64decode(_NOT_A_TOKEN), False
        well_formed &= hmac.compare_digest(base64.urlsafe_b64encode(content), text)  # other spellings of it
        signed, given = content[:_SIGNED], content[_SIGNED:]
        matches = [hmac.compare_digest(self._signature(key, signed), given) for key in self._keys]
        seconds = min(int.from_bytes(signed[_ID:]), _LATEST)
        expires_at = datetime.fromtimestamp(seconds, UTC)
        return ReadToken(UUID(bytes=signed[:_ID]), expires_at, authentic=well_formed and any(matches))

    @staticmethod
    def _signature(key: bytes, signed: bytes) -> bytes:
        return hmac.digest(key, signed, hashlib.sha256)
