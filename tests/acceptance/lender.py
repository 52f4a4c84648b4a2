"""The driver interface of the acceptance tests. The features run through the use cases and through HTTP."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

from acceptance.answers import (
    Answer,
    CaseAnswer,
    CaseDecisions,
    CounterfactualAnswer,
    FinalAnswer,
    ImportAnswer,
    LetterAnswer,
    LoanAnswer,
    NoticeAnswer,
    OverridesAnswer,
    OverviewData,
    ReconsiderationAnswer,
    RecordedDecision,
    Submission,
    VintageAnswer,
    WhatIfAnswer,
)
from adapters.memory.login_attempts import MemoryLoginAttempts
from adapters.memory.policy_in_force import RefreshedPolicyInForce
from adapters.memory.product_in_force import MemoryProductInForce
from adapters.memory.products import MemoryProducts
from adapters.memory.result_cache import MemoryResultCache
from adapters.messaging.signatures import RecipientSecrets
from adapters.scoring.bundles.archived_credit_models import ArchivedCreditModels
from adapters.scoring.bundles.bundle import parse_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from adapters.security.audit_signing import Ed25519Signer
from adapters.security.common_passwords import CommonPasswords
from adapters.security.passwords import Argon2PasswordHasher, generate_password
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.catalog import UseCases
from application.ports.audit.event_history import EventFilter, EventInHistory
from application.ports.batches.batches import BatchNotFound
from application.ports.decisions.decision_archive import DecisionFilter
from application.ports.operations.clock import Clock
from application.use_cases.access.administer_users import UserAdministration
from application.use_cases.access.change_own_password import ChangeOwnPassword
from application.use_cases.access.log_in import IdentifyCaller, IssueAccessToken, LogIn
from application.use_cases.access.login_records import FailedLogins, LoginRecords
from application.use_cases.access.manage_users import AddUser, ChangePassword, ChangeRole, RemoveUser
from application.use_cases.access.web_sessions import ManageWebSessions
from application.use_cases.applications.application_use_cases import ApplicationUseCases
from application.use_cases.audit.contains_synthetic import ContainsSynthetic
from application.use_cases.audit.create_checkpoint import CreateCheckpoint
from application.use_cases.audit.event_factory import EventFactory
from application.use_cases.audit.export_evidence import ExportEvidence
from application.use_cases.audit.verification_result import Verification
from application.use_cases.batches.batch_use_cases import BatchUseCases
from application.use_cases.cases.read_final_decision import ReadFinalDecision
from application.use_cases.cases.read_overrides import ReadOverrides
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication
from application.use_cases.decisions.assess_many import AssessMany
from application.use_cases.decisions.assess_once import AssessOnce
from application.use_cases.decisions.find_counterfactual import FindCounterfactual
from application.use_cases.decisions.read_decisions import DecisionNotFound, ListDecisions
from application.use_cases.decisions.reproduce_decision import ReproduceDecision
from application.use_cases.decisions.try_what_if import TryWhatIf
from application.use_cases.models.archive_versions import ArchiveVersions
from application.use_cases.monitoring.read_overview import ReadOverview
from application.use_cases.operations.check_health import CheckHealth
from application.use_cases.outcomes.import_next_outcomes import ImportNextOutcomes
from application.use_cases.policies.activate_policy import ActivatePolicy
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicies, FindDecidingPolicy
from application.use_cases.policies.read_policy_in_force import ReadPolicyInForce
from application.use_cases.products.read_product_in_force import ReadProductInForce
from application.use_cases.products.read_product_of import ReadProductOf
from application.use_cases.webhooks.webhook_use_cases import WebhookUseCases
from domain.access.password_policy import PasswordPolicy
from domain.access.user import Actor, LastAdmin, PermissionDenied, Role
from domain.applications.money import Money
from domain.audit.checkpoint_copy import CheckpointCopy
from domain.audit.event import EventKind
from domain.batches.file_conventions import AS_DEFINED, FileConventions
from domain.monitoring.overview_filter import DEFAULT_FILTER, OverviewFilter
from domain.month import Month
from domain.notices.letterhead import Letterhead
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN
from support.anyone import TokensForAnyone
from support.batches import BatchStore
from support.builders import login_limits
from support.evidence import export_evidence_over
from support.memory.applicant_histories import MemoryApplicantHistories
from support.memory.applications import MemoryApplications
from support.memory.audit import AuditUseCases
from support.memory.batches import MemoryBatches
from support.memory.case_use_cases import cases_over, read_decision_over
from support.memory.cases import MemoryCases
from support.memory.checkpoints import MemoryCheckpoints
from support.memory.clock import FixedClock
from support.memory.decisions import MemoryDecisions
from support.memory.event_history import MemoryEventHistory
from support.memory.evidence_records import MemoryEvidenceRecords
from support.memory.figures import MemoryDecisionFigures
from support.memory.notice_use_cases import notices_over
from support.memory.outcomes import MemoryLoanOutcomes, MemoryOutcomeImports, outcomes_over
from support.memory.override_records import MemoryOverrideRecords
from support.memory.policy_activations import MemoryPolicyActivations
from support.memory.reconsiderations import reconsiderations_over
from support.memory.security_events import MemorySecurityEvents
from support.memory.subscriptions import MemoryWebhookSubscriptions
from support.memory.superseding import superseding_over
from support.memory.users import MemoryUsers
from support.memory.verification_reports import MemoryVerificationReports
from support.memory.versions import MemoryBundles, MemoryPolicies, MemoryStoredVersions
from support.memory.web_sessions import MemoryWebSessions
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT
from support.outcome_files import LocalOutcomeFiles

OFFICER = Actor("Olga", Role.LOAN_OFFICER)
AUDITOR = Actor("Arthur", Role.AUDITOR)
OPERATOR = "os:ada"
"""The operating system account that manages users."""
OFFICE = "192.0.2.1"
"""The network address of the lender's office."""


class AdjustableClock(Clock):
    """The system time plus an offset."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.offset


@cache
def _champion() -> TableCreditModel:
    return TableCreditModel(parse_bundle(CHAMPION, "the champion", PERSONAL_LOAN))


class AlterableDecisions(MemoryDecisions):
    """Decisions that an intruder can alter without the service."""

    def alter(self, decision_id: UUID) -> None:
        """Alter the recommended amount."""
        record = self._records[decision_id]
        self._records[decision_id] = replace(
            record, decision=replace(record.decision, recommended_amount=Money(1))
        )

    def remove_last(self, count: int) -> None:
        """Remove the last decisions and their audit entries."""
        for entry in self._entries[-count:]:
            del self._records[entry.subject]
        del self._entries[-count:]

    def remove(self, places: Iterable[int]) -> None:
        """Remove decisions, counted from 1, but not their audit entries."""
        for place in places:
            del self._records[self._entries[place - 1].subject]

    def insert_without_entry(self, template: UUID) -> None:
        """Insert a decision without an audit entry."""
        forged = replace(self._records[template], decision_id=uuid4())
        self._records[forged.decision_id] = forged


class Lender(ABC):
    """A lender that uses the service, with in-memory storage."""

    def __init__(self) -> None:
        self.bundles, self.policies = MemoryBundles(), MemoryPolicies()
        asyncio.run(
            ArchiveVersions(self.bundles, MemoryProducts(), self.policies)(
                CHAMPION_FINGERPRINT, CHAMPION, POLICY_3
            )
        )
        self.decisions = AlterableDecisions()
        self.histories = MemoryApplicantHistories(self.decisions)
        self.users = MemoryUsers(self.decisions)
        self.results = MemoryResultCache()
        self.checkpoints = MemoryCheckpoints(self.decisions)
        self.signer = Ed25519Signer(b"s" * 32)
        self.passwords = Argon2PasswordHasher(passes=1, memory_kib=64)
        self.clock = clock = AdjustableClock()
        self.new_event = EventFactory(clock, TimeOrderedIdentifiers())
        self.tokens = TokensForAnyone(b"k" * 32, clock, self.users)
        self.tokens_of: dict[str, str] = {}
        self.batches = MemoryBatches(self.decisions)
        self.login_clock = FixedClock(clock.now())
        self.login_records = LoginRecords(self.decisions, self.new_event, FailedLogins(clock), "api", self.users)
        self.attempts = attempts = MemoryLoginAttempts(login_limits(), self.login_clock, self.decisions)
        log_in = LogIn(self.users, self.passwords, attempts, self.login_records)
        self.activations = MemoryPolicyActivations(self.policies, self.decisions)
        self.activations.put_in_force(POLICY_3)
        self.policy = RefreshedPolicyInForce(self.activations, self.policies, MemoryProductInForce(PERSONAL_LOAN))
        asyncio.run(self.policy.refresh())
        assess = AssessLoanApplication(
            model=_champion(),
            cache=None,
            policy=self.policy,
            ledger=self.decisions,
            clock=clock,
            identifiers=TimeOrderedIdentifiers(),
            histories=self.histories,
        )
        self.security_events = MemorySecurityEvents()
        self.web_sessions = MemoryWebSessions(self.decisions)
        self.audit = AuditUseCases.over(
            self.decisions,
            self.checkpoints,
            self.decisions,
            MemoryEventHistory(self.decisions),
            clock,
            self.signer,
            MemoryStoredVersions(self.bundles, self.policies),
        )
        applications, cases = MemoryApplications(self.decisions), MemoryCases(self.decisions)
        supersede = superseding_over(assess, self.decisions)
        reconsiderations = reconsiderations_over(
            self.decisions, applications, cases, self.policies, clock, supersede
        )
        self.outcome_imports = MemoryOutcomeImports(self.decisions)
        self.use_cases = UseCases(
            assess=assess,
            assess_once=AssessOnce(assess),
            assess_many=AssessMany(assess),
            supersede=supersede,
            read_decision=read_decision_over(self.decisions, self.policies),
            list_decisions=ListDecisions(self.decisions),
            read_final_decision=ReadFinalDecision(MemoryCases(self.decisions)),
            read_overrides=ReadOverrides(MemoryOverrideRecords(self.decisions), clock),
            read_overview=ReadOverview(MemoryDecisionFigures(self.decisions), clock),
            read_policy_in_force=ReadPolicyInForce(self.policy),
            find_deciding_policy=FindDecidingPolicy(MemoryProducts(PERSONAL_LOAN), self.policies),
            find_deciding_policies=FindDecidingPolicies(MemoryProductInForce(PERSONAL_LOAN), self.policies),
            read_product_in_force=ReadProductInForce(MemoryProductInForce(PERSONAL_LOAN)),
            read_product_of=ReadProductOf(MemoryProductInForce(PERSONAL_LOAN), MemoryProducts(PERSONAL_LOAN)),
            verify_audit_trail=self.audit.verify_audit_trail,
            list_events=self.audit.list_events,
            contains_synthetic=ContainsSynthetic(MemoryEventHistory(self.decisions)),
            read_last_verifications=self.audit.read_last_verifications,
            list_verifications=self.audit.list_verifications,
            read_verification=self.audit.read_verification,
            export_evidence=self._export_evidence(),
            reproduce=ReproduceDecision(
                read_decision_over(self.decisions, self.policies),
                MemoryProducts(PERSONAL_LOAN),
                ArchivedCreditModels(self.bundles),
                self.policies,
            ),
            find_counterfactual=FindCounterfactual(
                read_decision_over(self.decisions, self.policies),
                MemoryProducts(PERSONAL_LOAN),
                ArchivedCreditModels(self.bundles),
                self.policies,
                self.results,
            ),
            try_what_if=TryWhatIf(
                MemoryProducts(PERSONAL_LOAN),
                ArchivedCreditModels(self.bundles),
                self.policies,
                _champion(),
                self.policy,
                self.histories,
                clock,
            ),
            log_in=log_in,
            issue_access_token=IssueAccessToken(log_in, self.tokens),
            identify_caller=IdentifyCaller(self.tokens, self.tokens.directory),
            change_own_password=ChangeOwnPassword(
                log_in, self.users, self.passwords, PasswordPolicy(CommonPasswords()), self.new_event
            ),
            web_sessions=ManageWebSessions(self.web_sessions, self.tokens.directory, clock),
            user_administration=UserAdministration.over(
                users=self.users,
                passwords=self.passwords,
                attempts=attempts,
                web_sessions=self.web_sessions,
                directory=self.tokens.directory,
                clock=clock,
                idle=timedelta(minutes=30),
                new_event=self.new_event,
                generate_password=generate_password,
            ),
            security_events=self.security_events,
            clock=clock,
            applications=ApplicationUseCases.over(
                applications=applications,
                histories=self.histories,
                cases=cases,
                final_decisions=cases,
                deciding_policy=FindDecidingPolicy(MemoryProducts(PERSONAL_LOAN), self.policies),
                clock=clock,
                identifiers=TimeOrderedIdentifiers(),
            ),
            reconsiderations=reconsiderations,
            notices=notices_over(
                self.decisions, cases, self.policies, ArchivedCreditModels(self.bundles), clock, reconsiderations
            ),
            cases=cases_over(
                self.decisions,
                self.users,
                self.policies,
                clock,
                ArchivedCreditModels(self.bundles),
                self.policy,
                applications,
                cases,
            ),
            outcomes=outcomes_over(self.decisions, applications, self.policies, clock, self.outcome_imports),
            batches=BatchUseCases.over(
                self.batches,
                clock,
                TimeOrderedIdentifiers(),
                final_decisions=MemoryCases(self.decisions),
            ),
            webhooks=WebhookUseCases.over(
                self.batches.outbox,
                MemoryWebhookSubscriptions(self.batches.outbox),
                RecipientSecrets(b"k" * 32),
                clock,
                TimeOrderedIdentifiers(),
            ),
            check_health=CheckHealth(()),
        )

    def _export_evidence(self) -> ExportEvidence:
        return export_evidence_over(
            self.decisions,
            MemoryEvidenceRecords(self.decisions, self.checkpoints),
            self.checkpoints,
            self.decisions,
            MemoryProducts(PERSONAL_LOAN),
            self.policies,
            self.bundles,
            self.clock,
            self.signer,
        )

    def activate(self, bundle: dict[str, bytes], policy: ScoringPolicy) -> None:
        """Activate a model and a policy; both are archived, as at service start."""
        model = TableCreditModel(parse_bundle(bundle, "the bundle in force", PERSONAL_LOAN))
        asyncio.run(
            ArchiveVersions(self.bundles, MemoryProducts(), self.policies)(
                model.version.fingerprint, bundle, policy
            )
        )
        self.activations.put_in_force(policy)
        asyncio.run(self.policy.refresh())
        assess = replace(self.use_cases.assess, model=model)
        self.use_cases = replace(
            self.use_cases,
            assess=assess,
            assess_once=AssessOnce(assess),
            assess_many=AssessMany(assess),
            supersede=replace(self.use_cases.supersede, assess=assess),
            try_what_if=replace(self.use_cases.try_what_if, model=model),
        )
        self.use_cases_changed()

    def activate_policy(self, policy: ScoringPolicy, *, by: Actor) -> None:
        """Activate a policy, which every process follows without a restart."""
        asyncio.run(ActivatePolicy(self.activations, self.new_event)(policy, by=by))
        asyncio.run(self.policy.refresh())

    @abstractmethod
    def shown_application(self, decision_id: UUID) -> dict[str, Any]:
        """The name of a decision's product, and the values of its application by field."""

    @abstractmethod
    def use_cases_changed(self) -> None:
        """Called after `use_cases` is replaced."""

    def add_user(self, name: str, role: Role, password: str) -> None:
        asyncio.run(AddUser(self.users, self.passwords, self.new_event)(name, role, password, by=OPERATOR))

    def reset_password(self, name: str, password: str) -> None:
        asyncio.run(ChangePassword(self.users, self.passwords, self.new_event)(name, password, by=OPERATOR))

    def change_role(self, name: str, role: Role, *, by: str = OPERATOR) -> bool:
        """Whether the change of role was accepted."""
        return self._succeeds(ChangeRole(self.users, self.new_event)(name, role, by=by))

    def remove_user(self, name: str) -> bool:
        """Whether the removal was accepted."""
        return self._succeeds(RemoveUser(self.users, self.new_event)(name, by=OPERATOR))

    def _succeeds(self, change: Coroutine[Any, Any, None]) -> bool:
        try:
            asyncio.run(change)
        except LastAdmin:
            return False
        return True

    def role_changes(self) -> list[tuple[str, str, str]]:
        """The role changes in the audit trail: administrator, user, role."""

        async def read() -> list[tuple[str, str, str]]:
            documents = [
                json.loads(document or b"")
                async for entry, document in self.decisions.entries()
                if entry.action == EventKind.ROLE_CHANGED
            ]
            return [(each["actor"], each["details"]["user"], each["details"]["role"]) for each in documents]

        return asyncio.run(read())

    def events(self, **wanted: Any) -> list[EventInHistory]:
        """The events that the auditor finds, newest first, after the service recorded failed logins."""
        asyncio.run(self.login_records.record_failures())
        page = asyncio.run(self.use_cases.list_events(EventFilter(**wanted), by=AUDITOR))
        return list(page.events)

    def verify_incrementally(self) -> Verification:
        """Verify what was added to the audit trail since the last verification."""
        return self.verify(whole=False)

    def verify(self, archived: Collection[Month] = (), *, whole: bool = True) -> Verification:
        """Verify the audit trail, with some months declared as archived."""
        return asyncio.run(self.use_cases.verify_audit_trail(by=AUDITOR, whole=whole, archived=archived))

    def copy_checkpoint(self) -> None:
        """The auditor keeps a copy of the newest checkpoint."""
        newest = asyncio.run(self.checkpoints.last())
        assert newest is not None
        self.checkpoint_copy = CheckpointCopy.read(CheckpointCopy.of(newest).line())

    def verify_with_copy(self) -> Verification:
        """Verify the audit trail against the copy of a checkpoint."""
        return asyncio.run(self.use_cases.verify_audit_trail(by=AUDITOR, copies=[self.checkpoint_copy]))

    def create_checkpoint(self, signer: Ed25519Signer | None = None) -> None:
        """Create a checkpoint, as the service does every minute."""
        make = CreateCheckpoint(self.checkpoints, signer or self.signer, SystemClock())
        assert asyncio.run(make(by=AUDITOR)) is not None

    def forge_checkpoint(self) -> None:
        """Replace the checkpoints with one signed by another key."""
        self.checkpoints._kept.clear()
        self.create_checkpoint(Ed25519Signer(b"x" * 32))

    def alter_stored_policy(self) -> None:
        """Replace the stored document of the policy."""
        self.policies._policies[POLICY_3.fingerprint] = replace(POLICY_3, decline_from=0.25)

    def remove_stored_policy(self) -> None:
        del self.policies._policies[POLICY_3.fingerprint]

    def remove_checkpoints(self, count: int) -> None:
        del self.checkpoints._kept[-count:]

    @abstractmethod
    def apply(self, form: dict[str, Any], by: Actor = OFFICER) -> Answer | None:
        """The decision on an application; None if the user may not apply."""

    @abstractmethod
    def submit(self, form: dict[str, Any], by: Actor) -> Submission:
        """The response to an application, which may be decided again."""

    @abstractmethod
    def links(self, decision_id: UUID, by: Actor) -> tuple[UUID | None, str | None, UUID | None]:
        """Which decision this one superseded and why, and which superseded it."""

    @abstractmethod
    def application(self, decision_id: UUID, by: Actor) -> tuple[str, float | None] | None:
        """The state of the application of a decision, and the accepted amount in dollars; None if not found."""

    @abstractmethod
    def accept(self, decision_id: UUID, amount: float | None, by: Actor, key: str | None = None) -> str:
        """Accept the offer, of this amount in dollars; why it is refused, or empty."""

    @abstractmethod
    def withdraw(self, decision_id: UUID, reason: str, by: Actor) -> str:
        """Withdraw the application; why it is refused, or empty."""

    @abstractmethod
    def report_loan(
        self,
        decision_id: UUID,
        status: str,
        as_of: date,
        booked_on: date,
        *,
        by: Actor,
        corrects: UUID | None = None,
        reason: str = "",
    ) -> str:
        """Record an outcome of a loan, or correct one; why it is refused, or empty."""

    @abstractmethod
    def loan(self, decision_id: UUID, by: Actor) -> LoanAnswer:
        """What became of the loan of an accepted application."""

    @abstractmethod
    def vintages(self, by: Actor, source: str | None) -> list[VintageAnswer]:
        """Expected and observed default by month of booking; raises PermissionDenied."""

    @abstractmethod
    def import_outcomes(self, content: bytes, by: Actor) -> ImportAnswer:
        """Import a file of outcomes."""

    def work_imports(self) -> None:
        """Do what the worker does with files of outcomes."""
        with TemporaryDirectory() as folder:
            files = LocalOutcomeFiles(Path(folder))
            outcomes, identifiers = MemoryLoanOutcomes(self.decisions), TimeOrderedIdentifiers()
            work = ImportNextOutcomes(self.outcome_imports, lambda: files, outcomes, self.clock, identifiers)
            asyncio.run(work(stopping=lambda: False))

    def trail_entries(self, action: str) -> list[str]:
        """Who did this action, by the audit trail."""

        async def read() -> list[str]:
            return [entry.actor async for entry, _ in self.decisions.entries() if entry.action == action]

        return asyncio.run(read())

    @abstractmethod
    def take_next_case(self, *, by: Actor, key: str | None = None) -> UUID | None:
        """The case that the person takes from the queue; None if no case waits."""

    @abstractmethod
    def work_case(self, verb: str, case_id: UUID, *, by: Actor, text: str = "", seen: int | None = None) -> str:
        """Do this to a case as last read, or as seen before. Why it was refused; empty if it was done.

        The verb is claim, release, reassign (to the user `text`), note, ask, answer or renew.
        """

    @abstractmethod
    def case(self, case_id: UUID) -> CaseAnswer:
        """A case as an underwriter sees it."""

    @abstractmethod
    def decide_case(self, path: str, case_id: UUID, body: dict[str, Any], *, by: Actor) -> str:
        """Resolve a case or what belongs to that, as last read. Why it was refused; empty if it was done.

        The path is resolution, second-approval, own-view, quality-review or conditions/NUMBER, the body as posted.
        """

    @abstractmethod
    def case_decisions(self, case_id: UUID, by: Actor) -> CaseDecisions:
        """What was decided on a case, as a person sees it."""

    @abstractmethod
    def open_review(self, decision_id: UUID, reason: str, by: Actor) -> tuple[UUID | None, str]:
        """The new case, or why it was refused."""

    @abstractmethod
    def disagreements(self, by: Actor) -> list[tuple[UUID, str, str]]:
        """The cases in which a second reviewer disagreed, with the maker and the reviewer."""

    @abstractmethod
    def final_outcome(self, decision_id: UUID, by: Actor) -> FinalAnswer:
        """What became of a decision."""

    @abstractmethod
    def decisions_with(self, final_outcome: str, by: Actor) -> set[UUID]:
        """The decisions that are listed with a final outcome."""

    @abstractmethod
    def final_outcomes(self, start: datetime, by: Actor) -> tuple[int, int, int, int]:
        """The approved, counter-offered, declined and undecided ones of the overview since `start`."""

    @abstractmethod
    def overrides(self, start: datetime, by: Actor, officer: str | None = None) -> OverridesAnswer:
        """The override figures since `start`; raises PermissionDenied."""

    @abstractmethod
    def letter(self, decision_id: UUID, by: Actor) -> LetterAnswer:
        """The letter of the only notice that is due on a decision."""

    @abstractmethod
    def notices_of(self, application_id: UUID, by: Actor) -> list[NoticeAnswer]:
        """The notices on an application that a user sees, in the order in which they became due."""

    @abstractmethod
    def issue_notice(self, notice_id: UUID, *, by: Actor, seen: int) -> str:
        """Issue a notice. Why it was refused; empty if it was done."""

    @abstractmethod
    def record_delivery(self, notice_id: UUID, method: str, *, by: Actor, returned: bool = False) -> str:
        """Record that the letter was delivered today, or came back. Why it was refused; empty if it was done."""

    @abstractmethod
    def issued_letter(self, notice_id: UUID, *, by: Actor, form: str = "pdf") -> bytes:
        """The letter that was issued; empty if it was altered."""

    def trail_documents(self, action: str) -> list[str]:
        """The documents of this action on the audit trail."""

        async def read() -> list[str]:
            found = self.decisions.entries()
            return [(document or b"").decode() async for entry, document in found if entry.action == action]

        return asyncio.run(read())

    def write_letters_with(self, letterhead: Letterhead) -> None:
        """Make letters with another letterhead."""
        notices = self.use_cases.notices
        draft = notices.preview.draft
        settings = replace(draft.make_content.settings, letterhead=letterhead)
        draft = replace(draft, make_content=replace(draft.make_content, settings=settings))
        notices = replace(notices, preview=replace(notices.preview, draft=draft))
        self.use_cases = replace(self.use_cases, notices=notices)
        self.use_cases_changed()

    @abstractmethod
    def case_queue(self, by: Actor) -> list[UUID]:
        """The unfinished cases, in their order."""

    @abstractmethod
    def reproduction_differences(self, decision_id: UUID) -> list[str] | None:
        """The fields that differ when the decision is reproduced; None if it cannot be reproduced."""

    @abstractmethod
    def find_counterfactual(self, decision_id: UUID) -> CounterfactualAnswer:
        """The options for approval of a decision."""

    @abstractmethod
    def apply_with_key(self, form: dict[str, Any], key: str, by: Actor = OFFICER) -> Answer | None:
        """The decision on an application with an idempotency key; None if the key was used differently."""

    @abstractmethod
    def read_decision(self, decision_id: UUID) -> RecordedDecision:
        """The recorded decision."""

    @abstractmethod
    def is_synthetic(self, decision_id: UUID) -> bool:
        """Whether a decision is marked as made up by the demonstration."""

    @abstractmethod
    def identity_of(self, decision_id: UUID) -> dict[str, Any]:
        """The caller's own data of a recorded decision, as far as it was given."""

    @abstractmethod
    def try_what_if(
        self, form: dict[str, Any], by: Actor, decision_id: UUID | None = None, versions: str = "decision"
    ) -> WhatIfAnswer | None:
        """What would be decided on an application, or on that of a decision with changes; None if not allowed."""

    @abstractmethod
    def decision_withheld(self, decision_id: UUID, by: Actor) -> bool:
        """Whether a user is refused the decision until an own view is entered."""

    @abstractmethod
    def queued_grades(self, by: Actor) -> dict[UUID, str]:
        """The grades of unfinished cases that a user sees in the list, by case."""

    @abstractmethod
    def related_to(self, decision_id: UUID) -> list[UUID]:
        """The other decisions of the applicant that a decision names."""

    @abstractmethod
    def find(self, wanted: DecisionFilter, by: Actor) -> list[UUID]:
        """The decisions that a user finds, in the order of the filter."""

    @abstractmethod
    def can_read(self, decision_id: UUID, by: Actor) -> str:
        """Whether a user can read a decision: "allowed", "refused" or "absent"."""

    @abstractmethod
    def can_explain(self, decision_id: UUID, by: Actor) -> str:
        """Whether a user can see the explanation: "allowed", "refused" or "absent"."""

    @abstractmethod
    def decision_count(self, by: Actor) -> int:
        """The number of decisions visible to a user."""

    @abstractmethod
    def can_see_overview(self, start: datetime, by: Actor) -> bool:
        """Whether a user can see the overview."""

    @abstractmethod
    def can_use_batch(self, batch_id: UUID, by: Actor) -> tuple[str, str]:
        """Whether a user can read and cancel a batch: each "allowed", "refused" or "absent"."""

    @abstractmethod
    def export_evidence(self, decision_id: UUID | None, by: Actor) -> bytes | None:
        """Evidence on a decision, or on all (None), as a zip file; None if the user may not export it."""

    @abstractmethod
    def verification_report(self) -> tuple[dict[str, Any], str]:
        """The report of the last verification, and what is wrong with it."""

    def last_verification(self) -> UUID:
        """The identifier of the last verification."""
        return self.events(kinds=[EventKind.TRAIL_VERIFIED])[0].event_id

    def alter_report(self) -> None:
        """Alter the stored report of the last verification."""
        reports = self.use_cases.read_verification.recorded.reports
        assert isinstance(reports, MemoryVerificationReports)
        event_id = self.last_verification()
        reports.documents[event_id] = reports.documents[event_id].replace(b"broken", b"intact")

    def can_verify(self, by: Actor) -> str:
        """Whether a user can verify the audit trail. The API does not offer it, so this calls the use case."""
        return result_of(lambda: self.use_cases.verify_audit_trail(by=by))

    @abstractmethod
    def search(self, outcome: str | None = None) -> list[RecordedDecision]:
        """The recorded decisions with an outcome."""

    @abstractmethod
    def amounts_of_channel(self, channel: str) -> list[float]:
        """The amounts requested through a channel, listed from the largest on."""

    @abstractmethod
    def unreadable(self) -> dict[UUID, str]:
        """The listed decisions whose record cannot be read, and why."""

    @abstractmethod
    def faults_of(self, decision_id: UUID) -> tuple[str, str]:
        """What opening and reproducing an unreadable decision says."""

    @abstractmethod
    def overview(
        self,
        start: datetime,
        end: datetime | None = None,
        by: Actor = OFFICER,
        wanted: OverviewFilter = DEFAULT_FILTER,
    ) -> OverviewData | None:
        """The figures of a period; None if the period is invalid."""

    @abstractmethod
    def log_in(self, name: str, password: str, address: str = OFFICE) -> bool:
        """Whether the log-in succeeds from an address; if so, `tokens_of` holds the token."""

    @abstractmethod
    def is_logged_in(self, name: str) -> bool:
        """Whether the user's access from an earlier log-in is still valid."""

    @abstractmethod
    def change_password(self, name: str, current: str, new: str) -> bool:
        """Whether the change of password was accepted."""

    @abstractmethod
    def administer(self, action: str, name: str, *, by: Actor, role: Role | None = None) -> str | None:
        """The generated password, or an empty text; None if the user may not administer the other one so."""

    def add_user_with_initial_password(self, name: str, password: str) -> None:
        """Add a loan officer who must change the password before logging in."""
        add = AddUser(self.users, self.passwords, self.new_event)
        asyncio.run(add(name, Role.LOAN_OFFICER, password, by=OPERATOR, must_change=True))

    def advance_clock(self, time: timedelta) -> None:
        """Advance the time that limits log-in attempts."""
        self.login_clock.moment += time

    def process_batches(self) -> None:
        """Run a worker until no batches are waiting."""
        batch_store = BatchStore(
            self.batches,
            self.batches,
            self.decisions,
            self.decisions,
            self.histories,
            self.use_cases.supersede.record,
        )
        worker = batch_store.worker(policy=self.policy, clock=self.clock)
        asyncio.run(worker(stopping=lambda: False))

    def batch_count(self) -> int:
        return len(asyncio.run(self.batches.page(limit=100)).batches)

    @abstractmethod
    def upload_batch(
        self,
        content: bytes,
        by: Actor,
        key: str | None = None,
        *,
        conventions: FileConventions = AS_DEFINED,
        keep: str = "",
        trial: bool = False,
    ) -> UUID | None:
        """The batch created from a file; None if the user may not upload it."""

    def answer_requests(self) -> None:
        """What happens every minute: finished cases answer the requests of applicants."""
        asyncio.run(self.use_cases.reconsiderations.answer_requests())

    @abstractmethod
    def make_applicant_link(self, decision_id: UUID, by: Actor) -> str:
        """The token of a new link of the application."""

    @abstractmethod
    def revoke_applicant_links(self, decision_id: UUID, by: Actor) -> None:
        """Revoke the links of the application."""

    @abstractmethod
    def applicant_page(self, token: str) -> str:
        """What the applicant reads by the link, as plain text."""

    @abstractmethod
    def ask_by_link(self, token: str, kind: str, stated: Mapping[str, str], text: str, form: str) -> str:
        """The applicant asks for something; why it is refused, or empty."""

    @abstractmethod
    def reconsiderations(self, decision_id: UUID, by: Actor) -> list[ReconsiderationAnswer]:
        """What was asked for on the application, the last request first."""

    @abstractmethod
    def accept_correction(self, decision_id: UUID, by: Actor) -> str:
        """Accept the applicant's last correction; why it is refused, or empty."""

    @abstractmethod
    def subscribe(self, events: Sequence[str], *, by: Actor) -> str:
        """Subscribe to events; why it was refused, or empty."""

    @abstractmethod
    def end_subscriptions(self, *, by: Actor) -> None:
        """End all subscriptions of the actor."""

    @abstractmethod
    def cancel_batch(self, batch_id: UUID, by: Actor) -> None:
        """Cancel a batch."""

    @abstractmethod
    def batch(self, batch_id: UUID) -> tuple[str, int, int]:
        """The batch's state, decisions and rejected rows."""

    @abstractmethod
    def batch_fault(self, batch_id: UUID) -> str:
        """Why the batch failed."""

    @abstractmethod
    def batch_lines(self, batch_id: UUID, output: str) -> list[dict[str, str]]:
        """The batch's results or errors."""


def result_of(ask: Callable[[], Coroutine[Any, Any, object]]) -> str:
    try:
        asyncio.run(ask())
    except PermissionDenied:
        return "refused"
    except (DecisionNotFound, BatchNotFound):
        return "absent"
    return "allowed"
