"""Quotas per caller, so that no caller can occupy the whole queue."""

from dataclasses import dataclass


class BatchQuotaExceeded(Exception):
    """The caller has reached a quota; `retry_after` is the number of seconds to wait before trying again."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class BatchQuota:
    """Limits per caller: `batches` queued or running, their total `size` in bytes, and concurrent `uploads`."""

    batches: int = 20
    size: int = 4 << 30
    uploads: int = 2

    def check_waiting(self, batches: int, size: int) -> None:
        """Raise BatchQuotaExceeded if this many batches, or this many bytes in total, exceed the quota."""
        if batches > self.batches:
            raise BatchQuotaExceeded(
                f"this caller already has {self.batches} batches queued or running, which is the limit; submit "
                "the next one when one of them has finished",
                retry_after=60,
            )
        if size > self.size:
            raise BatchQuotaExceeded(
                f"this caller's unfinished batches would exceed the limit of {self.size >> 20:,} MiB; submit the "
                "next one when one of them has finished",
                retry_after=60,
            )

    def check_uploads(self, uploads: int) -> None:
        """Raise BatchQuotaExceeded if this many concurrent uploads exceed the quota."""
        if uploads > self.uploads:
            raise BatchQuotaExceeded(
                f"this caller already has {self.uploads} uploads in progress, which is the limit; submit the next "
                "file when one of them has finished",
                retry_after=5,
            )
