"""Figures of decisions in memory, counted record by record."""

from collections import Counter

from application.ports.monitoring.decision_figures import DecisionFigures
from domain.decisions.decision_record import DecisionRecord
from domain.monitoring.cells import Cell, overview_of
from domain.monitoring.overview import Overview, band_of
from domain.monitoring.overview_filter import DEFAULT_FILTER, MOST_NAMES, OverviewFilter, OverviewNames
from domain.monitoring.period import Period, step_start
from support.memory.decisions import MemoryDecisions


class MemoryDecisionFigures(DecisionFigures):
    """Counts the records of `MemoryDecisions`."""

    def __init__(self, decisions: MemoryDecisions) -> None:
        self._decisions = decisions

    async def names(self) -> OverviewNames:
        identities = [record.identity for record in self._decisions.records()]
        return OverviewNames(
            tuple(sorted({each.channel for each in identities if each.channel})[:MOST_NAMES]),
            tuple(sorted({each.source for each in identities if each.source})[:MOST_NAMES]),
        )

    async def over(self, period: Period, wanted: OverviewFilter = DEFAULT_FILTER) -> Overview:
        records = [
            each
            for each in self._decisions.records()
            if period.start <= each.decided_at < period.end and _matches(each, wanted)
        ]
        finals = self._decisions.final_outcomes
        return overview_of(
            period,
            time_series=Counter(
                (step_start(each.decided_at, period.step), each.decision.outcome) for each in records
            ),
            cells=map(_cell, records),
            reasons=Counter(reason.code for each in records for reason in each.decision.reasons),
            outside_domain=sum(bool(each.prediction.out_of_domain) for each in records),
            people=Counter(
                (each.decision.outcome, finals[each.decision_id]) for each in records if each.decision_id in finals
            ),
        )


def _matches(record: DecisionRecord, wanted: OverviewFilter) -> bool:
    return (
        wanted.channel in {None, record.identity.channel}
        and wanted.received_through in {None, record.received_through}
        and wanted.source in {None, record.identity.source}
        and wanted.grade in {None, record.decision.grade}
        and (wanted.include_trials or not record.trial)
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
