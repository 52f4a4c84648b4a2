"""Counterfactuals: the smallest changes to an application that the policy would have approved.

Risk and rules never improve as an application moves further from a lever's best value, because the compiler of
model tables rejects trees that do. So along one lever, and along one lever for each step of another, approval
begins at one step and continues, and bisection finds it. Each result is then decided like any application and
returned only if it is approved. If a model or policy were not monotone after all, a result could be missing, but
none would be false.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from domain.applications.loan_application import LoanApplication
from domain.applications.money import Money
from domain.decisions.circumstances import NO_CIRCUMSTANCES, Circumstances
from domain.decisions.decision import decide
from domain.decisions.levers import Steps, apply_lever, steps_of
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.models.risk_by_amount import RiskByAmount
from domain.policies.outcome import Outcome
from domain.policies.scoring_policy import ScoringPolicy
from domain.products.levers import Lever


@dataclass(frozen=True, slots=True)
class Change:
    """A field by name, its number, and the number it would need instead, in the units of the product's fields."""

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
    """The model, the policy and the circumstances of the decision in question.

    `reference` is the reference profile for reasons. No change of the application changes its circumstances.
    """

    policy: ScoringPolicy
    predict: Callable[[Characteristics], Prediction]
    risk_by_amount: Callable[[Characteristics], RiskByAmount]
    reference: Sequence[float]
    circumstances: Circumstances = NO_CIRCUMSTANCES

    def approval_by_amount(
        self, characteristics: Characteristics, changed: Mapping[str, float]
    ) -> Callable[[float], bool]:
        """A function that says whether an amount would be approved with these characteristics changed."""
        policy, facts = self.policy, self.circumstances.facts
        inputs = policy.product.changed_inputs(characteristics, changed)
        if not policy.admits(inputs, facts):
            return lambda _: False
        risk = self.risk_by_amount(inputs)
        return lambda amount: bool(policy.approves(inputs, amount, risk.at(amount), facts))

    def decide(self, application: LoanApplication, changes: tuple[Change, ...]) -> Counterfactual | None:
        """The counterfactual with these changes; None unless the application would be approved."""
        product = self.policy.product
        levers = {lever.field: lever for lever in product.levers}
        for change in changes:
            application = apply_lever(levers[change.name], application, change.instead, product)
        characteristics = product.characteristics_of(application)
        prediction = self.predict(characteristics)
        decision = decide(
            self.policy,
            characteristics,
            prediction,
            reference=self.reference,
            risk_by_amount=self.risk_by_amount,
            circumstances=self.circumstances,
        )
        if decision.outcome is not Outcome.APPROVED:
            return None
        return Counterfactual(
            changes, prediction.pd.value, decision.grade, decision.annual_rate, decision.instalment
        )


def find_counterfactual(
    application: LoanApplication, context: CounterfactualContext
) -> tuple[Counterfactual, ...]:
    """The smallest changes that would be approved; none for an application that is approved as requested.

    Each lever alone comes first. If no immediate lever is enough, the smallest pair of immediate levers is added;
    if nothing was found at all, the smallest pair of any levers.
    """
    levers = context.policy.product.levers
    characteristics = context.policy.product.characteristics_of(application)
    if context.approval_by_amount(characteristics, {})(application.terms.amount.dollars):
        return ()
    search = _Search(context, characteristics)
    found = list(search.singles())
    immediate = [lever for lever in levers if lever.immediate]
    quick = {lever.field for lever in immediate}
    if not any(change.name in quick for changes in found for change in changes):
        pair = search.smallest_pair(immediate) or (() if found else search.smallest_pair(levers))
        found.extend([pair] if pair else [])
    decided = (context.decide(application, changes) for changes in found)
    return tuple(counterfactual for counterfactual in decided if counterfactual is not None)


class _Search:
    """The search for one applicant who is not approved."""

    def __init__(self, context: CounterfactualContext, characteristics: Characteristics) -> None:
        self._context = context
        self._characteristics = characteristics
        self._product = context.policy.product
        self._steps: dict[str, Steps] = {
            lever.field: steps_of(lever, characteristics, context.policy) for lever in self._product.levers
        }

    def singles(self) -> Iterator[tuple[Change, ...]]:
        """The first approved step of each lever alone."""
        for lever in self._product.levers:
            steps = self._steps[lever.field]
            index = _first_approved(steps, self._approval_along(lever.field, {}))
            if index is not None:
                yield (self._change(lever.field, steps[index]),)

    def smallest_pair(self, levers: Sequence[Lever]) -> tuple[Change, ...]:
        """The two changes with the smallest total distance; empty if no two are enough.

        The distance of a step is (index + 1) / (number of steps + 1) among its lever's steps, so each is below 1,
        and the only step of a lever counts half.
        """
        pair: tuple[Change, ...] = ()
        distance = 2.0
        for first, second in combinations([lever.field for lever in levers], 2):
            # The amount is the inner lever, because one RiskByAmount covers all amounts.
            outer, inner = (second, first) if first == self._product.amount else (first, second)
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
            counts = range(1, len(inner_steps) + 1)
            near = bisect_left(counts, True, key=lambda count: not outer_distance + count * inner_step < distance)
            closer = inner_steps[:near]
            if not closer:
                break
            inner_index = _first_approved(closer, self._approval_along(inner, {outer: steps[index]}))
            if inner_index is not None:
                pair = (self._change(outer, steps[index]), self._change(inner, closer[inner_index]))
                distance = outer_distance + (inner_index + 1) * inner_step
        return pair, distance

    def _approval_along(self, name: str, changed: Mapping[str, float]) -> Callable[[float], bool]:
        """A function that says whether a value of a lever would be approved, with others changed."""
        if name == self._product.amount:
            return self._context.approval_by_amount(self._characteristics, changed)
        amount = changed.get(self._product.amount, self._given(self._product.amount))
        return lambda value: self._context.approval_by_amount(self._characteristics, {**changed, name: value})(
            amount
        )

    def _change(self, name: str, instead: float) -> Change:
        return Change(name, self._given(name), instead)

    def _given(self, name: str) -> float:
        return float(self._characteristics[self._product.inputs.index(name)])


def _first_approved(steps: Sequence[float], approved: Callable[[float], bool]) -> int | None:
    """The index of the first approved step; all later steps are approved too."""
    if not steps or not approved(steps[-1]):
        return None
    return bisect_left(steps, True, key=approved)
