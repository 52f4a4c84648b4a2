"""Assess several loan applications together."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.outcomes import merge_outcomes
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication, AssessmentRequest
from application.use_cases.decisions.assess_once import AssessmentResult
from application.use_cases.decisions.request_content import claim_of


@dataclass(frozen=True, slots=True)
class AssessMany:
    """Assesses each request of a batch as AssessOnce does."""

    assess: AssessLoanApplication

    async def __call__(self, requests: Sequence[AssessmentRequest]) -> list[AssessmentResult | Exception]:
        """The outcome of each request, in order: its durably recorded decision, or why there is none.

        HistoryChanged where another application of the applicant is decided at the same time: such a request is to
        be assessed on its own, which waits for the other.
        """
        if len(requests) == 1:
            return [await self._single(requests[0])]
        outcomes = await self.assess.decide_all(requests)
        decided = [
            (record, None if request.key is None else claim_of(record, request.key))
            for request, record in zip(requests, outcomes, strict=True)
            if not isinstance(record, Exception)
        ]
        recorded = await self.assess.ledger.record_each(decided)
        return merge_outcomes(
            outcomes,
            [AssessmentResult.of(record, first) for (record, _), first in zip(decided, recorded, strict=True)],
        )

    async def _single(self, request: AssessmentRequest) -> AssessmentResult | Exception:
        try:
            return AssessmentResult.of(*await self.assess.decide_and_record(request))
        except Exception as fault:  # the outcome of this request
            return fault
