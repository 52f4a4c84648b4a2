"""The contract of every dependency, and the health check."""

import asyncio
from collections.abc import Callable

import pytest

from adapters.caching.redis_client import RedisDependency
from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.database_dependency import DatabaseDependency
from adapters.scoring.bundles.bundle import load_bundle
from adapters.scoring.bundles.model_dependency import ModelDependency
from adapters.scoring.fixed_point import UNIT
from adapters.scoring.table_credit_model import TableCreditModel
from application.ports.operations.dependencies import Dependency, DependencyUnavailable
from application.use_cases.operations.check_health import CheckHealth
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.configuration.setting_readers import PROJECT

NOWHERE = "/nowhere/at-all"


def the_model() -> TableCreditModel:
    return TableCreditModel(load_bundle(PROJECT / "models" / "champion", PERSONAL_LOAN))


async def test_a_reachable_database_is_healthy(migrated_url: str) -> None:
    engine = database_engine(migrated_url)
    dependency = DatabaseDependency(engine)
    assert dependency.name == "database"
    await dependency.check()
    await engine.dispose()


async def test_a_reachable_cache_is_healthy(valkey_url: str) -> None:
    dependency = RedisDependency(valkey_url)
    assert dependency.name == "cache"
    await dependency.check()


async def test_a_model_with_the_same_predictions_is_healthy() -> None:
    dependency = ModelDependency(the_model(), PERSONAL_LOAN)
    assert dependency.name == "model"
    await dependency.check()


class ChangedModel(TableCreditModel):
    """A model whose tables change during use."""

    def predict(self, characteristics: Characteristics) -> Prediction:
        prediction = super().predict(characteristics)
        self._contributions = self._contributions + UNIT
        return prediction


async def test_a_model_with_other_predictions_is_unhealthy() -> None:
    dependency = ModelDependency(
        ChangedModel(load_bundle(PROJECT / "models" / "champion", PERSONAL_LOAN)), PERSONAL_LOAN
    )
    with pytest.raises(DependencyUnavailable, match="for the same applicant changed"):
        await dependency.check()


def a_database_nowhere() -> Dependency:
    return DatabaseDependency(database_engine(f"postgresql://nobody@/scoring?host={NOWHERE}"))


def a_cache_nowhere() -> Dependency:
    return RedisDependency(f"unix://{NOWHERE}?db=0")


@pytest.mark.parametrize("away", [a_database_nowhere, a_cache_nowhere])
async def test_an_unavailable_dependency_is_reported_with_its_error(away: Callable[[], Dependency]) -> None:
    dependency = away()
    (health,) = await CheckHealth((dependency,))()
    assert health.name == dependency.name
    assert health.fault
    assert health.needed is (dependency.name == "database")


async def test_a_dependency_that_hangs_times_out() -> None:
    class Hanging(Dependency):
        @property
        def name(self) -> str:
            return "hanging"

        async def check(self) -> None:
            await asyncio.sleep(60)

    (health,) = await CheckHealth((Hanging(),), timeout_seconds=0.05)()
    assert health.fault == "no answer within 0.05 s"
