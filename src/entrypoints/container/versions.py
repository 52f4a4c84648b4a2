"""Keeping the model and the policy that decide, and making past decisions again for the command line."""

from pathlib import Path
from typing import Any
from uuid import UUID

from adapters.persistence.connections import reading_engine
from adapters.persistence.database_dependency import DatabaseDependency
from adapters.persistence.decision_archive import PostgresDecisionArchive
from adapters.persistence.versions import PostgresBundles, PostgresPolicies
from adapters.scoring.bundle import bundle_files, bundle_from, fingerprint_of
from adapters.scoring.kept_credit_models import KeptCreditModels
from application.operators_fault import OperatorsFault
from application.use_cases.keep_versions import KeepVersions
from application.use_cases.read_decisions import ReadDecision
from application.use_cases.reproduce_decision import ReproduceDecision, Reproduction
from domain.access.user import Actor, Role
from domain.policy.version_1 import POLICY_1
from entrypoints.settings import Settings

KEEPING = "keeping the versions that decide"
"""What the chore is called."""


class BundleSwapped(OperatorsFault):
    """The folder holds another bundle than the one that decides."""


class KeepChampion:
    """The chore of keeping the model and policy that decide in this process; done once, it rests."""

    def __init__(self, keep: KeepVersions, model_dir: Path, fingerprint: str) -> None:
        self._keep = keep
        self._model_dir = model_dir
        self._fingerprint = fingerprint
        self._done = False

    async def __call__(self, last: bool = False) -> None:  # noqa: ARG002 - as chores are called
        """Keep them; raises BundleSwapped, BundleUnusable and DependencyUnavailable."""
        if self._done:
            return
        files = bundle_files(self._model_dir)
        if fingerprint_of(files) != self._fingerprint:
            raise BundleSwapped(
                f"{self._model_dir} no longer holds the bundle {self._fingerprint}, with which this process "
                "decides; put it back for a minute, or its decisions cannot be reproduced"
            )
        bundle_from(files, str(self._model_dir))
        await self._keep(self._fingerprint, files, POLICY_1)
        self._done = True


def keeping_champion(engine: Any, model_dir: Path) -> KeepChampion:
    """The chore for the model that the folder holds now."""
    keep = KeepVersions(PostgresBundles(engine), PostgresPolicies(engine))
    return KeepChampion(keep, model_dir, fingerprint_of(bundle_files(model_dir)))


async def keep_champion(database_url: str, model_dir: Path) -> None:
    """Keep the model of a folder and the policy in force."""
    engine = reading_engine(database_url, most_connections=1)
    try:
        await keeping_champion(engine, model_dir)()
    finally:
        await engine.dispose()


async def reproduce_decision(settings: Settings, decision_id: UUID, operator: str) -> Reproduction:
    """Make a decision again for somebody at the machine's command line; raises NoSuchDecision and NotKept."""
    engine = reading_engine(settings.database_url or "", most_connections=1)
    try:
        await DatabaseDependency(engine).check()
        reproduce = ReproduceDecision(
            ReadDecision(PostgresDecisionArchive(engine)),
            KeptCreditModels(PostgresBundles(engine)),
            PostgresPolicies(engine),
        )
        return await reproduce(decision_id, by=Actor(operator, Role.AUDITOR))
    finally:
        await engine.dispose()
