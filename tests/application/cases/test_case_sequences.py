"""Whatever several people do to a case in whatever order, the rules of second persons and overrides hold."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.access.user import Actor, PermissionDenied, Role
from domain.cases.case_errors import CaseChanged, CaseError
from domain.cases.case_state import CaseState
from domain.cases.override import OverrideType
from domain.cases.referral_case import ReferralCase
from domain.cases.resolution import ConditionState, InvalidConditionChange, InvalidResolution
from domain.cases.review import first_state
from domain.decisions.decision_record import DecisionRecord
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from support.cases import SARA, UMA
from support.desk import STRONG, WEAK, Desk, wanted

SOFIA = Actor("sofia", Role.SENIOR_UNDERWRITER)
PEOPLE = (UMA, SARA, SOFIA)
REFUSALS = (CaseError, CaseChanged, PermissionDenied, InvalidConditionChange, InvalidResolution)


@dataclass
class Story:
    """What people do, one after another, to the newest case of one decision."""

    desk: Desk
    record: DecisionRecord
    ended: set[object]
    expected: bool | None = None
    """Whether the step must succeed, where the case says so before."""

    async def newest(self) -> ReferralCase | None:
        found = await self.desk.cases.of_decision(self.record.decision_id)
        return found[-1] if found else None

    async def do(self, verb: str, by: Actor, outcome: FinalOutcome) -> None:
        case, use = await self.newest(), self.desk.use_cases
        if verb == "review":
            await use.open_review(self.record.decision_id, "Asked to.", by=by)
            return
        if case is None:
            return
        if verb in {"resolve", "agree", "refuse"}:
            with suppress(*REFUSALS):
                case = await self.desk.claim(case, by)
            if verb == "resolve":
                with suppress(*REFUSALS):
                    case = (await use.enter_own_view(case.case_id, outcome, "So.", by=by, seen=case.version)).case
            await self.check_authority(case, verb, by)
        about = {"by": by, "seen": case.version}
        verbs: dict[str, Callable[[], Awaitable[object]]] = {
            "claim": lambda: use.claim(case.case_id, **about),
            "release": lambda: use.release(case.case_id, **about),
            "note": lambda: use.add_note(case.case_id, "Called.", **about),
            "ask": lambda: use.request_information(case.case_id, "Payslips?", **about),
            "answer": lambda: use.receive_information(case.case_id, "Two payslips.", **about),
            "resolve": lambda: use.resolve(case.case_id, wanted(outcome), **about),
            "own view": lambda: use.enter_own_view(case.case_id, outcome, "I think so.", **about),
            "agree": lambda: use.second_approval(case.case_id, approve=True, **about),
            "refuse": lambda: use.second_approval(case.case_id, approve=False, text="No.", **about),
            "quality": lambda: use.quality_review(case.case_id, outcome, "Seen.", **about),
            "condition": lambda: use.change_condition(case.case_id, 1, ConditionState.MET, "", **about),
        }
        await verbs[verb]()

    async def check_authority(self, case: ReferralCase, verb: str, by: Actor) -> None:
        """What the case says before trying is what happens: only the own view and the outcome are left."""
        authority = (await self.desk.use_cases.read_case(case.case_id, by=by)).authority
        assert authority is not None
        self.expected = not (authority.cannot_resolve if verb == "resolve" else authority.cannot_check)
        self.expected = self.expected and not (verb == "resolve" and authority.own_view_required)

    async def check(self) -> None:
        finals = [each for each in self.desk.cases._final if each.decision_id == self.record.decision_id]
        before = self.record.decision.outcome is Outcome.DECLINED
        previous = None
        for number, decided in enumerate(finals, 1):
            assert decided.number == number
            assert decided.previous == (previous.final_decision_id if previous else None)
            assert decided.checker is None or decided.checker.name != decided.maker.name
            case = await self.desk.cases.find(decided.case_id)
            assert case is not None
            assert decided.checker is None or decided.checker.name not in case.proposers
            if decided.outcome.lends and before:
                assert decided.checker is not None
                assert decided.override is not OverrideType.AGREED or decided.previous is not None
            if decided.override is OverrideType.LOW_SIDE:
                assert decided.checker is not None
            before, previous = decided.outcome is FinalOutcome.DECLINED, decided
        for case in await self.desk.cases.of_decision(self.record.decision_id):
            actions = tuple(await self.desk.cases.actions(case.case_id))
            folded = first_state(self.record, actions).after_all(actions)
            assert folded.leased(case.lease_until) == case
            assert not (case.case_id in self.ended and not case.state.ended)
            if case.state.ended:
                self.ended.add(case.case_id)
            decided_here = [each for each in finals if each.case_id == case.case_id]
            assert len(decided_here) == (case.state is CaseState.RESOLVED)


VERBS = ("resolve",) * 4 + ("agree",) * 4 + ("refuse",) * 2 + ("review",) * 2
VERBS += ("claim", "release", "note", "ask", "answer", "own view", "quality", "condition")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(VERBS),
        st.sampled_from(PEOPLE),
        st.sampled_from([FinalOutcome.APPROVED, FinalOutcome.DECLINED]),
        st.booleans(),
    ),
    min_size=25,
    max_size=40,
)


@given(
    steps=STEPS,
    log_odds=st.sampled_from([WEAK, STRONG]),
    outcome=st.sampled_from(list(Outcome)),
    amount=st.sampled_from([9_000.0, 15_000.0]),
    blind=st.booleans(),
)
@settings(max_examples=50, deadline=None)
def test_no_sequence_makes_one_person_maker_and_checker_or_lends_what_was_declined_without_an_override(
    steps: list[tuple[str, Actor, FinalOutcome, bool]],
    log_odds: float,
    outcome: Outcome,
    amount: float,
    blind: bool,
) -> None:
    async def play() -> None:
        desk = Desk(blind=blind, quality_share=0.5)
        record = await desk.refer(log_odds=log_odds, outcome=outcome, amount=amount)
        story = Story(desk, record, set())
        for verb, by, decided, pause in steps:
            if pause:
                desk.wait(timedelta(minutes=16))
            story.expected, succeeded = None, False
            with suppress(*REFUSALS):
                await story.do(verb, by, decided)
                succeeded = True
            assert story.expected in {None, succeeded}, (verb, by)
            await story.check()

    asyncio.run(play())
