"""The TLS certificate of this process, which follows its files."""

import logging
import ssl
from datetime import UTC, datetime, timedelta
from functools import cache
from time import monotonic

from entrypoints.http.tls.certificate import InvalidCertificate, load_certificate
from entrypoints.http.tls.certificate_files import CertificateFiles

WARN_BEFORE = timedelta(days=30)
_WARN_EVERY = timedelta(days=1)
_log = logging.getLogger(__name__)


class ServerCertificate:
    """The certificate that new connections use; raises InvalidCertificate if the files cannot be used.

    `refresh` reads the files again after a change. It makes a new context rather than changing the present one,
    which would keep a certificate of another key type beside the new one. Open connections are not affected.
    """

    retry_seconds = 60.0
    """Until unchanged files that could not be used are read again: they may have become readable, or valid."""

    def __init__(self, files: CertificateFiles) -> None:
        self._files = files
        self._read = self._seen = files.state
        self._loaded = load_certificate(files)
        self._rejected: str | None = None
        self._read_at = monotonic()
        self._warned: datetime | None = None

    @property
    def context(self) -> ssl.SSLContext:
        """The context for a new connection."""
        return self._loaded.context

    @property
    def expires(self) -> datetime:
        """When the certificate in use, or one of its intermediates, expires."""
        return self._loaded.expires

    async def refresh(self) -> None:
        """Use changed files; where they cannot be used, log why and keep the certificate in use.

        Files are read once they are as at the previous call, because the two are not replaced at one time.
        """
        state = self._files.state
        settled, self._seen = state == self._seen, state
        again = self._rejected is not None and monotonic() - self._read_at >= self.retry_seconds
        if settled and (again or state != self._read):
            self._read, self._read_at = state, monotonic()
            self._reload()
        self._warn_of_expiry()

    def _reload(self) -> None:
        try:
            self._loaded = load_certificate(self._files)
        except InvalidCertificate as invalid:
            if str(invalid) != self._rejected:
                _log.error(
                    "The changed TLS certificate cannot be used; the previous one, until %s, stays in use: %s",
                    _day(self.expires),
                    invalid,
                )
            self._rejected = str(invalid)
        else:
            self._rejected = self._warned = None
            _log.info("Using the changed TLS certificate, which expires on %s", _day(self.expires))

    def _warn_of_expiry(self) -> None:
        now = datetime.now(UTC)
        if self.expires - now > WARN_BEFORE or (self._warned is not None and now - self._warned < _WARN_EVERY):
            return
        self._warned = now
        _log.warning(
            "The TLS certificate in %s expires on %s; replace it", self._files.certificate, _day(self.expires)
        )


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


@cache
def server_certificate(files: CertificateFiles) -> ServerCertificate:
    """The one certificate of these files in this process, which connections use and a periodic task refreshes."""
    return ServerCertificate(files)
