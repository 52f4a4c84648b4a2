"""Assessing together: for each what it would have been alone, and nobody pays for another's trouble."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from adapters.memory.decisions import MemoryDecisions
from adapters.memory.predictions import MemoryPredictionCache
from adapters.scoring.bundle import ModelBundle, load_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.ports.decision_ledger import LedgerUnavailable
from application.ports.idempotency import Claim, IdempotencyKey, KeyReused
from application.use_cases.assess_loan_application import Asked, AssessLoanApplication
from application.use_cases.assess_once import Assessed, AssessOnce
from application.use_cases.assess_together import AssessTogether
from builders import a_loan_application, an_actor
from domain.access.user import NotPermitted, Role
from domain.lending.money import Money
from domain.policy.decision_record import DecisionRecord
from domain.policy.version_1 import POLICY_1

SOMEBODY = an_actor()
PAPERS = [a_loan_application().asking_for(Money.of(amount)) for amount in (2_000, 9_000, 35_000)]


@cache
def champion() -> ModelBundle:
    return load_bundle(Path(__file__).parents[2] / "models" / "champion")


class PartlyAway(MemoryDecisions):
    """Cannot keep decisions on loans of $9,000."""

    async def record_each(
        self, entries: Sequence[tuple[DecisionRecord, Claim | None]]
    ) -> Sequence[DecisionRecord | Exception]:
        kept = await super().record_each(entries)
        return [
            LedgerUnavailable("away") if record.application == PAPERS[1] else outcome
            for (record, _), outcome in zip(entries, kept, strict=True)
        ]


def assessing(ledger: MemoryDecisions, *, cached: bool = False) -> AssessLoanApplication:
    cache = MemoryPredictionCache() if cached else None
    model = TableCreditModel(champion())
    return AssessLoanApplication(model, cache, POLICY_1, ledger, SystemClock(), TimeOrderedIdentifiers())


def asked(paper: int, key: str | None = None) -> Asked:
    return Asked(PAPERS[paper], SOMEBODY, "api", None if key is None else IdempotencyKey(key))


def decided(outcome: Assessed | Exception) -> Assessed:
    assert isinstance(outcome, Assessed)
    return outcome


@pytest.mark.parametrize("cached", [False, True])
async def test_each_gets_the_decision_that_it_would_have_got_alone_and_it_is_on_record(cached: bool) -> None:
    ledger = MemoryDecisions()
    assess = assessing(ledger, cached=cached)
    outcomes = await AssessTogether(assess)([asked(0), asked(1, "monday"), asked(2)])
    for paper, outcome in zip(PAPERS, outcomes, strict=True):
        record = decided(outcome).record
        alone = await assess(paper, by=SOMEBODY, channel="api")
        assert record == replace(alone, decision_id=record.decision_id, decided_at=record.decided_at)
        assert await ledger.find(record.decision_id) == record
        assert not decided(outcome).again


async def test_nobody_asks_and_nothing_is_recorded() -> None:
    ledger = MemoryDecisions()
    assert await AssessTogether(assessing(ledger))([]) == []
    assert not ledger.records()


async def test_who_asks_again_under_a_key_gets_the_first_decision_again() -> None:
    ledger = MemoryDecisions()
    assess = assessing(ledger)
    first = await AssessOnce(assess)(PAPERS[0], key=IdempotencyKey("monday"), by=SOMEBODY, channel="api")
    other, again, same = await AssessTogether(assess)([asked(1, "monday"), asked(0, "monday"), asked(2)])
    assert isinstance(other, KeyReused)
    assert decided(again) == Assessed(first.record, again=True)
    assert not decided(same).again
    assert len(ledger.records()) == 2


async def test_under_one_key_at_the_same_time_one_decision_is_made() -> None:
    ledger = MemoryDecisions()
    one, two = await AssessTogether(assessing(ledger))([asked(0, "monday"), asked(0, "monday")])
    assert decided(one).record == decided(two).record
    assert (decided(one).again, decided(two).again) == (False, True)
    assert len(ledger.records()) == 1


async def test_what_stands_in_the_way_of_one_stands_in_its_place_alone() -> None:
    ledger = PartlyAway()
    auditor = replace(asked(0), by=an_actor(role=Role.AUDITOR))
    outcomes = await AssessTogether(assessing(ledger))([auditor, asked(1), asked(2)])
    assert [type(outcome) for outcome in outcomes] == [NotPermitted, LedgerUnavailable, Assessed]
    assert decided(outcomes[2]).record.application == PAPERS[2]
