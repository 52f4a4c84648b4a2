"""Keeping the model and the policy that decide, and making past decisions again for the command line."""

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.database_dependency import DatabaseDependency
from adapters.persistence.decisions.archive.decision_archive import PostgresDecisionArchive
from adapters.persistence.models.bundles import PostgresBundles
from adapters.persistence.policies.policies import PostgresPolicies
from adapters.scoring.bundles.archived_credit_models import ArchivedCreditModels
from adapters.scoring.bundles.bundle import bundle_files, bundle_from, fingerprint_of
from application.use_cases.decisions.read_decisions import ReadDecision
from application.use_cases.decisions.reproduce_decision import ReproduceDecision, Reproduction
from application.use_cases.models.archive_versions import ArchiveVersions
from domain.access.user import Actor, Role
from domain.policies.version_1 import POLICY_1
from entrypoints.configuration.settings import Settings

KEEPING = "keeping the versions that decide"
"""What the chore is called."""


class ArchiveChampion:
    """The chore of keeping the model and policy that decide in this process; done once, it rests.

    The model comes as the very files it was made of: what lies in their folder by now may be another.
    """

    def __init__(self, keep: ArchiveVersions, files: Mapping[str, bytes]) -> None:
        self._keep = keep
        self._files = files
        self._done = False

    async def __call__(self, last: bool = False) -> None:  # noqa: ARG002 - as chores are called
        """Keep them; raises DependencyUnavailable."""
        if not self._done:
            await self._keep(fingerprint_of(self._files), self._files, POLICY_1)
            self._done = True


async def archive_champion(database_url: str, model_dir: Path) -> None:
    """Keep the model of a folder and the policy in force; raises BundleUnusable."""
    files = bundle_files(model_dir)
    bundle_from(files, model_dir)
    engine = database_engine(database_url, max_connections=1)
    try:
        await ArchiveChampion(ArchiveVersions(PostgresBundles(engine), PostgresPolicies(engine)), files)()
    finally:
        await engine.dispose()


async def reproduce_decision(settings: Settings, decision_id: UUID, operator: str) -> Reproduction:
    """Reproduce a decision for the command line. Raises DecisionNotFound and VersionNotArchived."""
    engine = database_engine(settings.database_url or "", max_connections=1)
    try:
        await DatabaseDependency(engine).check()
        reproduce = ReproduceDecision(
            ReadDecision(PostgresDecisionArchive(engine)),
            ArchivedCreditModels(PostgresBundles(engine)),
            PostgresPolicies(engine),
        )
        return await reproduce(decision_id, by=Actor(operator, Role.AUDITOR))
    finally:
        await engine.dispose()
