"""What would have changed a decision: the smallest changes to an application that policy would approve.

Risk and every rule grow no milder the further from a lever's best value an application lies: the compiler of model
tables refuses trees of another direction. So along each lever, and along one for each step of another, approval
begins at one step and lasts; bisection finds it. Whatever is found is then decided as any application is, and
offered only if it is approved: of a model or a policy that turns back somewhere, something may be missed, but
nothing false is said.
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
    """A characteristic by its name, what it is, and what it would have to be instead.

    Dollars, months, percent, points and counts as in `domain.applications.fields`.
    """

    name: str
    given: float
    instead: float


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """One change, or two together, under which the loan would be approved, and what it would then be.

    `annual_rate` 0.12 is 12 %; the instalment is a month's.
    """

    changes: tuple[Change, ...]
    pd: float
    grade: str
    annual_rate: float
    instalment: Money


@dataclass(frozen=True, slots=True)
class CounterfactualContext:
    """The model and the policy that judge: those of the decision in question.

    `reference` is the reference profile for reasons.
    """

    policy: ScoringPolicy
    predict: Callable[[Characteristics], Prediction]
    risk_by_amount: Callable[[Characteristics], RiskByAmount]
    reference: Sequence[float]

    def by_amount(self, given: Characteristics, changed: Mapping[str, float]) -> Callable[[float], bool]:
        """Whether each amount would be approved to this applicant, with these characteristics changed."""
        other = replace(given, **changed)  # type: ignore[arg-type] # levers are numbers all
        if not self.policy.admits(other):
            return lambda _: False
        risk = self.risk_by_amount(other)
        return lambda amount: bool(self.policy.approves(other, amount, risk.at(amount)))

    def decided(self, application: LoanApplication, changes: tuple[Change, ...]) -> Counterfactual | None:
        """What becomes of the application so changed; None unless it is approved."""
        for change in changes:
            application = _LEVER[change.name].apply(application, change.instead)
        given = Characteristics.of(application)
        prediction = self.predict(given)
        decision = decide(
            self.policy, given, prediction, reference=self.reference, risk_by_amount=self.risk_by_amount
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
    """The smallest changes that would be approved; none for an application that is approved as it stands.

    Each lever by itself first. Where none of those that can be pulled at once suffices, the smallest pair of them;
    where nothing suffices so far, the smallest pair of any two.
    """
    given = Characteristics.of(application)
    if context.by_amount(given, {})(given.loan_amnt):
        return ()
    search = _Search(context, given)
    found = list(search.singles())
    immediate = [lever for lever in LEVERS if lever.immediate]
    if not any(_LEVER[change.name].immediate for changes in found for change in changes):
        pair = search.smallest_pair(immediate) or (() if found else search.smallest_pair(LEVERS))
        found.extend([pair] if pair else [])
    decided = (context.decided(application, changes) for changes in found)
    return tuple(one for one in decided if one is not None)


class _Search:
    """For one applicant who is not approved."""

    def __init__(self, context: CounterfactualContext, given: Characteristics) -> None:
        self._context = context
        self._given = given
        self._steps: dict[str, Steps] = {
            lever.name: lever.steps(given, context.policy.product) for lever in LEVERS
        }

    def singles(self) -> Iterator[tuple[Change, ...]]:
        """The first step of each lever that would be approved."""
        for lever in LEVERS:
            steps = self._steps[lever.name]
            place = _first(steps, self._along(lever.name, {}))
            if place is not None:
                yield (self._change(lever.name, steps[place]),)

    def smallest_pair(self, levers: Sequence[Lever]) -> tuple[Change, ...]:
        """The two changes that together go the least way; none where no two suffice.

        The way of a step is its place among its lever's steps, (place + 1) of (steps + 1): all of them are less
        than the whole way, and a lever with but one step goes half of it.
        """
        pair: tuple[Change, ...] = ()
        way = 2.0
        for one, other in combinations([lever.name for lever in levers], 2):
            # The amount last: the risk of every amount is known at once.
            outer, inner = (other, one) if one == _AMOUNT else (one, other)
            pair, way = self._smaller_of_two(outer, inner, pair, way)
        return pair

    def _smaller_of_two(
        self, outer: str, inner: str, pair: tuple[Change, ...], way: float
    ) -> tuple[tuple[Change, ...], float]:
        steps, inner_steps = self._steps[outer], self._steps[inner]
        if not inner_steps:
            return pair, way
        each = 1 / (len(inner_steps) + 1)
        begins = _first(steps, lambda step: self._along(inner, {outer: step})(inner_steps[-1]))
        for place in () if begins is None else range(begins, len(steps)):
            gone = (place + 1) / (len(steps) + 1)
            near = [step for at, step in enumerate(inner_steps, 1) if gone + at * each < way]
            if not near:
                break
            found = _first(near, self._along(inner, {outer: steps[place]}))
            if found is not None:
                pair = (self._change(outer, steps[place]), self._change(inner, near[found]))
                way = gone + (found + 1) * each
        return pair, way

    def _along(self, name: str, changed: Mapping[str, float]) -> Callable[[float], bool]:
        """Whether each value of a lever would be approved, with other characteristics changed."""
        if name == _AMOUNT:
            return self._context.by_amount(self._given, changed)
        asked = changed.get(_AMOUNT, self._given.loan_amnt)
        return lambda value: self._context.by_amount(self._given, {**changed, name: value})(asked)

    def _change(self, name: str, instead: float) -> Change:
        return Change(name, getattr(self._given, name), instead)


def _first(steps: Sequence[float], approved: Callable[[float], bool]) -> int | None:
    """The place of the first step that is approved, as all are behind it."""
    if not steps or not approved(steps[-1]):
        return None
    return bisect_left(steps, True, key=approved)
