"""Two ways to the same lender: straight through the use cases, and through HTTP as a caller would.

What either answers is put in the words of the specifications.
"""

import asyncio
import csv
import io
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Coroutine, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import msgspec
from litestar.testing import TestClient

from adapters.memory.login_attempts import MemoryLoginAttempts
from adapters.memory.result_cache import MemoryResultCache
from adapters.messaging.signatures import RecipientSecrets
from adapters.scoring.bundles.archived_credit_models import ArchivedCreditModels
from adapters.scoring.bundles.bundle import bundle_from
from adapters.scoring.table_credit_model import TableCreditModel
from adapters.security.audit_signing import Ed25519Signatures, Ed25519Signer
from adapters.security.common_passwords import CommonPasswords
from adapters.security.passwords import Argon2PasswordHasher
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.catalog import UseCases
from application.ports.access.credentials import InvalidToken
from application.ports.access.login_attempts import TooManyAttempts
from application.ports.batches.batches import BatchNotFound, BatchOutput
from application.ports.decisions.decision_archive import DecisionFilter
from application.ports.decisions.idempotency import IdempotencyKey, KeyReused
from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.operations.clock import Clock
from application.use_cases.access.change_own_password import ChangeOwnPassword
from application.use_cases.access.log_in import IdentifyCaller, InvalidCredentials, IssueAccessToken, LogIn
from application.use_cases.access.manage_users import AddUser, ChangePassword, ChangeRole, RemoveUser
from application.use_cases.access.web_sessions import ManageWebSessions
from application.use_cases.audit.create_checkpoint import CreateCheckpoint
from application.use_cases.audit.event_factory import EventFactory
from application.use_cases.audit.verify_audit_trail import Verification, VerifyAuditTrail
from application.use_cases.batches.batch_use_cases import BatchUseCases
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication
from application.use_cases.decisions.assess_many import AssessMany
from application.use_cases.decisions.assess_once import AssessOnce
from application.use_cases.decisions.find_counterfactual import FindCounterfactual
from application.use_cases.decisions.read_decisions import DecisionNotFound, ListDecisions, ReadDecision
from application.use_cases.decisions.reproduce_decision import ReproduceDecision
from application.use_cases.models.archive_versions import ArchiveVersions
from application.use_cases.monitoring.read_overview import ReadOverview
from application.use_cases.operations.check_health import CheckHealth
from application.use_cases.policies.read_policy_in_force import ReadPolicyInForce
from domain.access.account import PasswordChangeRequired
from domain.access.password_policy import PasswordNotAllowed, PasswordPolicy
from domain.access.user import Actor, LastAdmin, PermissionDenied, Role
from domain.applications.applicant import Applicant, CreditHistory, EmploymentLength, FicoBand, HomeOwnership
from domain.applications.loan_application import LoanApplication
from domain.applications.loan_terms import LoanTerms, Purpose, Term
from domain.applications.money import Money
from domain.audit.checkpoint_copy import CheckpointCopy
from domain.audit.event import EventKind
from domain.decisions.decision_record import DecisionRecord
from domain.monitoring.period import InvalidPeriod
from domain.month import Month
from domain.policies.outcome import Outcome
from domain.policies.reasons import REASONS
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.version_1 import POLICY_1
from entrypoints.api.app import create_app
from support.anyone import TokensForAnyone
from support.batches import BatchRoom, pieces
from support.builders import login_limits
from support.memory.batches import MemoryBatches
from support.memory.checkpoints import MemoryCheckpoints
from support.memory.clock import FixedClock
from support.memory.decisions import MemoryDecisions
from support.memory.figures import MemoryDecisionFigures
from support.memory.security_events import MemorySecurityEvents
from support.memory.users import MemoryUsers
from support.memory.versions import MemoryBundles, MemoryPolicies, MemoryStoredVersions
from support.memory.web_sessions import MemoryWebSessions
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT

OFFICER = Actor("Olga", Role.LOAN_OFFICER)
AUDITOR = Actor("Arthur", Role.AUDITOR)
OPERATOR = "os:ada"
"""The account of the machine under which users are managed."""
OFFICE = "192.0.2.1"
"""The address of the network that the lender's people come from."""


@dataclass(frozen=True)
class Answer:
    """What the borrower's side is told, or finds on record."""

    decision_id: UUID
    outcome: str
    confidence: str
    default_predicted: bool
    pd: float
    recommended: float
    reasons: tuple[str, ...]
    out_of_domain: tuple[str, ...]
    model: str
    policy: str
    again: bool = False


@dataclass(frozen=True)
class Told:
    """Whether there was nothing to change; else each way to an approval: what to enter instead, by field."""

    approved: bool
    ways: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class OnRecord:
    """A decision on record, with who asked for it."""

    answer: Answer
    requested_by: str


@dataclass(frozen=True)
class OverviewSeen:
    """What somebody is told of a period; `outcomes` are approved, referred, declined."""

    as_of: datetime
    decisions: int
    outcomes: tuple[int, int, int]
    in_the_course_of_time: int
    asked: float
    mean_pd: float | None
    reasons: dict[str, int]
    under_policy: dict[str, int]


class LaterClock(Clock):
    """The machine's time, moved on by as much as a story says."""

    def __init__(self) -> None:
        self.later = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.later


@cache
def _champion() -> TableCreditModel:
    return TableCreditModel(bundle_from(CHAMPION, "the champion"))


class TamperedDecisions(MemoryDecisions):
    """Decisions that somebody can get at past the service."""

    def tamper(self, decision_id: UUID) -> None:
        """Change the amount recommended."""
        record = self._records[decision_id]
        self._records[decision_id] = replace(
            record, decision=replace(record.decision, recommended_amount=Money(1))
        )

    def remove_last(self, count: int) -> None:
        """Remove decisions with the entries that vouch for them."""
        for entry in self._entries[-count:]:
            del self._records[entry.subject]
        del self._entries[-count:]

    def remove(self, places: Iterable[int]) -> None:
        """Remove decisions, counted from 1, and leave the entries that vouch for them."""
        for place in places:
            del self._records[self._entries[place - 1].subject]

    def slip_in(self, like: UUID) -> None:
        """Put a decision on record without an entry."""
        forged = replace(self._records[like], decision_id=uuid4())
        self._records[forged.decision_id] = forged


class Lender(ABC):
    """The service, with a memory of its own."""

    def __init__(self) -> None:
        self.bundles, self.policies = MemoryBundles(), MemoryPolicies()
        asyncio.run(ArchiveVersions(self.bundles, self.policies)(CHAMPION_FINGERPRINT, CHAMPION, POLICY_1))
        self.decisions = TamperedDecisions()
        self.users = MemoryUsers(self.decisions)
        self.answers = MemoryResultCache()
        self.checkpoints = MemoryCheckpoints(self.decisions)
        self.signer = Ed25519Signer(b"s" * 32)
        self.passwords = Argon2PasswordHasher(passes=1, memory_kib=64)
        self.clock = clock = LaterClock()
        self.new_event = EventFactory(clock, TimeOrderedIdentifiers())
        self.tokens = TokensForAnyone(b"k" * 32, clock, self.users)
        self.tokens_of: dict[str, str] = {}
        self.batches = MemoryBatches(self.decisions)
        self.time_of_attempts = FixedClock(clock.now())
        log_in = LogIn(self.users, self.passwords, MemoryLoginAttempts(login_limits(), self.time_of_attempts))
        assess = AssessLoanApplication(
            model=_champion(),
            cache=None,
            policy=POLICY_1,
            ledger=self.decisions,
            clock=clock,
            identifiers=TimeOrderedIdentifiers(),
        )
        self.security_events = MemorySecurityEvents()
        self.use_cases = UseCases(
            assess=assess,
            assess_once=AssessOnce(assess),
            assess_many=AssessMany(assess),
            read_decision=ReadDecision(self.decisions),
            list_decisions=ListDecisions(self.decisions),
            read_overview=ReadOverview(
                MemoryDecisionFigures(self.decisions),
                MemoryResultCache(now=lambda: clock.now().timestamp()),
                clock,
            ),
            read_policy_in_force=ReadPolicyInForce(POLICY_1),
            verify_audit_trail=VerifyAuditTrail(
                self.decisions,
                self.checkpoints,
                Ed25519Signatures(),
                (self.signer.public_key,),
                MemoryStoredVersions(self.bundles, self.policies),
            ),
            reproduce=ReproduceDecision(
                ReadDecision(self.decisions), ArchivedCreditModels(self.bundles), self.policies
            ),
            find_counterfactual=FindCounterfactual(
                ReadDecision(self.decisions), ArchivedCreditModels(self.bundles), self.policies, self.answers
            ),
            log_in=log_in,
            issue_access_token=IssueAccessToken(log_in, self.tokens),
            identify_caller=IdentifyCaller(self.tokens, self.tokens.directory),
            change_own_password=ChangeOwnPassword(
                log_in, self.users, self.passwords, PasswordPolicy(CommonPasswords()), self.new_event
            ),
            web_sessions=ManageWebSessions(MemoryWebSessions(self.decisions), self.tokens.directory, clock),
            security_events=self.security_events,
            clock=clock,
            batches=BatchUseCases.over(
                self.batches,
                self.batches.outbox,
                RecipientSecrets(b"k" * 32),
                clock,
                TimeOrderedIdentifiers(),
            ),
            check_health=CheckHealth(()),
        )

    def put_in_force(self, bundle: dict[str, bytes], policy: ScoringPolicy) -> None:
        """Decide with a model and a policy from now on; both are kept, as a starting service does."""
        model = TableCreditModel(bundle_from(bundle, "the bundle in force"))
        asyncio.run(ArchiveVersions(self.bundles, self.policies)(model.version.fingerprint, bundle, policy))
        assess = replace(self.use_cases.assess, model=model, policy=policy)
        self.use_cases = replace(
            self.use_cases,
            assess=assess,
            assess_once=AssessOnce(assess),
            assess_many=AssessMany(assess),
            read_policy_in_force=ReadPolicyInForce(policy),
        )
        self.changed()

    @abstractmethod
    def changed(self) -> None:
        """Other use cases are in force."""

    def hire(self, name: str, role: Role, password: str) -> None:
        """Let somebody log in."""
        asyncio.run(AddUser(self.users, self.passwords, self.new_event)(name, role, password, by=OPERATOR))

    def give_password(self, name: str, password: str) -> None:
        """Give somebody a new password."""
        asyncio.run(ChangePassword(self.users, self.passwords, self.new_event)(name, password, by=OPERATOR))

    def change_role(self, name: str, role: Role, *, by: str = OPERATOR) -> bool:
        """Make somebody something else; whether that may be."""
        return self._may_be(ChangeRole(self.users, self.new_event)(name, role, by=by))

    def dismiss(self, name: str) -> bool:
        """Let somebody log in no longer; whether that may be."""
        return self._may_be(RemoveUser(self.users, self.new_event)(name, by=OPERATOR))

    def _may_be(self, change: Coroutine[Any, Any, None]) -> bool:
        try:
            asyncio.run(change)
        except LastAdmin:
            return False
        return True

    def roles_given(self) -> list[tuple[str, str, str]]:
        """Who gave whom which role, as the audit trail tells the auditor."""

        async def read() -> list[tuple[str, str, str]]:
            documents = [
                json.loads(document or b"")
                async for entry, document in self.decisions.entries()
                if entry.action == EventKind.ROLE_CHANGED
            ]
            return [(each["actor"], each["details"]["user"], each["details"]["role"]) for each in documents]

        return asyncio.run(read())

    def verify(self, archived: Collection[Month] = ()) -> Verification:
        """What the auditor finds who knows that months are archived."""
        return asyncio.run(self.use_cases.verify_audit_trail(by=AUDITOR, archived=archived))

    def keep_checkpoint(self) -> None:
        """The auditor takes a copy of the newest checkpoint home."""
        newest = asyncio.run(self.checkpoints.last())
        assert newest is not None
        self.kept = CheckpointCopy.read(CheckpointCopy.of(newest).line())

    def verify_with_copy(self) -> Verification:
        """What the auditor finds who has a copy of a checkpoint."""
        return asyncio.run(self.use_cases.verify_audit_trail(by=AUDITOR, copies=[self.kept]))

    def create_checkpoint(self, signer: Ed25519Signer | None = None) -> None:
        """What the running service does every minute."""
        make = CreateCheckpoint(self.checkpoints, signer or self.signer, SystemClock())
        assert asyncio.run(make(by=AUDITOR)) is not None

    def forge_checkpoint(self) -> None:
        """What somebody with every right over the database can do, but for the service's key."""
        self.checkpoints._kept.clear()
        self.create_checkpoint(Ed25519Signer(b"x" * 32))

    def change_stored_policy(self) -> None:
        """Put another policy's text in the place of the one that decided."""
        self.policies._policies[POLICY_1.fingerprint] = replace(POLICY_1, decline_from=0.25)

    def remove_stored_policy(self) -> None:
        """Remove the policy that decided."""
        del self.policies._policies[POLICY_1.fingerprint]

    def remove_checkpoints(self, count: int) -> None:
        """Remove the newest checkpoints."""
        del self.checkpoints._kept[-count:]

    @abstractmethod
    def apply(self, form: dict[str, Any], by: Actor = OFFICER) -> Answer | None:
        """The answer to a loan application; None when the one who asks may not."""

    @abstractmethod
    def differing(self, decision_id: UUID) -> list[str] | None:
        """The fields of a decision that come out otherwise when it is made again; None when it cannot be."""

    @abstractmethod
    def find_counterfactual(self, decision_id: UUID) -> Told:
        """What would have changed a decision."""

    @abstractmethod
    def apply_once(self, form: dict[str, Any], key: str, by: Actor = OFFICER) -> Answer | None:
        """The answer to a loan application that carries a key; None when the key stands for another one."""

    @abstractmethod
    def look_up(self, decision_id: UUID) -> OnRecord:
        """A decision on record."""

    @abstractmethod
    def may_look_up(self, decision_id: UUID, by: Actor) -> str:
        """Whether somebody can look a decision up: "allowed", "refused", or "absent" as if there were none."""

    @abstractmethod
    def may_explain(self, decision_id: UUID, by: Actor) -> str:
        """The same of what would change a decision."""

    @abstractmethod
    def count_decisions(self, by: Actor) -> int:
        """How many decisions somebody is told there are."""

    @abstractmethod
    def may_see_overview(self, start: datetime, by: Actor) -> bool:
        """Whether somebody is shown an overview."""

    @abstractmethod
    def may_use_batch(self, batch_id: UUID, by: Actor) -> tuple[str, str]:
        """Whether somebody can read a batch, and cancel it: "allowed", "refused" or "absent"."""

    def may_verify(self, by: Actor) -> str:
        """Whether somebody can verify the audit trail, which the API does not offer."""
        return _allowed(lambda: self.use_cases.verify_audit_trail(by=by))

    @abstractmethod
    def search(self, outcome: str | None = None) -> list[OnRecord]:
        """The decisions on record of an outcome."""

    @abstractmethod
    def overview(self, start: datetime, end: datetime | None = None, by: Actor = OFFICER) -> OverviewSeen | None:
        """What the decisions of a period come to; None when it is no period."""

    @abstractmethod
    def lets_in(self, name: str, password: str, address: str = OFFICE) -> bool:
        """Whether somebody can log in so, from an address of the network; then `tokens_of` has their token."""

    @abstractmethod
    def still_admits(self, name: str) -> bool:
        """Whether somebody who logged in before can go on without logging in again."""

    @abstractmethod
    def chooses_password(self, name: str, current: str, new: str) -> bool:
        """Whether somebody could change their own password."""

    def hire_with_password_for_once(self, name: str, password: str) -> None:
        """Let somebody log in who must choose a password of their own first."""
        add = AddUser(self.users, self.passwords, self.new_event)
        asyncio.run(add(name, Role.LOAN_OFFICER, password, by=OPERATOR, must_change=True))

    def let_pass(self, time: timedelta) -> None:
        """Time passes for whoever may not try to log in."""
        self.time_of_attempts.moment += time

    def work(self) -> None:
        """Have a worker decide whatever batches wait."""
        room = BatchRoom(self.batches, self.batches, self.decisions, self.decisions)
        asyncio.run(room.worker()(stopping=lambda: False))

    def batches_in_all(self) -> int:
        """How many batches there are."""
        return len(asyncio.run(self.batches.page(limit=100)).batches)

    @abstractmethod
    def hand_in(self, content: bytes, by: Actor, key: str | None = None) -> UUID | None:
        """The batch that a file becomes; None when the one who hands it in may not."""

    @abstractmethod
    def cancel_batch(self, batch_id: UUID, by: Actor) -> None:
        """Stop a batch."""

    @abstractmethod
    def batch(self, batch_id: UUID) -> tuple[str, int, int]:
        """A batch's state, decisions and refused rows."""

    @abstractmethod
    def batch_lines(self, batch_id: UUID, output: str) -> list[dict[str, str]]:
        """A batch's results or errors."""


class LenderThroughUseCases(Lender):
    """Calls the use cases."""

    def changed(self) -> None:
        """They are asked anew each time."""

    def apply(self, form: dict[str, Any], by: Actor = OFFICER) -> Answer | None:
        try:
            return _said(asyncio.run(self.use_cases.assess(_paper(form), by=by, channel="api")))
        except PermissionDenied:
            return None

    def differing(self, decision_id: UUID) -> list[str] | None:
        try:
            reproduction = asyncio.run(self.use_cases.reproduce(decision_id, by=AUDITOR))
        except VersionNotArchived:
            return None
        return [one.field for one in reproduction.comparison.differences]

    def find_counterfactual(self, decision_id: UUID) -> Told:
        explanation = asyncio.run(self.use_cases.find_counterfactual(decision_id, by=OFFICER))
        ways = (
            {change.name: _as_entered(change.name, change.instead) for change in one.changes}
            for one in explanation.counterfactuals
        )
        return Told(explanation.approved, tuple(ways))

    def apply_once(self, form: dict[str, Any], key: str, by: Actor = OFFICER) -> Answer | None:
        assess = self.use_cases.assess_once
        try:
            once = asyncio.run(assess(_paper(form), key=IdempotencyKey(key), by=by, channel="api"))
        except KeyReused:
            return None
        return replace(_said(once.record), again=once.again)

    def look_up(self, decision_id: UUID) -> OnRecord:
        record = asyncio.run(self.use_cases.read_decision(decision_id, by=OFFICER))
        return OnRecord(_said(record), record.requested_by.name)

    def may_look_up(self, decision_id: UUID, by: Actor) -> str:
        return _allowed(lambda: self.use_cases.read_decision(decision_id, by=by))

    def may_explain(self, decision_id: UUID, by: Actor) -> str:
        return _allowed(lambda: self.use_cases.find_counterfactual(decision_id, by=by))

    def count_decisions(self, by: Actor) -> int:
        return asyncio.run(self.use_cases.list_decisions(DecisionFilter(), by=by)).total

    def may_see_overview(self, start: datetime, by: Actor) -> bool:
        return _allowed(lambda: self.use_cases.read_overview(start, by=by)) == "allowed"

    def may_use_batch(self, batch_id: UUID, by: Actor) -> tuple[str, str]:
        batches = self.use_cases.batches
        return (
            _allowed(lambda: batches.read(batch_id, by=by)),
            _allowed(lambda: batches.cancel(batch_id, by=by)),
        )

    def search(self, outcome: str | None = None) -> list[OnRecord]:
        wanted = DecisionFilter(outcome=Outcome(outcome) if outcome else None)
        page = asyncio.run(self.use_cases.list_decisions(wanted, by=OFFICER))
        return [OnRecord(_said(record), record.requested_by.name) for record in page.records]

    def overview(self, start: datetime, end: datetime | None = None, by: Actor = OFFICER) -> OverviewSeen | None:
        try:
            dated = asyncio.run(self.use_cases.read_overview(start, end, by=by))
        except InvalidPeriod:
            return None
        found = dated.overview
        outcomes = found.outcomes
        return OverviewSeen(
            as_of=dated.as_of,
            decisions=outcomes.total,
            outcomes=(outcomes.approved, outcomes.referred, outcomes.declined),
            in_the_course_of_time=sum(step.total for step in found.course),
            asked=found.asked.dollars,
            mean_pd=found.mean_pd,
            reasons={REASONS[code].text: count for code, count in found.reasons},
            under_policy={one.policy_version: one.outcomes.total for one in found.versions},
        )

    def lets_in(self, name: str, password: str, address: str = OFFICE) -> bool:
        try:
            issued = asyncio.run(self.use_cases.issue_access_token(name, password, address=address))
        except (InvalidCredentials, TooManyAttempts, PasswordChangeRequired):
            return False
        self.tokens_of[name] = issued.token
        return True

    def still_admits(self, name: str) -> bool:
        try:
            return self.use_cases.identify_caller(self.tokens_of[name]).name == name
        except InvalidToken:
            return False

    def chooses_password(self, name: str, current: str, new: str) -> bool:
        try:
            asyncio.run(self.use_cases.change_own_password(name, current, new, address=OFFICE))
        except (InvalidCredentials, PasswordNotAllowed):
            return False
        return True

    def hand_in(self, content: bytes, by: Actor, key: str | None = None) -> UUID | None:
        named = None if key is None else IdempotencyKey(key)
        submit = self.use_cases.batches.submit
        try:
            return asyncio.run(submit(pieces(content), name="loans.csv", by=by, key=named)).batch.batch_id
        except PermissionDenied:
            return None

    def cancel_batch(self, batch_id: UUID, by: Actor) -> None:
        asyncio.run(self.use_cases.batches.cancel(batch_id, by=by))

    def batch(self, batch_id: UUID) -> tuple[str, int, int]:
        found = asyncio.run(self.use_cases.batches.read(batch_id, by=OFFICER))
        return found.state.value, found.progress.rows_decided, found.progress.rows_refused

    def batch_lines(self, batch_id: UUID, output: str) -> list[dict[str, str]]:
        async def read() -> bytes:
            parts = await self.use_cases.batches.output(batch_id, BatchOutput(output), by=OFFICER)
            return b"".join([part async for part in parts])

        return list(csv.DictReader(io.StringIO(asyncio.run(read()).decode())))


class LenderThroughHttp(Lender):
    """Calls the API with tokens, as a lender's systems do."""

    def __init__(self) -> None:
        super().__init__()
        self.changed()

    def changed(self) -> None:
        app = create_app(self.use_cases, version="test", trusted_proxies=["testclient"])
        self.client = TestClient(app, raise_server_exceptions=True)

    def apply(self, form: dict[str, Any], by: Actor = OFFICER) -> Answer | None:
        response = self.client.post("/api/v1/predictions", json=form, headers=self._as(by))
        if response.status_code == 403:
            return None
        assert response.status_code == 200, response.text
        return _read(response.json()["prediction"])

    def differing(self, decision_id: UUID) -> list[str] | None:
        response = self.client.get(f"/api/v1/decisions/{decision_id}/reproduction", headers=self._as(AUDITOR))
        if response.status_code == 409:
            return None
        assert response.status_code == 200, response.text
        told = response.json()
        assert told["identical"] == (not told["differences"])
        return [one["field"] for one in told["differences"]]

    def find_counterfactual(self, decision_id: UUID) -> Told:
        path = f"/api/v1/decisions/{decision_id}/counterfactual"
        response = self.client.get(path, headers=self._as(OFFICER))
        assert response.status_code == 200, response.text
        told = response.json()
        ways = (
            {change["field"]: change["instead"] for change in one["changes"]} for one in told["counterfactuals"]
        )
        return Told(told["outcome"] == "approved", tuple(ways))

    def apply_once(self, form: dict[str, Any], key: str, by: Actor = OFFICER) -> Answer | None:
        headers = self._as(by) | {"Idempotency-Key": key}
        response = self.client.post("/api/v1/predictions", json=form, headers=headers)
        if response.status_code == 422:
            return None
        assert response.status_code == 200, response.text
        again = response.headers.get("idempotent-replayed") == "true"
        return replace(_read(response.json()["prediction"]), again=again)

    def hand_in(self, content: bytes, by: Actor, key: str | None = None) -> UUID | None:
        headers = self._as(by) | {"Content-Type": "text/csv"} | ({"Idempotency-Key": key} if key else {})
        response = self.client.post("/api/v1/batches?name=loans.csv", content=content, headers=headers)
        if response.status_code == 403:
            return None
        assert response.status_code == 202, response.text
        return UUID(response.json()["batch_id"])

    def cancel_batch(self, batch_id: UUID, by: Actor) -> None:
        assert self.client.post(f"/api/v1/batches/{batch_id}/cancel", headers=self._as(by)).status_code == 200

    def batch(self, batch_id: UUID) -> tuple[str, int, int]:
        found = self.client.get(f"/api/v1/batches/{batch_id}", headers=self._as(OFFICER)).json()
        progress = found["progress"]
        decided = sum(progress[outcome] for outcome in ("approved", "referred", "declined"))
        return found["state"], decided, progress["rows_refused"]

    def batch_lines(self, batch_id: UUID, output: str) -> list[dict[str, str]]:
        response = self.client.get(f"/api/v1/batches/{batch_id}/{output}", headers=self._as(OFFICER))
        assert response.status_code == 200, response.text
        return list(csv.DictReader(io.StringIO(response.text)))

    def look_up(self, decision_id: UUID) -> OnRecord:
        response = self.client.get(f"/api/v1/decisions/{decision_id}", headers=self._as(OFFICER))
        assert response.status_code == 200, response.text
        return OnRecord(_read(response.json()["prediction"]), response.json()["requested_by"])

    def may_look_up(self, decision_id: UUID, by: Actor) -> str:
        return self._allowed("GET", f"/api/v1/decisions/{decision_id}", by)

    def may_explain(self, decision_id: UUID, by: Actor) -> str:
        return self._allowed("GET", f"/api/v1/decisions/{decision_id}/counterfactual", by)

    def count_decisions(self, by: Actor) -> int:
        response = self.client.get("/api/v1/decisions", headers=self._as(by))
        assert response.status_code == 200, response.text
        return int(response.json()["total"])

    def may_see_overview(self, start: datetime, by: Actor) -> bool:
        return self._allowed("GET", f"/api/v1/overview?{urlencode({'from': start.isoformat()})}", by) == "allowed"

    def may_use_batch(self, batch_id: UUID, by: Actor) -> tuple[str, str]:
        path = f"/api/v1/batches/{batch_id}"
        return self._allowed("GET", path, by), self._allowed("POST", f"{path}/cancel", by)

    def _allowed(self, method: str, path: str, by: Actor) -> str:
        response = self.client.request(method, path, headers=self._as(by))
        return {200: "allowed", 403: "refused", 404: "absent"}[response.status_code]

    def search(self, outcome: str | None = None) -> list[OnRecord]:
        wanted = {"outcome": outcome} if outcome else {}
        response = self.client.get("/api/v1/decisions", params=wanted, headers=self._as(OFFICER))
        assert response.status_code == 200, response.text
        return [OnRecord(_read(each["prediction"]), each["requested_by"]) for each in response.json()["decisions"]]

    def overview(self, start: datetime, end: datetime | None = None, by: Actor = OFFICER) -> OverviewSeen | None:
        wanted = {"from": start.isoformat()} | ({} if end is None else {"to": end.isoformat()})
        response = self.client.get("/api/v1/overview", params=wanted, headers=self._as(by))
        if response.status_code == 400:
            return None
        assert response.status_code == 200, response.text
        told = response.json()
        return OverviewSeen(
            as_of=datetime.fromisoformat(told["as_of"]),
            decisions=told["decisions"],
            outcomes=tuple(told["outcomes"].values()),
            in_the_course_of_time=sum(sum(step["outcomes"].values()) for step in told["course"]),
            asked=told["amount_requested"],
            mean_pd=told["mean_probability_of_default"],
            reasons={one["text"]: one["decisions"] for one in told["reasons"]},
            under_policy={one["policy_version"]: sum(one["outcomes"].values()) for one in told["versions"]},
        )

    def lets_in(self, name: str, password: str, address: str = OFFICE) -> bool:
        form = {"grant_type": "password", "username": name, "password": password}
        headers = {"X-Forwarded-For": address}
        answer = self.client.post("/api/v1/auth/token", data=form, headers=headers)
        if answer.status_code != 200:
            return False
        self.tokens_of[name] = answer.json()["access_token"]
        return True

    def still_admits(self, name: str) -> bool:
        headers = {"Authorization": f"Bearer {self.tokens_of[name]}"}
        return self.client.get("/api/v1/decisions", headers=headers).status_code == 200

    def chooses_password(self, name: str, current: str, new: str) -> bool:
        form = {"username": name, "current_password": current, "new_password": new}
        return self.client.post("/api/v1/auth/password", data=form).status_code == 204

    def _as(self, actor: Actor) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens.issue(actor).token}"}


def _allowed(ask: Callable[[], Coroutine[Any, Any, object]]) -> str:
    try:
        asyncio.run(ask())
    except PermissionDenied:
        return "refused"
    except (DecisionNotFound, BatchNotFound):
        return "absent"
    return "allowed"


def _as_entered(name: str, value: float) -> Any:
    if name == "term":
        return f"{value:.0f} months"
    return int(value) if name in {"inq_last_6mths", "fico_range_low"} else value


def _paper(form: dict[str, Any]) -> LoanApplication:
    return LoanApplication(
        Applicant(
            Money.of(form["annual_inc"]),
            EmploymentLength(form["emp_length"]),
            HomeOwnership(form["home_ownership"]),
            CreditHistory(
                FicoBand(form["fico_range_low"], form["fico_range_high"]),
                form["dti"],
                form["revol_util"],
                form["inq_last_6mths"],
                form["delinq_2yrs"],
                form["pub_rec"],
            ),
        ),
        LoanTerms(Money.of(form["loan_amnt"]), Term(int(form["term"].split()[0])), Purpose(form["purpose"])),
    )


def _said(record: DecisionRecord) -> Answer:
    decision = record.decision
    return Answer(
        decision_id=record.decision_id,
        outcome=decision.outcome.value,
        confidence=decision.confidence.value,
        default_predicted=decision.default_predicted,
        pd=record.prediction.pd.value,
        recommended=decision.recommended_amount.dollars,
        reasons=tuple(reason.text for reason in decision.reasons),
        out_of_domain=record.prediction.out_of_domain,
        model=record.model_version,
        policy=decision.policy_version,
    )


def _read(prediction: dict[str, Any]) -> Answer:
    return Answer(
        decision_id=UUID(prediction["decision_id"]),
        outcome=prediction["outcome"],
        confidence=prediction["confidence"],
        default_predicted=prediction["prediction"] == 1,
        pd=prediction["probability_of_default"],
        recommended=prediction["recommended_amount"],
        reasons=tuple(reason["text"] for reason in prediction["reasons"]),
        out_of_domain=tuple(msgspec.convert(prediction["out_of_domain"], list[str])),
        model=prediction["model_version"],
        policy=prediction["policy_version"],
    )
