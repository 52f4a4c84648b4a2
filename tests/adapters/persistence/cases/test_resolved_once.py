"""A case is resolved once, however many people and processes try at the same moment."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO
from uuid import UUID

import pytest

from adapters.persistence.cases.final_decisions import PostgresFinalDecisions
from adapters.persistence.database.connections import database_engine
from adapters.system import SystemClock, TimeOrderedIdentifiers
from support.builders import a_decision, a_loan_application, a_prediction
from support.cases import a_referred_record
from support.databases import Store
from support.desk import STRONG, Desk
from support.other_models import CHAMPION_FINGERPRINT
from support.paths import PROJECT

_OFFICER = '''
import asyncio, sys
sys.path.insert(0, "tests")
from uuid import UUID
from adapters.memory.products import MemoryProducts
from adapters.persistence.applications.applications import PostgresApplications
from adapters.persistence.cases.cases import PostgresCases
from adapters.persistence.cases.final_decisions import PostgresFinalDecisions
from adapters.persistence.database.connections import database_engine
from adapters.persistence.decisions.archive.decision_archive import PostgresDecisionArchive
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.ports.cases.cases import CaseConflict
from application.use_cases.applications.application_lives import FindLife
from application.use_cases.cases.case_rules import FindCaseRules
from application.use_cases.cases.case_use_cases import CaseUseCases
from application.use_cases.cases.check_application import CheckApplication
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from domain.access.user import Actor, Role
from domain.cases.case_errors import CaseChanged, CaseError
from domain.policies.final_outcome import FinalOutcome
from domain.products.personal_loan import PERSONAL_LOAN
from support.desk import STRONG, Desk, wanted
from support.memory.policy_in_force import MemoryPolicyInForce
from support.memory.users import MemoryUsers
from support.memory.versions import MemoryPolicies

url, name, outcome = sys.argv[1:]
desk = Desk()
policies = MemoryPolicies()
policies._policies[desk.policy.fingerprint] = desk.policy
engine, products, clock = database_engine(url), MemoryProducts(PERSONAL_LOAN), SystemClock()
find_policy = FindDecidingPolicy(products, policies)
archive = PostgresDecisionArchive(engine)
cases = CaseUseCases.over(
    cases=PostgresCases(engine),
    find_rules=FindCaseRules(archive, products, desk.models, policies, PostgresFinalDecisions(engine)),
    check_application=CheckApplication(PostgresApplications(engine), FindLife(find_policy), clock),
    users=MemoryUsers(desk.decisions),
    find_policy=find_policy,
    policy=MemoryPolicyInForce(desk.policy),
    clock=clock,
    identifiers=TimeOrderedIdentifiers(),
)
by = Actor(name, Role.UNDERWRITER)

async def resolve(case_id):
    """Claim the case unless it is claimed for this person, and resolve it. Who lost says what it learned."""
    state = await cases.read_state(case_id, by=by)
    try:
        if state.assignee is None:
            state = (await cases.claim(case_id, by=by, seen=0)).case
        await cases.resolve(case_id, wanted(FinalOutcome(outcome)), by=by, seen=1)
    except (CaseError, CaseChanged) as refused:
        return f"lost {refused}"
    return "won"

async def work():
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(await resolve(UUID(line.strip())), flush=True)

asyncio.run(work())
'''


class Officer:
    """A person at a process of their own, who resolves the cases that are named to it."""

    def __init__(self, url: str, name: str, outcome: str) -> None:
        command = [sys.executable, "-c", _OFFICER, url, name, outcome]
        self.name = name
        self.process = subprocess.Popen(
            command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def begin(self, case_id: UUID) -> None:
        self._pipe(self.process.stdin).write(f"{case_id}\n")
        self._pipe(self.process.stdin).flush()

    def said(self) -> str:
        return self._pipe(self.process.stdout).readline().strip()

    def leave(self) -> None:
        self._pipe(self.process.stdin).close()
        assert self.process.wait(30) == 0
        self._pipe(self.process.stdout).close()

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


@pytest.fixture
def officers(migrated_url: str) -> Iterator[tuple[Officer, Officer, Officer]]:
    """Uma in two processes, such as two browser tabs, and Udo in a third."""
    with ExitStack() as stack:
        found = [
            Officer(migrated_url, *who) for who in (("uma", "approved"), ("udo", "declined"), ("uma", "declined"))
        ]
        for each in found:
            stack.callback(each.leave)
        assert [each.said() for each in found] == ["ready"] * 3
        yield found[0], found[1], found[2]


async def refer(store: Store, count: int) -> list[UUID]:
    policy = Desk().policy
    records = [
        a_referred_record(
            decision_id=TimeOrderedIdentifiers().new(),
            decided_at=SystemClock().now(),
            application=a_loan_application(loan_amnt=9_000),
            prediction=a_prediction(log_odds=STRONG),
            decision=a_decision(policy_version=policy.version),
            model_fingerprint=CHAMPION_FINGERPRINT,
            policy_fingerprint=policy.fingerprint,
        )
        for _ in range(count)
    ]
    await store.ledger.record_all(records)
    return [record.decision_id for record in records]


async def test_of_two_officers_who_resolve_at_the_same_moment_one_wins_100_times_and_the_other_learns_who_did(
    postgres_store: Store, officers: tuple[Officer, Officer, Officer], migrated_url: str
) -> None:
    uma, udo, _ = officers
    wins = await resolve_together(postgres_store, uma, udo, migrated_url, 100)
    assert set(wins) <= {"uma", "udo"}
    assert (await postgres_store.verify()).violations == ()


async def test_of_two_tabs_of_one_officer_one_resolves_the_case(
    postgres_store: Store, officers: tuple[Officer, Officer, Officer], migrated_url: str
) -> None:
    uma, _, other_tab = officers
    await resolve_together(postgres_store, uma, other_tab, migrated_url, 10)
    assert (await postgres_store.verify()).violations == ()


async def resolve_together(store: Store, one: Officer, other: Officer, url: str, tries: int) -> list[str]:
    engine, wins = database_engine(url), []
    final_decisions = PostgresFinalDecisions(engine)
    for number, case_id in enumerate(await refer(store, tries)):
        first, second = (one, other) if number % 2 else (other, one)
        first.begin(case_id)
        second.begin(case_id)
        said = {each: each.said() for each in (one, other)}
        (winner,) = [each for each, what in said.items() if what == "won"]
        (loser,) = [each for each in said if each is not winner]
        assert said[loser].startswith("lost ")
        assert winner.name in said[loser]
        decided = await final_decisions.of_case(case_id)
        assert decided is not None
        assert decided.maker.name == winner.name
        wins.append(winner.name)
    await engine.dispose()
    return wins
