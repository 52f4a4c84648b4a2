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
from domain.products.personal_loan import PERSONAL_LOAN
from support.engines import execute
from support.memory.versions import MemoryBundles, MemoryPolicies
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT, another_model


@dataclass
class Archives:
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
async def kept_in_postgres(migrated_url: str) -> AsyncIterator[Archives]:
    engine = database_engine(migrated_url)
    yield Archives(PostgresBundles(engine), PostgresPolicies(engine), migrated_url)
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def archives(request: pytest.FixtureRequest) -> Archives:
    if request.param == "memory":
        return Archives(MemoryBundles(), MemoryPolicies())
    found: Archives = request.getfixturevalue("kept_in_postgres")
    return found


async def test_a_bundle_is_read_back_byte_for_byte(archives: Archives) -> None:
    assert await archives.bundles.find(CHAMPION_FINGERPRINT) is None
    await archives.bundles.archive(CHAMPION_FINGERPRINT, CHAMPION)
    assert await archives.bundles.find(CHAMPION_FINGERPRINT) == CHAMPION


async def test_archiving_again_changes_nothing(archives: Archives) -> None:
    await archives.store_damaged("f", {"a": b"first"})
    await archives.bundles.archive("f", {"a": b"second"})
    assert await archives.bundles.find("f") == {"a": b"first"}
    await archives.policies.archive(POLICY_1)
    await archives.policies.archive(POLICY_1)
    assert await archives.policies.find("1", POLICY_1.fingerprint, PERSONAL_LOAN) == POLICY_1


async def test_policies_with_one_version_are_distinguished_by_fingerprint(archives: Archives) -> None:
    stricter = replace(POLICY_1, decline_from=0.2)
    await archives.policies.archive(POLICY_1)
    assert await archives.policies.find("1", "", PERSONAL_LOAN) == POLICY_1
    await archives.policies.archive(stricter)
    assert await archives.policies.find("1", stricter.fingerprint, PERSONAL_LOAN) == stricter
    with pytest.raises(VersionNotArchived):
        await archives.policies.find("1", "", PERSONAL_LOAN)


@pytest.mark.parametrize(("version", "fingerprint"), [("2", POLICY_1.fingerprint), ("1", "0" * 64), ("2", "")])
async def test_a_policy_that_is_not_archived_is_named(archives: Archives, version: str, fingerprint: str) -> None:
    await archives.policies.archive(POLICY_1)
    with pytest.raises(VersionNotArchived, match=f"policy {version} {fingerprint}"):
        await archives.policies.find(version, fingerprint, PERSONAL_LOAN)


class TestArchivedCreditModels:
    async def test_archived_versions_match_the_fingerprint(self, archives: Archives) -> None:
        await archives.bundles.archive(CHAMPION_FINGERPRINT, CHAMPION)
        models = ArchivedCreditModels(archives.bundles)
        model = await models.find(CHAMPION_FINGERPRINT, PERSONAL_LOAN)
        assert model.version.fingerprint == CHAMPION_FINGERPRINT
        assert await models.find(CHAMPION_FINGERPRINT, PERSONAL_LOAN) is model

    async def test_versions_that_are_not_archived_are_named(self, archives: Archives) -> None:
        with pytest.raises(VersionNotArchived, match=f"model {CHAMPION_FINGERPRINT} is not archived"):
            await ArchivedCreditModels(archives.bundles).find(CHAMPION_FINGERPRINT, PERSONAL_LOAN)

    async def test_bundles_with_a_damaged_or_missing_file_are_refused(self, archives: Archives) -> None:
        await archives.store_damaged("damaged", CHAMPION | {"trees.txt": b"oak"})
        await archives.store_damaged("missing", {name: CHAMPION[name] for name in CHAMPION if name != "trees.txt"})
        await archives.store_damaged("empty", {CHECKSUMS: b""})
        for fingerprint in ("damaged", "missing"):
            with pytest.raises(VersionNotArchived, match=r"trees\.txt"):
                await ArchivedCreditModels(archives.bundles).find(fingerprint, PERSONAL_LOAN)
        with pytest.raises(VersionNotArchived, match=CHECKSUMS):
            await ArchivedCreditModels(archives.bundles).find("empty", PERSONAL_LOAN)

    async def test_bundles_stored_under_the_fingerprint_of_another_are_refused(self, archives: Archives) -> None:
        await archives.store_damaged(CHAMPION_FINGERPRINT, another_model())
        with pytest.raises(VersionNotArchived, match="was changed"):
            await ArchivedCreditModels(archives.bundles).find(CHAMPION_FINGERPRINT, PERSONAL_LOAN)

    async def test_the_number_of_loaded_models_is_limited(self, archives: Archives) -> None:
        models = ArchivedCreditModels(archives.bundles, max_loaded=1)
        other = another_model()
        await archives.bundles.archive(CHAMPION_FINGERPRINT, CHAMPION)
        await archives.bundles.archive(fingerprint_of(other), other)
        first = await models.find(CHAMPION_FINGERPRINT, PERSONAL_LOAN)
        await models.find(fingerprint_of(other), PERSONAL_LOAN)
        assert await models.find(CHAMPION_FINGERPRINT, PERSONAL_LOAN) is not first


async def test_a_changed_policy_document_is_detected(migrated_url: str) -> None:
    engine = database_engine(migrated_url)
    policies = PostgresPolicies(engine)
    await policies.archive(POLICY_1)
    for change in ("replace(document, '0.21', '0.25')", "''"):
        execute(
            migrated_url,
            f"SET session_replication_role = replica; UPDATE scoring_policies SET document = {change}",  # noqa: S608 - a test's own text
        )
        with pytest.raises(VersionNotArchived, match="is archived, but"):
            await policies.find("1", POLICY_1.fingerprint, PERSONAL_LOAN)
    await engine.dispose()
