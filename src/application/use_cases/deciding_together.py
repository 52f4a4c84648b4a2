"""Deciding together on applications that come at the same time: what they share is paid for once."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.credit_model import CreditModel
from domain.policy.decision import Decision, decide
from domain.policy.scoring_policy import ScoringPolicy
from domain.risk.characteristics import Characteristics
from domain.risk.prediction import Prediction

Assessed = tuple[Prediction, Decision]
"""What the model said of an applicant, and what the policy made of it."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """An applicant, with the prediction where it is known, and whoever waits for the decision."""

    characteristics: Characteristics
    known: Prediction | None
    assessed: "asyncio.Future[Assessed]"


class DecidingTogether:
    """Decides at once on all who came in one turn of the event loop: first the model on all, then the policy.

    Nobody waits on purpose: somebody alone is decided on alone. A processor that goes on with the same work finds
    code and tables still in its caches; one decision on its own finds there what the last request left.
    """

    def __init__(self, model: CreditModel, policy: ScoringPolicy) -> None:
        self._model = model
        self._policy = policy
        self._waiting: list[_Waiting] = []

    def __call__(
        self, characteristics: Characteristics, known: Prediction | None = None
    ) -> "asyncio.Future[Assessed]":
        """The prediction, the `known` one where there is one, and the decision.

        Fails with what the model raises; of those who came together only the one it was raised for fails.
        """
        loop = asyncio.get_running_loop()
        assessed: asyncio.Future[Assessed] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._decide_waiting)
        self._waiting.append(_Waiting(characteristics, known, assessed))
        return assessed

    def _decide_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._decide([each for each in waiting if not each.assessed.done()])

    def _decide(self, waiting: Sequence[_Waiting]) -> None:
        try:
            predictions = self._predictions(waiting)
            decisions = [
                decide(
                    self._policy,
                    each.characteristics,
                    prediction,
                    reference=self._model.reference,
                    risk_at=self._model.risk_at(each.characteristics),
                )
                for each, prediction in zip(waiting, predictions, strict=True)
            ]
        except Exception as fault:
            if len(waiting) == 1:
                waiting[0].assessed.set_exception(fault)
                return
            for each in waiting:
                self._decide([each])
            return
        for each, prediction, decision in zip(waiting, predictions, decisions, strict=True):
            each.assessed.set_result((prediction, decision))

    def _predictions(self, waiting: Sequence[_Waiting]) -> list[Prediction]:
        unknown = [each.characteristics for each in waiting if each.known is None]
        made = deque(self._model.predict_all(unknown))
        return [made.popleft() if each.known is None else each.known for each in waiting]
