"""Uploads of files: how many run at once, and their idempotency keys."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import asyncpg

from adapters.persistence.database.connections import translated_errors
from adapters.persistence.database.tables import idempotency_keys
from application.ports.batches.batches import TooManyUploads, UploadUnconfirmed
from application.ports.decisions.idempotency import Claim
from application.ports.operations.dependencies import DependencyUnavailable
from domain.batches.quota import BatchQuota

_INSERT_CLAIM = "INSERT INTO idempotency_keys (actor, key, fingerprint, subject) VALUES ($1, $2, $3, $4)"
_SELECT_CLAIM = "SELECT fingerprint, subject FROM idempotency_keys WHERE actor = $1 AND key = $2"


class UploadSlots:
    """Limits the uploads of this process, for each caller and in all."""

    def __init__(self, quota: BatchQuota, max_uploads: int) -> None:
        self._quota = quota
        self._max_uploads = max_uploads
        self._uploads = Counter[str]()

    @contextmanager
    def taken(self, caller: str) -> Iterator[None]:
        """Count an upload while it runs; raises BatchQuotaExceeded and TooManyUploads."""
        self._quota.check_uploads(self._uploads[caller] + 1)
        if self._uploads.total() >= self._max_uploads:
            raise TooManyUploads("the maximum number of uploads is in progress")
        self._uploads[caller] += 1
        try:
            yield
        finally:
            self._uploads[caller] -= 1
            if not self._uploads[caller]:
                del self._uploads[caller]


async def claim_or_find(connection: Any, subject: UUID, claim: Claim | None) -> UUID | None:
    """Claim the key for an upload, or return the identifier of the one that was created under it first."""
    if claim is not None:
        try:
            async with connection.transaction():
                await connection.execute(_INSERT_CLAIM, claim.actor, claim.key, claim.fingerprint, subject)
        except asyncpg.UniqueViolationError as fault:
            if fault.table_name != idempotency_keys.name:
                raise
            row = await connection.fetchrow(_SELECT_CLAIM, claim.actor, claim.key)
            claim.check_same_request(row["fingerprint"])
            original_id: UUID = row["subject"]
            return original_id
    return None


async def commit(connection: Any, transaction: Any) -> None:
    """Commit, or raise UploadUnconfirmed."""
    try:
        with translated_errors():
            await transaction.commit()
    except DependencyUnavailable as fault:
        connection.terminate()  # a rollback is no longer possible
        raise UploadUnconfirmed("the database did not confirm the upload") from fault


async def roll_back(connection: Any, transaction: Any) -> None:
    """Roll back, unless the connection is closed."""
    if not connection.is_closed():
        with translated_errors():
            await transaction.rollback()
