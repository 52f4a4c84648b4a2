"""How much one caller may have waiting, so that no caller takes the place of all others."""

from dataclasses import dataclass


class BatchQuotaExceeded(Exception):
    """The caller has as much waiting as one caller may; `retry_after` in seconds says when to look again."""

    def __init__(self, why: str, *, retry_after: int) -> None:
        super().__init__(why)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class BatchQuota:
    """The most that each caller may have: `batches` queued or running, `size` bytes of them, `uploads` at once."""

    batches: int = 20
    size: int = 4 << 30
    uploads: int = 2

    def check_waiting(self, batches: int, size: int) -> None:
        """Raise BatchQuotaExceeded where a caller may not have so many batches, of so many bytes together."""
        if batches > self.batches:
            raise BatchQuotaExceeded(
                f"{self.batches} batches of this caller wait or run already, the most for one caller; "
                "hand in the next one when one of them has ended",
                retry_after=60,
            )
        if size > self.size:
            raise BatchQuotaExceeded(
                f"this caller's waiting batches would hold more than {self.size >> 20:,} MB, the most for one "
                "caller; hand in the next one when one of them has ended",
                retry_after=60,
            )

    def check_uploads(self, uploads: int) -> None:
        """Raise BatchQuotaExceeded where a caller may not have so many uploads under way."""
        if uploads > self.uploads:
            raise BatchQuotaExceeded(
                f"{self.uploads} files of this caller are being uploaded already, the most for one caller; "
                "hand in the next one when one of them has arrived",
                retry_after=5,
            )
