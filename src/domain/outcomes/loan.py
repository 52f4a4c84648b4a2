"""A loan: its state follows from its recorded outcomes and their corrections."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import ClassVar, Self
from uuid import UUID

from domain.access.user import Actor
from domain.applications.money import Money
from domain.outcomes.loan_outcome import (
    InvalidLoanOutcome,
    LoanOutcome,
    OutcomeFault,
    StatedOutcome,
)
from domain.outcomes.loan_status import LoanStatus


class LoanRuleViolation(Exception):
    """A rule of loans forbids the outcome; `rule` names it, and the text says what applies."""

    rule: ClassVar[str] = "loan-rule"


class NoLoan(LoanRuleViolation):
    """The application is not accepted, so there is no loan."""

    rule = "not-accepted"


class OutcomeConflict(LoanRuleViolation):
    """The outcome contradicts recorded ones. Where they are wrong, they can be corrected."""

    rule = "contradicts-outcomes"


class NotCorrectable(LoanRuleViolation):
    """The outcome to correct is not one of this loan, or was corrected already."""

    rule = "not-correctable"


@dataclass(frozen=True, slots=True)
class Loan:
    """The accepted loan of an application: `amount` is the accepted one, `history` all outcomes by number."""

    application_id: UUID
    amount: Money
    history: tuple[LoanOutcome, ...] = ()

    @property
    def version(self) -> int:
        """The number of the last outcome; 0 without one."""
        return len(self.history)

    @property
    def effective(self) -> tuple[LoanOutcome, ...]:
        """The outcomes that no later one corrects, by day."""
        corrected = {each.corrects for each in self.history}
        kept = [each for each in self.history if each.outcome_id not in corrected]
        return tuple(sorted(kept, key=_in_order))

    @property
    def last(self) -> LoanOutcome | None:
        """The outcome of the latest day; None without one."""
        return self.effective[-1] if self.history else None

    @property
    def booked_on(self) -> date | None:
        """The day on which the loan was paid out, as the newest outcome has it; None without one."""
        return self.history[-1].booked_on if self.history else None

    @property
    def closed_on(self) -> date | None:
        """The day as of which the loan was first reported closed; None if it is not."""
        return next((each.stated.as_of for each in self.effective if each.stated.status.closed), None)

    @property
    def defaulted_on(self) -> date | None:
        """The day as of which the loan was first reported in default; None if it never was."""
        return next((each.stated.as_of for each in self.effective if _in_default(each)), None)

    def repeated(self, stated: StatedOutcome) -> LoanOutcome | None:
        """The recorded outcome that states the same, so that a repetition records nothing; None if none does.

        Without a day of booking, a statement is the same as one with it. A closed loan that is reported again on a
        later day with the same amounts tells nothing new either. Corrected outcomes count: a file that is imported
        again does not undo a correction.
        """
        same = next((each for each in self.history if _same(each.stated, stated)), None)
        last = self.last
        if same is not None or last is None or not last.stated.status.closed:
            return same
        later = stated.as_of > last.stated.as_of
        return last if later and _same(last.stated, replace(stated, as_of=last.stated.as_of)) else None

    def record(
        self, stated: StatedOutcome, *, outcome_id: UUID, by: Actor, at: datetime, latest: date
    ) -> LoanOutcome:
        """The outcome to append, which must be no repetition; raises InvalidLoanOutcome and OutcomeConflict."""
        complete = self._complete(stated, latest)
        if self.booked_on is not None and complete.booked_on != self.booked_on:
            raise OutcomeConflict(
                f"the loan was booked on {self.booked_on}, not on {complete.booked_on}: leave booked_on out, or "
                "correct an outcome and state the right day"
            )
        made = LoanOutcome(outcome_id, self.application_id, self.version + 1, at, by, complete)
        self.after(made)._check_order()
        return made

    def correct(
        self,
        corrects: UUID,
        stated: StatedOutcome,
        reason: str,
        *,
        outcome_id: UUID,
        by: Actor,
        at: datetime,
        latest: date,
    ) -> LoanOutcome:
        """The correction to append; raises InvalidLoanOutcome, NotCorrectable and OutcomeConflict."""
        found = next((each for each in self.effective if each.outcome_id == corrects), None)
        if found is None:
            raise NotCorrectable(self._why_not_correctable(corrects))
        complete = self._complete(stated, latest)
        if complete == found.stated:
            raise NotCorrectable(f"outcome {found.number} states exactly this already")
        made = LoanOutcome(
            outcome_id, self.application_id, self.version + 1, at, by, complete, corrects=corrects, reason=reason
        )
        self.after(made)._check_order()
        return made

    def after(self, outcome: LoanOutcome) -> Self:
        """The loan after an outcome of its own."""
        _require_next(outcome, self.application_id, self.version + 1)
        return replace(self, history=(*self.history, outcome))

    def _complete(self, stated: StatedOutcome, latest: date) -> StatedOutcome:
        """The statement with its day of booking; raises InvalidLoanOutcome with every fault."""
        booked_on = stated.booked_on or self.booked_on
        if booked_on is None and stated.status is LoanStatus.BOOKED:
            booked_on = stated.as_of
        complete = replace(stated, booked_on=booked_on)
        faults = list(complete.faults(latest=latest, amount=self.amount))
        if booked_on is None:
            faults.append(OutcomeFault("booked_on", "is missing in the first outcome", "the day of booking"))
        if faults:
            raise InvalidLoanOutcome(faults)
        return complete

    def _check_order(self) -> None:
        """Raise OutcomeConflict if an effective outcome cannot follow the one before it."""
        effective = self.effective
        first = effective[0]
        if self.booked_on is not None and first.stated.as_of < self.booked_on:
            raise OutcomeConflict(
                f"the loan was booked on {self.booked_on}, and outcome {first.number} is of {first.stated.as_of}"
            )
        for before, after in pairwise(effective):
            why = _conflict(before, after)
            if why:
                raise OutcomeConflict(f"{why}. Correct the recorded outcome if it is wrong")

    def _why_not_correctable(self, corrects: UUID) -> str:
        if all(each.outcome_id != corrects for each in self.history):
            return f"this loan has no outcome {corrects}"
        by = next(each for each in self.history if each.corrects == corrects)
        return f"outcome {corrects} was corrected by outcome {by.outcome_id}: correct that one"


def fold(application_id: UUID, amount: Money, history: Sequence[LoanOutcome]) -> Loan:
    """The loan with these outcomes; raises ValueError if they do not follow each other."""
    for number, outcome in enumerate(history, 1):
        _require_next(outcome, application_id, number)
    return Loan(application_id, amount, tuple(history))


def _require_next(outcome: LoanOutcome, application_id: UUID, number: int) -> None:
    if (outcome.application_id, outcome.number) != (application_id, number):
        raise ValueError(f"outcome {outcome.number} does not follow outcome {number - 1} of this loan")


def _in_order(outcome: LoanOutcome) -> tuple[date, bool, int]:
    """Outcomes by day; a loan can be booked and reported on the same day."""
    return outcome.stated.as_of, outcome.stated.status is not LoanStatus.BOOKED, outcome.number


def _in_default(outcome: LoanOutcome) -> bool:
    return outcome.stated.status.in_default(outcome.stated.days_past_due)


def _same(recorded: StatedOutcome, stated: StatedOutcome) -> bool:
    if stated.booked_on is None:
        return replace(recorded, booked_on=None) == stated
    return recorded == stated


def _conflict(before: LoanOutcome, after: LoanOutcome) -> str:
    """Why an outcome cannot follow another; empty if it can."""
    earlier, later = before.stated, after.stated
    if later.status is LoanStatus.BOOKED:
        return f"a loan that was {earlier.status.value} on {earlier.as_of} cannot be booked on {later.as_of}"
    if earlier.as_of == later.as_of and earlier.status is not LoanStatus.BOOKED:
        return f"outcomes {before.number} and {after.number} say different things about {later.as_of}"
    if earlier.status.closed and later.status is not earlier.status:
        return (
            f"a loan that was {earlier.status.value} on {earlier.as_of} cannot be {later.status.value} on "
            f"{later.as_of}"
        )
    return ""
