"""The stored policies and model bundles in PostgreSQL.

They are hashed here: what a database says of its own content proves nothing.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import model_bundles, scoring_policies
from application.ports.audit.stored_versions import StoredVersions
from domain.audit.archived_versions import Version, VersionKind
from domain.policies.stored_policy import InvalidPolicy, policy_from

_SUMS = "SHA256SUMS"


class _Named(msgspec.Struct):
    """The parts of a decision's document that name versions."""

    model_fingerprint: str
    policy_fingerprint: str = ""


_decoder = msgspec.json.Decoder(_Named)


class PostgresStoredVersions(StoredVersions):
    """One file of a bundle in memory at a time."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    def named_in(self, document: bytes) -> Collection[Version]:
        """The versions that the document names."""
        try:
            named = _decoder.decode(document)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return ()
        model = Version(VersionKind.MODEL, named.model_fingerprint)
        if not named.policy_fingerprint:
            return (model,)
        return model, Version(VersionKind.POLICY, named.policy_fingerprint)

    async def all(self) -> AsyncIterator[tuple[Version, str]]:
        """Policies, then bundles."""
        async with transaction(self._engine) as connection:
            policies = (await connection.execute(select(scoring_policies))).all()
        for row in policies:
            yield Version(VersionKind.POLICY, row.fingerprint), _fault_of_policy(row)
        fingerprints = select(model_bundles.c.fingerprint).distinct().order_by(model_bundles.c.fingerprint)
        async with transaction(self._engine) as connection:
            bundles = (await connection.scalars(fingerprints)).all()
        for fingerprint in bundles:
            digests, sums = await self._hashed(fingerprint)
            yield Version(VersionKind.MODEL, fingerprint), _fault_of_bundle(fingerprint, digests, sums)

    async def _hashed(self, fingerprint: str) -> tuple[Mapping[str, str], bytes]:
        """The SHA-256 of each file of a bundle, hexadecimal, and the content of its list of sums."""
        digests, sums = {}, b""
        wanted = select(model_bundles.c.file, model_bundles.c.content)
        async with transaction(self._engine) as connection:
            async for row in await connection.stream(
                wanted.where(model_bundles.c.fingerprint == fingerprint), execution_options={"yield_per": 1}
            ):
                digests[row.file] = sha256(row.content).hexdigest()
                if row.file == _SUMS:
                    sums = row.content
        return digests, sums


def _fault_of_policy(row: Any) -> str:
    if sha256(row.document.encode()).hexdigest() != row.fingerprint:
        return "its document was changed: it does not match the fingerprint"
    try:
        version = policy_from(row.document).version
    except InvalidPolicy as fault:
        return str(fault)
    return "" if version == row.version else f"it is stored as version {row.version}, but is version {version}"


def _fault_of_bundle(fingerprint: str, digests: Mapping[str, str], sums: bytes) -> str:
    if digests.get(_SUMS) != fingerprint:
        return f"its list of sums ({_SUMS}) was changed or removed: it does not match the fingerprint"
    listed = {}
    for line in sums.decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    wrong = sorted(
        name for name in listed.keys() | digests.keys() - {_SUMS} if listed.get(name) != digests.get(name)
    )
    return f"files were changed, added or removed: {', '.join(wrong)}" if wrong else ""
