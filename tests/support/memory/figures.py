"""Figures of decisions in memory, counted record by record."""

from collections import Counter

from application.ports.monitoring.decision_figures import DecisionFigures
from domain.decisions.decision_record import DecisionRecord
from domain.monitoring.cells import Cell, overview_of
from domain.monitoring.overview import Overview, band_of
from domain.monitoring.period import Period, step_start
from support.memory.decisions import MemoryDecisions


class MemoryDecisionFigures(DecisionFigures):
    """Counts the records of `MemoryDecisions`."""

    def __init__(self, decisions: MemoryDecisions) -> None:
        self._decisions = decisions

    async def over(self, period: Period) -> Overview:
        records = [each for each in self._decisions.records() if period.start <= each.decided_at < period.end]
        return overview_of(
            period,
            time_series=Counter(
                (step_start(each.decided_at, period.step), each.decision.outcome) for each in records
            ),
            cells=map(_cell, records),
            reasons=Counter(reason.code for each in records for reason in each.decision.reasons),
            outside_domain=sum(bool(each.prediction.out_of_domain) for each in records),
        )


def _cell(record: DecisionRecord) -> Cell:
    decision, pd = record.decision, record.prediction.pd.value
    return Cell(
        band=band_of(pd),
        outcome=decision.outcome,
        confidence=decision.confidence,
        model_version=record.model_version,
        policy_version=decision.policy_version,
        count=1,
        pd_sum=pd,
        requested=record.application.terms.amount,
        recommended=decision.recommended_amount,
    )
