"""A lender with in-memory storage, the real model and policy, a user of each role, and errors on demand."""

from collections.abc import Sequence
from datetime import timedelta

from adapters.memory.login_attempts import MemoryLoginAttempts
from adapters.memory.product_in_force import MemoryProductInForce
from adapters.memory.products import MemoryProducts
from adapters.memory.result_cache import MemoryResultCache
from adapters.messaging.signatures import RecipientSecrets
from adapters.scoring.bundles.archived_credit_models import ArchivedCreditModels
from adapters.scoring.bundles.bundle import load_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from adapters.security.audit_signing import Ed25519Signer
from adapters.security.common_passwords import CommonPasswords
from adapters.security.passwords import Argon2PasswordHasher, generate_password
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.catalog import UseCases
from application.ports.decisions.idempotency import Claim
from application.ports.operations.clock import Clock
from application.use_cases.access.administer_users import UserAdministration
from application.use_cases.access.change_own_password import ChangeOwnPassword
from application.use_cases.access.log_in import IdentifyCaller, IssueAccessToken, LogIn
from application.use_cases.access.login_records import FailedLogins, LoginRecords
from application.use_cases.access.web_sessions import ManageWebSessions
from application.use_cases.applications.application_use_cases import ApplicationUseCases
from application.use_cases.audit.contains_synthetic import ContainsSynthetic
from application.use_cases.audit.event_factory import EventFactory
from application.use_cases.batches.batch_use_cases import BatchUseCases
from application.use_cases.cases.read_final_decision import ReadFinalDecision
from application.use_cases.cases.read_overrides import ReadOverrides
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication
from application.use_cases.decisions.assess_many import AssessMany
from application.use_cases.decisions.assess_once import AssessOnce
from application.use_cases.decisions.find_counterfactual import FindCounterfactual
from application.use_cases.decisions.read_decisions import ListDecisions
from application.use_cases.decisions.reproduce_decision import ReproduceDecision
from application.use_cases.decisions.try_what_if import TryWhatIf
from application.use_cases.models.archive_versions import ArchiveVersions
from application.use_cases.monitoring.read_overview import ReadOverview
from application.use_cases.operations.check_health import CheckHealth
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicies, FindDecidingPolicy
from application.use_cases.policies.read_policy_in_force import ReadPolicyInForce
from application.use_cases.products.read_product_in_force import ReadProductInForce
from application.use_cases.products.read_product_of import ReadProductOf
from application.use_cases.webhooks.webhook_use_cases import WebhookUseCases
from domain.access.password_policy import PasswordPolicy
from domain.access.user import Actor, Role, User
from domain.applications.application_identity import NO_IDENTITY, ApplicationIdentity
from domain.batches.quota import BatchQuota
from domain.decisions.decision_record import DecisionRecord
from domain.monitoring.overview import Overview
from domain.monitoring.overview_filter import DEFAULT_FILTER, OverviewFilter
from domain.monitoring.period import Period
from domain.outcomes.loan_outcome import StatedOutcome
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.configuration.setting_readers import PROJECT
from entrypoints.ui.applications.application_form import application_from, sample_of
from support.anyone import TokensForAnyone
from support.builders import login_limits
from support.evidence import export_evidence_over
from support.memory.applicant_histories import MemoryApplicantHistories
from support.memory.applications import MemoryApplications
from support.memory.audit import AuditUseCases
from support.memory.batches import MemoryBatches
from support.memory.case_use_cases import cases_over, read_decision_over
from support.memory.cases import MemoryCases
from support.memory.checkpoints import MemoryCheckpoints
from support.memory.decisions import MemoryDecisions
from support.memory.event_history import MemoryEventHistory
from support.memory.evidence_records import MemoryEvidenceRecords
from support.memory.figures import MemoryDecisionFigures
from support.memory.notice_use_cases import notices_over
from support.memory.outcomes import MemoryOutcomeImports, outcomes_over
from support.memory.override_records import MemoryOverrideRecords
from support.memory.policy_in_force import MemoryPolicyInForce
from support.memory.predictions import MemoryPredictionCache
from support.memory.reconsiderations import reconsiderations_over
from support.memory.security_events import MemorySecurityEvents
from support.memory.subscriptions import MemoryWebhookSubscriptions
from support.memory.superseding import superseding_over
from support.memory.users import MemoryUsers
from support.memory.versions import MemoryBundles, MemoryPolicies
from support.memory.web_sessions import MemoryWebSessions
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT

PASSWORD = "correct horse battery staple"
MARTA, RUI = Actor("marta", Role.LOAN_OFFICER), Actor("rui", Role.RISK_MANAGER)
APPROVED = {
    "annual_inc": "120,000",
    "fico_range_low": "790",
    "fico_range_high": "794",
    "dti": "4",
    "revol_util": "3",
}
"""Values of an application that is approved."""
PEOPLE = {
    "admin": Role.ADMIN,
    "marta": Role.LOAN_OFFICER,
    "olga": Role.LOAN_OFFICER,
    "uma": Role.UNDERWRITER,
    "udo": Role.UNDERWRITER,
    "sara": Role.SENIOR_UNDERWRITER,
    "rui": Role.RISK_MANAGER,
    "cora": Role.COMPLIANCE,
    "arthur": Role.AUDITOR,
    "portal": Role.SERVICE,
}


class AdjustableClock(Clock):
    """The system time plus an offset."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self):
        return SystemClock().now() + self.offset


class FailingDecisions(MemoryDecisions):
    """Decisions that fail with `fault` if it is set, or with `fault_after` after they are recorded."""

    error: Exception | None = None
    error_after: Exception | None = None

    async def record_each(
        self, entries: Sequence[tuple[DecisionRecord, Claim | None]]
    ) -> Sequence[DecisionRecord | Exception]:
        if self.error:
            return [self.error for _ in entries]
        return [self.error_after or outcome for outcome in await super().record_each(entries)]

    async def record_all(self, records: Sequence[DecisionRecord]) -> None:
        if self.error:
            raise self.error
        await super().record_all(records)

    async def page(self, *args, **kwargs):
        if self.error:
            raise self.error
        return await super().page(*args, **kwargs)


class FailingFigures(MemoryDecisionFigures):
    """Figures that fail with `fault` if it is set."""

    error: Exception | None = None

    async def over(self, period: Period, wanted: OverviewFilter = DEFAULT_FILTER) -> Overview:
        if self.error:
            raise self.error
        return await super().over(period, wanted)


class UiLender:
    """The use cases with in-memory storage."""

    def __init__(self) -> None:
        self.clock = AdjustableClock()
        self.decisions = FailingDecisions()
        self.figures = FailingFigures(self.decisions)
        self.batches = MemoryBatches(self.decisions, quota=BatchQuota(batches=30))
        self.users = MemoryUsers(self.decisions)
        self.outcome_imports = MemoryOutcomeImports(self.decisions)
        self.bundles, self.policies = MemoryBundles(), MemoryPolicies()
        self.policies._policies[POLICY_3.fingerprint] = POLICY_3  # as its activation does
        self.results = MemoryResultCache()
        passwords = Argon2PasswordHasher(passes=1, memory_kib=64)
        for name, role in PEOPLE.items():
            self.users._users[name] = User(name, role, passwords.hash(PASSWORD))
        new_event = EventFactory(self.clock, TimeOrderedIdentifiers())
        self.login_records = LoginRecords(self.decisions, new_event, FailedLogins(self.clock), "ui", self.users)
        self.attempts = attempts = MemoryLoginAttempts(login_limits(), self.clock, self.decisions)
        log_in = LogIn(self.users, passwords, attempts, self.login_records)
        self.tokens = tokens = TokensForAnyone(b"k" * 32, self.clock, self.users)
        self.policy = MemoryPolicyInForce(POLICY_3)
        assess = AssessLoanApplication(
            model=TableCreditModel(load_bundle(PROJECT / "models" / "champion", PERSONAL_LOAN)),
            cache=MemoryPredictionCache(),
            policy=self.policy,
            ledger=self.decisions,
            clock=self.clock,
            identifiers=TimeOrderedIdentifiers(),
            histories=MemoryApplicantHistories(self.decisions),
        )
        self.security_events = MemorySecurityEvents()
        self.web_sessions = MemoryWebSessions(self.decisions)
        self.checkpoints = MemoryCheckpoints(self.decisions)
        self.signer = Ed25519Signer(b"s" * 32)
        audit = AuditUseCases.over(
            self.decisions,
            self.checkpoints,
            self.decisions,
            MemoryEventHistory(self.decisions),
            self.clock,
            self.signer,
        )
        self.applications = MemoryApplications(self.decisions)
        cases = MemoryCases(self.decisions)
        supersede = superseding_over(assess, self.decisions)
        reconsiderations = reconsiderations_over(
            self.decisions, self.applications, cases, self.policies, self.clock, supersede
        )
        self.use_cases = UseCases(
            assess=assess,
            assess_once=AssessOnce(assess),
            assess_many=AssessMany(assess),
            supersede=supersede,
            read_decision=read_decision_over(self.decisions, self.policies),
            list_decisions=ListDecisions(self.decisions),
            read_final_decision=ReadFinalDecision(MemoryCases(self.decisions)),
            read_overrides=ReadOverrides(MemoryOverrideRecords(self.decisions), self.clock),
            read_overview=ReadOverview(self.figures, self.clock),
            read_policy_in_force=ReadPolicyInForce(self.policy),
            find_deciding_policy=FindDecidingPolicy(MemoryProducts(PERSONAL_LOAN), self.policies),
            find_deciding_policies=FindDecidingPolicies(MemoryProductInForce(PERSONAL_LOAN), self.policies),
            read_product_in_force=ReadProductInForce(MemoryProductInForce(PERSONAL_LOAN)),
            read_product_of=ReadProductOf(MemoryProductInForce(PERSONAL_LOAN), MemoryProducts(PERSONAL_LOAN)),
            verify_audit_trail=audit.verify_audit_trail,
            list_events=audit.list_events,
            contains_synthetic=ContainsSynthetic(MemoryEventHistory(self.decisions)),
            read_last_verifications=audit.read_last_verifications,
            list_verifications=audit.list_verifications,
            read_verification=audit.read_verification,
            export_evidence=export_evidence_over(
                self.decisions,
                MemoryEvidenceRecords(self.decisions, self.checkpoints),
                self.checkpoints,
                self.decisions,
                MemoryProducts(PERSONAL_LOAN),
                self.policies,
                self.bundles,
                self.clock,
                self.signer,
            ),
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
                assess.model,
                self.policy,
                assess.histories,
                self.clock,
            ),
            log_in=log_in,
            issue_access_token=IssueAccessToken(log_in, tokens),
            identify_caller=IdentifyCaller(tokens, tokens.directory),
            change_own_password=ChangeOwnPassword(
                log_in,
                self.users,
                passwords,
                PasswordPolicy(CommonPasswords()),
                EventFactory(self.clock, TimeOrderedIdentifiers()),
            ),
            web_sessions=ManageWebSessions(self.web_sessions, tokens.directory, self.clock, new_event=new_event),
            user_administration=UserAdministration.over(
                users=self.users,
                passwords=passwords,
                attempts=attempts,
                web_sessions=self.web_sessions,
                directory=tokens.directory,
                clock=self.clock,
                idle=timedelta(minutes=30),
                new_event=new_event,
                generate_password=generate_password,
            ),
            security_events=self.security_events,
            clock=self.clock,
            applications=ApplicationUseCases.over(
                applications=self.applications,
                histories=assess.histories,
                cases=cases,
                final_decisions=cases,
                deciding_policy=FindDecidingPolicy(MemoryProducts(PERSONAL_LOAN), self.policies),
                clock=self.clock,
                identifiers=TimeOrderedIdentifiers(),
            ),
            reconsiderations=reconsiderations,
            notices=notices_over(
                self.decisions,
                cases,
                self.policies,
                ArchivedCreditModels(self.bundles),
                self.clock,
                reconsiderations,
            ),
            cases=cases_over(
                self.decisions,
                self.users,
                self.policies,
                self.clock,
                ArchivedCreditModels(self.bundles),
                self.policy,
                self.applications,
                cases,
            ),
            outcomes=outcomes_over(
                self.decisions, self.applications, self.policies, self.clock, self.outcome_imports
            ),
            batches=BatchUseCases.over(
                self.batches,
                self.clock,
                TimeOrderedIdentifiers(),
                final_decisions=MemoryCases(self.decisions),
            ),
            webhooks=WebhookUseCases.over(
                self.batches.outbox,
                MemoryWebhookSubscriptions(self.batches.outbox),
                RecipientSecrets(b"k" * 32),
                self.clock,
                TimeOrderedIdentifiers(),
            ),
            check_health=CheckHealth(()),
        )

    async def archive_versions(self):
        """Archive model and policy, as at service start."""
        await ArchiveVersions(self.bundles, MemoryProducts(), self.policies)(
            CHAMPION_FINGERPRINT, CHAMPION, POLICY_3
        )

    async def lend(
        self, *outcomes: StatedOutcome, identity: ApplicationIdentity = NO_IDENTITY, **entries: str
    ) -> DecisionRecord:
        """Approve an application that is accepted, and record outcomes of its loan."""
        record = await self.assess(identity=identity, **APPROVED | entries)
        await self.use_cases.applications.accept(record.decision_id, by=MARTA)
        for stated in outcomes:
            await self.use_cases.outcomes.record(record.decision_id, stated, by=RUI)
        return record

    async def assess(
        self,
        *,
        by: Actor = MARTA,
        received_through: str = "api",
        identity: ApplicationIdentity = NO_IDENTITY,
        **entries: str,
    ):
        """Record a decision on the sample application with the given changes."""
        application = application_from(sample_of(PERSONAL_LOAN) | entries, PERSONAL_LOAN)
        return await self.use_cases.assess(
            application, by=by, received_through=received_through, identity=identity
        )
