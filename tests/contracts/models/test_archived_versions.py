"""The contract of every version archive."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from adapters.persistence.database.connections import database_engine
from adapters.persistence.models.bundles import PostgresBundles
from adapters.persistence.policies.policies import PostgresPolicies
from adapters.scoring.bundles.archived_credit_models import ArchivedCreditModels
from adapters.scoring.bundles.bundle import CHECKSUMS, fingerprint_of
from application.ports.models.bundles import Bundles
from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.policies.policies import Policies
from domain.policies.version_1 import POLICY_1
from support.engines import execute
from support.memory.versions import MemoryBundles, MemoryPolicies
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT, another_model


@dataclass
class Kept:
    """Both stores; `url` is that of the database, if there is one."""

    bundles: Bundles
    policies: Policies
    url: str | None = None

    async def store_damaged(self, fingerprint: str, files: dict[str, bytes]) -> None:
        """Store a bundle that does not match its fingerprint, bypassing the database's constraints."""
        if self.url is None:
            await self.bundles.archive(fingerprint, files)
            return
        rows = ", ".join(f"('{fingerprint}', '{name}', '\\x{files[name].hex()}')" for name in files)
        execute(self.url, f"SET session_replication_role = replica; INSERT INTO model_bundles VALUES {rows}")  # noqa: S608 - a test's own text


@pytest.fixture
async def kept_in_postgres(migrated_url: str) -> AsyncIterator[Kept]:
    engine = database_engine(migrated_url)
    yield Kept(PostgresBundles(engine), PostgresPolicies(engine), migrated_url)
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def kept(request: pytest.FixtureRequest) -> Kept:
    if request.param == "memory":
        return Kept(MemoryBundles(), MemoryPolicies())
    found: Kept = request.getfixturevalue("kept_in_postgres")
    return found


async def test_a_bundle_comes_back_byte_for_byte(kept: Kept) -> None:
    assert await kept.bundles.find(CHAMPION_FINGERPRINT) is None
    await kept.bundles.archive(CHAMPION_FINGERPRINT, CHAMPION)
    assert await kept.bundles.find(CHAMPION_FINGERPRINT) == CHAMPION


async def test_archiving_again_changes_nothing(kept: Kept) -> None:
    await kept.store_damaged("f", {"a": b"first"})
    await kept.bundles.archive("f", {"a": b"second"})
    assert await kept.bundles.find("f") == {"a": b"first"}
    await kept.policies.archive(POLICY_1)
    await kept.policies.archive(POLICY_1)
    assert await kept.policies.find("1", POLICY_1.fingerprint) == POLICY_1


async def test_policies_with_one_version_are_distinguished_by_fingerprint(kept: Kept) -> None:
    stricter = replace(POLICY_1, decline_from=0.2)
    await kept.policies.archive(POLICY_1)
    assert await kept.policies.find("1", "") == POLICY_1
    await kept.policies.archive(stricter)
    assert await kept.policies.find("1", stricter.fingerprint) == stricter
    with pytest.raises(VersionNotArchived):
        await kept.policies.find("1", "")


@pytest.mark.parametrize(("version", "fingerprint"), [("2", POLICY_1.fingerprint), ("1", "0" * 64), ("2", "")])
async def test_a_policy_that_is_not_archived_is_named(kept: Kept, version: str, fingerprint: str) -> None:
    await kept.policies.archive(POLICY_1)
    with pytest.raises(VersionNotArchived, match=f"policy {version} {fingerprint}"):
        await kept.policies.find(version, fingerprint)


class TestModelsOfKeptBundles:
    async def test_are_those_of_the_fingerprint(self, kept: Kept) -> None:
        await kept.bundles.archive(CHAMPION_FINGERPRINT, CHAMPION)
        models = ArchivedCreditModels(kept.bundles)
        model = await models.find(CHAMPION_FINGERPRINT)
        assert model.version.fingerprint == CHAMPION_FINGERPRINT
        assert await models.find(CHAMPION_FINGERPRINT) is model

    async def test_versions_that_are_not_archived_are_named(self, kept: Kept) -> None:
        with pytest.raises(VersionNotArchived, match=f"model {CHAMPION_FINGERPRINT} is not archived"):
            await ArchivedCreditModels(kept.bundles).find(CHAMPION_FINGERPRINT)

    async def test_with_a_damaged_or_missing_file_are_refused(self, kept: Kept) -> None:
        await kept.store_damaged("damaged", CHAMPION | {"trees.txt": b"oak"})
        await kept.store_damaged("missing", {name: CHAMPION[name] for name in CHAMPION if name != "trees.txt"})
        await kept.store_damaged("empty", {CHECKSUMS: b""})
        for fingerprint in ("damaged", "missing"):
            with pytest.raises(VersionNotArchived, match=r"trees\.txt"):
                await ArchivedCreditModels(kept.bundles).find(fingerprint)
        with pytest.raises(VersionNotArchived, match=CHECKSUMS):
            await ArchivedCreditModels(kept.bundles).find("empty")

    async def test_put_in_the_place_of_another_are_refused(self, kept: Kept) -> None:
        await kept.store_damaged(CHAMPION_FINGERPRINT, another_model())
        with pytest.raises(VersionNotArchived, match="was changed"):
            await ArchivedCreditModels(kept.bundles).find(CHAMPION_FINGERPRINT)

    async def test_only_a_few_stay_loaded(self, kept: Kept) -> None:
        models = ArchivedCreditModels(kept.bundles, max_loaded=1)
        other = another_model()
        await kept.bundles.archive(CHAMPION_FINGERPRINT, CHAMPION)
        await kept.bundles.archive(fingerprint_of(other), other)
        first = await models.find(CHAMPION_FINGERPRINT)
        await models.find(fingerprint_of(other))
        assert await models.find(CHAMPION_FINGERPRINT) is not first


async def test_a_changed_policy_document_is_found(migrated_url: str) -> None:
    engine = database_engine(migrated_url)
    policies = PostgresPolicies(engine)
    await policies.archive(POLICY_1)
    for change in ("replace(document, '0.21', '0.25')", "''"):
        execute(
            migrated_url,
            f"SET session_replication_role = replica; UPDATE scoring_policies SET document = {change}",  # noqa: S608 - a test's own text
        )
        with pytest.raises(VersionNotArchived, match="is archived, but"):
            await policies.find("1", POLICY_1.fingerprint)
    await engine.dispose()
