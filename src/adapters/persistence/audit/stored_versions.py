"""The stored policies and model bundles in PostgreSQL.

They are hashed in this process, since a database's statement about its own content proves nothing.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import model_bundles, product_definitions, scoring_policies
from application.ports.audit.stored_versions import StoredVersions
from domain.applications.loan_application import ProductVersion
from domain.audit.archived_versions import Version, VersionKind
from domain.policies.stored_policy import InvalidPolicy, stated_version
from domain.products.stored_product import UnreadableProduct, product_from

_CHECKSUMS = "SHA256SUMS"


class _VersionNames(msgspec.Struct):
    """The fields of a decision's document that name versions."""

    model_fingerprint: str
    policy_fingerprint: str = ""
    product_fingerprint: str = ""


_decoder = msgspec.json.Decoder(_VersionNames)


class PostgresStoredVersions(StoredVersions):
    """Holds one file of a bundle in memory at a time."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    def named_in(self, document: bytes) -> Collection[Version]:
        try:
            names = _decoder.decode(document)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return ()
        named = (
            Version(VersionKind.MODEL, names.model_fingerprint),
            Version(VersionKind.POLICY, names.policy_fingerprint),
            Version(VersionKind.PRODUCT, names.product_fingerprint),
        )
        return [version for version in named if version.fingerprint or version.kind is VersionKind.MODEL]

    async def all(self) -> AsyncIterator[tuple[Version, str]]:
        async with transaction(self._engine) as connection:
            policies = (await connection.execute(select(scoring_policies))).all()
            products = (await connection.execute(select(product_definitions))).all()
        for row in policies:
            yield Version(VersionKind.POLICY, row.fingerprint), _policy_fault(row)
        for row in products:
            yield Version(VersionKind.PRODUCT, row.fingerprint), _product_fault(row)
        fingerprints = select(model_bundles.c.fingerprint).distinct().order_by(model_bundles.c.fingerprint)
        async with transaction(self._engine) as connection:
            bundles = (await connection.scalars(fingerprints)).all()
        for fingerprint in bundles:
            digests, checksums = await self._hash_files(fingerprint)
            yield Version(VersionKind.MODEL, fingerprint), _bundle_fault(fingerprint, digests, checksums)

    async def _hash_files(self, fingerprint: str) -> tuple[Mapping[str, str], bytes]:
        """The SHA-256 of each file of a bundle (hexadecimal), and the content of its checksum list."""
        digests, checksums = {}, b""
        query = select(model_bundles.c.file, model_bundles.c.content)
        async with transaction(self._engine) as connection:
            async for row in await connection.stream(
                query.where(model_bundles.c.fingerprint == fingerprint), execution_options={"yield_per": 1}
            ):
                digests[row.file] = sha256(row.content).hexdigest()
                if row.file == _CHECKSUMS:
                    checksums = row.content
        return digests, checksums


def _policy_fault(row: Any) -> str:
    if sha256(row.document.encode()).hexdigest() != row.fingerprint:
        return "its document was changed: it does not match the fingerprint"
    try:
        version = stated_version(row.document)
    except InvalidPolicy as fault:
        return str(fault)
    return "" if version == row.version else f"it is stored as version {row.version}, but is version {version}"


def _product_fault(row: Any) -> str:
    if sha256(row.document.encode()).hexdigest() != row.fingerprint:
        return "its document was changed: it does not match the fingerprint"
    try:
        product = product_from(row.document)
    except UnreadableProduct as fault:
        return str(fault)
    stored, stated = ProductVersion(row.name, row.version), product.product_version
    return "" if stated == stored else f"it is stored as {stored}, but is {stated}"


def _bundle_fault(fingerprint: str, digests: Mapping[str, str], checksums: bytes) -> str:
    if digests.get(_CHECKSUMS) != fingerprint:
        return f"its checksum list ({_CHECKSUMS}) was changed or removed: it does not match the fingerprint"
    listed = {}
    for line in checksums.decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    changed = sorted(
        name for name in listed.keys() | digests.keys() - {_CHECKSUMS} if listed.get(name) != digests.get(name)
    )
    return f"files were changed, added or removed: {', '.join(changed)}" if changed else ""
