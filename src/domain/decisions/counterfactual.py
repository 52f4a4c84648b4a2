"""Counterfactuals: the smallest changes to an application that the policy would have approved.

Risk and rules never improve as an application moves further from a lever's best value, because the compiler of
model tables rejects trees that do. So along one lever, and along one lever for each step of another, approval
begins at one step and continues, and bisection finds it. Each result is then decided like any application and
returned only if it is approved. If a model or policy were not monotone after all, a result could be missing, but
none would be false.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from domain.applications.loan_application import LoanApplication
from domain.applications.money import Money
from domain.decisions.decision import decide
from domain.decisions.levers import LEVERS, Lever, Steps
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.models.risk_by_amount import RiskByAmount
from domain.policies.outcome import Outcome
from domain.policies.scoring_policy import ScoringPolicy

_AMOUNT = "loan_amnt"


@dataclass(frozen=True, slots=True)
class Change:
    """A characteristic by name, its value, and the value it would need instead.

    Dollars, months, percent, points and counts as in `domain.applications.fields`.
    """

    name: str
    given: float
    instead: float


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """One change, or two together, with which the loan would be approved, and its terms then.

    `annual_rate` 0.12 is 12 %; the instalment is monthly.
    """

    changes: tuple[Change, ...]
    pd: float
    grade: str
    annual_rate: float
    instalment: Money


@dataclass(frozen=True, slots=True)
class CounterfactualContext:
    """The model and the policy of the decision in question; `reference` is the reference profile for reasons."""

    policy: ScoringPolicy
    predict: Callable[[Characteristics], Prediction]
    risk_by_amount: Callable[[Characteristics], RiskByAmount]
    reference: Sequence[float]

    def approval_by_amount(
        self, characteristics: Characteristics, changed: Mapping[str, float]
    ) -> Callable[[float], bool]:
        """A function that says whether an amount would be approved with these characteristics changed."""
        changed_characteristics = replace(characteristics, **changed)  # type: ignore[arg-type] # all are numbers
        if not self.policy.admits(changed_characteristics):
            return lambda _: False
        risk = self.risk_by_amount(changed_characteristics)
        return lambda amount: bool(self.policy.approves(changed_characteristics, amount, risk.at(amount)))

    def decide(self, application: LoanApplication, changes: tuple[Change, ...]) -> Counterfactual | None:
        """The counterfactual with these changes; None unless the application would be approved."""
        for change in changes:
            application = _LEVER[change.name].apply(application, change.instead)
        characteristics = Characteristics.of(application)
        prediction = self.predict(characteristics)
        decision = decide(
            self.policy,
            characteristics,
            prediction,
            reference=self.reference,
            risk_by_amount=self.risk_by_amount,
        )
        if decision.outcome is not Outcome.APPROVED:
            return None
        return Counterfactual(
            changes, prediction.pd.value, decision.grade, decision.annual_rate, decision.instalment
        )


_LEVER = {lever.name: lever for lever in LEVERS}


def find_counterfactual(
    application: LoanApplication, context: CounterfactualContext
) -> tuple[Counterfactual, ...]:
    """The smallest changes that would be approved; none for an application that is approved as requested.

    Each lever alone comes first. If no immediate lever is enough, the smallest pair of immediate levers is added;
    if nothing was found at all, the smallest pair of any levers.
    """
    characteristics = Characteristics.of(application)
    if context.approval_by_amount(characteristics, {})(characteristics.loan_amnt):
        return ()
    search = _Search(context, characteristics)
    found = list(search.singles())
    immediate = [lever for lever in LEVERS if lever.immediate]
    if not any(_LEVER[change.name].immediate for changes in found for change in changes):
        pair = search.smallest_pair(immediate) or (() if found else search.smallest_pair(LEVERS))
        found.extend([pair] if pair else [])
    decided = (context.decide(application, changes) for changes in found)
    return tuple(counterfactual for counterfactual in decided if counterfactual is not None)


class _Search:
    """The search for one applicant who is not approved."""

    def __init__(self, context: CounterfactualContext, characteristics: Characteristics) -> None:
        self._context = context
        self._characteristics = characteristics
        self._steps: dict[str, Steps] = {
            lever.name: lever.steps(characteristics, context.policy.product) for lever in LEVERS
        }

    def singles(self) -> Iterator[tuple[Change, ...]]:
        """The first approved step of each lever alone."""
        for lever in LEVERS:
            steps = self._steps[lever.name]
            index = _first_approved(steps, self._approval_along(lever.name, {}))
            if index is not None:
                yield (self._change(lever.name, steps[index]),)

    def smallest_pair(self, levers: Sequence[Lever]) -> tuple[Change, ...]:
        """The two changes with the smallest total distance; empty if no two are enough.

        The distance of a step is (index + 1) / (number of steps + 1) among its lever's steps, so each is below 1,
        and the only step of a lever counts half.
        """
        pair: tuple[Change, ...] = ()
        distance = 2.0
        for first, second in combinations([lever.name for lever in levers], 2):
            # The amount is the inner lever, because one RiskByAmount covers all amounts.
            outer, inner = (second, first) if first == _AMOUNT else (first, second)
            pair, distance = self._smaller_pair(outer, inner, pair, distance)
        return pair

    def _smaller_pair(
        self, outer: str, inner: str, pair: tuple[Change, ...], distance: float
    ) -> tuple[tuple[Change, ...], float]:
        steps, inner_steps = self._steps[outer], self._steps[inner]
        if not inner_steps:
            return pair, distance
        inner_step = 1 / (len(inner_steps) + 1)
        start = _first_approved(steps, lambda step: self._approval_along(inner, {outer: step})(inner_steps[-1]))
        for index in () if start is None else range(start, len(steps)):
            outer_distance = (index + 1) / (len(steps) + 1)
            closer = [
                step for count, step in enumerate(inner_steps, 1) if outer_distance + count * inner_step < distance
            ]
            if not closer:
                break
            inner_index = _first_approved(closer, self._approval_along(inner, {outer: steps[index]}))
            if inner_index is not None:
                pair = (self._change(outer, steps[index]), self._change(inner, closer[inner_index]))
                distance = outer_distance + (inner_index + 1) * inner_step
        return pair, distance

    def _approval_along(self, name: str, changed: Mapping[str, float]) -> Callable[[float], bool]:
        """A function that says whether a value of a lever would be approved, with others changed."""
        if name == _AMOUNT:
            return self._context.approval_by_amount(self._characteristics, changed)
        amount = changed.get(_AMOUNT, self._characteristics.loan_amnt)
        return lambda value: self._context.approval_by_amount(self._characteristics, {**changed, name: value})(
            amount
        )

    def _change(self, name: str, instead: float) -> Change:
        return Change(name, getattr(self._characteristics, name), instead)


def _first_approved(steps: Sequence[float], approved: Callable[[float], bool]) -> int | None:
    """The index of the first approved step; all later steps are approved too."""
    if not steps or not approved(steps[-1]):
        return None
    return bisect_left(steps, True, key=approved)
