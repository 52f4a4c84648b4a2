"""The metrics of each subject, and their table."""

import asyncio
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.observability.metrics.decision_metrics import DecisionTally
from adapters.observability.metrics.event_loop_lag import EventLoopLag
from adapters.observability.metrics.metrics import SERVED_BY, Metrics
from adapters.observability.metrics.reference import PAGE, metrics_page
from application.ports.cases.cases import CaseChange
from application.ports.outcomes.loan_book import LoanBook
from domain.cases.claiming import CaseClaimed
from domain.decisions.decision_record import DecisionRecord
from domain.models.probability import ProbabilityOfDefault
from domain.outcomes.loan_status import LoanStatus
from support.builders import (
    A_MOMENT,
    a_decision,
    a_decision_record,
    a_final_decision,
    a_prediction,
    a_stored_state,
)
from support.cases import a_case, act

STATE = (
    "scoring_case",
    "scoring_batch",
    "scoring_outbox",
    "scoring_checkpoint_last",
    "scoring_audit",
    "scoring_decision_partitions",
    "scoring_database_size",
    "scoring_recorded",
)
"""How the names of metrics of stored state begin."""


def read(metrics: Metrics) -> dict[str, float]:
    """Every sample of the service's own metrics, by its name and label values: "name a b"."""
    families = text_string_to_metric_families(metrics.exposition()[0].decode())
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in families
        for sample in family.samples
        if sample.name.startswith("scoring_")
    }


def a_record(pd: float, *failed_rules: str, out_of_domain: tuple[str, ...] = ()) -> DecisionRecord:
    prediction = a_prediction(pd=ProbabilityOfDefault(pd), out_of_domain=out_of_domain)
    return a_decision_record(prediction=prediction, decision=a_decision(failed_rules=failed_rules))


def test_the_table_of_metrics_is_current() -> None:
    assert PAGE.read_text() == metrics_page(), "run python -m adapters.observability.metrics.reference"


@pytest.mark.parametrize("process", SERVED_BY)
def test_no_metric_is_declared_twice(process: str) -> None:
    names = [family.name for family in Metrics(process).families]
    assert len(set(names)) == len(names)


def test_a_decision_counts_in_every_metric_of_decisions() -> None:
    metrics = Metrics()
    metrics.decisions.recorded(a_record(0.14))
    metrics.decisions.recorded(a_record(0.5, "income", "history", out_of_domain=("dti",)))
    found = read(metrics)
    assert found["scoring_decision_failed_rules_total income"] == 1
    assert found["scoring_decision_failed_rules_total history"] == 1
    assert found["scoring_decision_outside_population_total api"] == 1
    assert found["scoring_probability_of_default_sum api"] == pytest.approx(0.64)
    for bound, count in (("0.12", 0), ("0.14", 1), ("0.5", 2)):
        assert found[f"scoring_probability_of_default_bucket api {bound}"] == count


def test_decisions_of_a_chunk_count_like_single_ones() -> None:
    single, together = Metrics(), Metrics()
    records = [a_record((number + 1) / 42, *(["income"] if number % 3 else [])) for number in range(40)]
    for record in records:
        single.decisions.recorded(record)
    for chunk in (records[:25], records[25:]):
        tally = DecisionTally()
        assert list(tally.counted(chunk)) == chunk
        together.decisions.recorded_all(tally)
    assert read(together) == pytest.approx(read(single))


def test_the_state_that_was_read_replaces_the_last_one() -> None:
    metrics = Metrics("api")
    metrics.state.set(a_stored_state())
    found = read(metrics)
    assert {name: found[name] for name in found if name.startswith(STATE)} == {
        "scoring_batches_pending queued": 2,
        "scoring_batches_pending running": 1,
        "scoring_batch_oldest_queued_age_seconds": 90,
        "scoring_outbox_pending_messages": 3,
        "scoring_outbox_oldest_pending_age_seconds": 60,
        "scoring_outbox_dead_letters": 4,
        "scoring_checkpoint_last_number": 7,
        "scoring_checkpoint_last_timestamp_seconds": A_MOMENT.timestamp(),
        "scoring_audit_verification_timestamp_seconds": A_MOMENT.timestamp(),
        "scoring_audit_verification_success": 0,
        "scoring_decision_partitions_ahead": 5,
        "scoring_database_size_bytes": 10,
        "scoring_recorded_decisions_estimate": 6,
        "scoring_cases open": 8,
        "scoring_cases assigned": 9,
        "scoring_cases awaiting_applicant": 0,
        "scoring_cases awaiting_second_approval": 0,
        "scoring_cases_overdue": 11,
        "scoring_case_oldest_age_seconds": 120,
        "scoring_case_oldest_second_approval_age_seconds": 150,
    }
    metrics.state.set(a_stored_state(batches_queued=0, checkpointed_at=None, verification=None))
    found = read(metrics)
    assert found["scoring_batches_pending queued"] == 0
    assert "scoring_audit_verification_success" not in found
    assert "scoring_checkpoint_last_timestamp_seconds" not in found
    metrics.state.checkpoint_published("file", 7)
    metrics.state.clear()
    assert not [name for name in read(metrics) if name.startswith(STATE)]
    assert read(metrics)["scoring_checkpoint_published_number file"] == 7


def test_actions_on_cases_and_final_decisions_are_counted() -> None:
    metrics = Metrics()
    case = a_case()
    claim = act(case, CaseClaimed())
    metrics.cases.changed(CaseChange(case.after(claim), claim))
    metrics.cases.changed(CaseChange(case.after(claim), claim, final_decision=a_final_decision()))
    found = read(metrics)
    assert found["scoring_case_actions_total case claimed"] == 2
    assert found["scoring_final_decisions_total approved low_side"] == 1


def test_pools_are_read_when_the_metrics_are_requested() -> None:
    metrics, use = Metrics(), [1, 2, 4]
    metrics.process.watch_pool("general", lambda: (use[0], use[1], use[2]))
    use[0] = 3
    found = read(metrics)
    assert found["scoring_database_pool_connections general in_use"] == 3
    assert found["scoring_database_pool_connections general idle"] == 2
    assert found["scoring_database_pool_limit general"] == 4


async def test_a_call_that_blocks_the_event_loop_is_seen_as_lag() -> None:
    lags: list[float] = []
    lag = EventLoopLag(lags.append)
    await lag.open()
    await asyncio.sleep(0.1)
    time.sleep(0.5)  # noqa: ASYNC251 - the fault that is measured
    await asyncio.sleep(0.05)
    await lag.close()
    assert len(lags) == 1
    assert 0.3 < lags[0] < 2
    await asyncio.sleep(0.3)
    assert len(lags) == 1


def test_the_loan_book_is_absent_while_it_is_unknown() -> None:
    metrics = Metrics("api")
    assert not [name for name in read(metrics) if name.startswith(("scoring_loan", "scoring_outcome"))]
    metrics.loans.set(LoanBook({LoanStatus.LATE: 3, LoanStatus.PAID: 0}, 60.0, 7200.0, 1))
    samples = read(metrics)
    assert (samples["scoring_loans late"], samples["scoring_loans paid"]) == (3, 0)
    assert samples["scoring_loan_outcome_newest_age_seconds"] == 60
    assert samples["scoring_outcome_import_last_age_seconds"] == 7200
    assert samples["scoring_outcome_imports_pending"] == 1
    metrics.loans.clear()
    assert not [name for name in read(metrics) if name.startswith(("scoring_loan", "scoring_outcome"))]
