"""The API over real use cases and the champion model, with storage in memory."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

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
from application.ports.operations.dependencies import Dependency
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
from application.use_cases.monitoring.read_overview import ReadOverview
from application.use_cases.operations.check_health import CheckHealth
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicies, FindDecidingPolicy
from application.use_cases.policies.read_policy_in_force import ReadPolicyInForce
from application.use_cases.products.read_product_in_force import ReadProductInForce
from application.use_cases.products.read_product_of import ReadProductOf
from application.use_cases.webhooks.webhook_use_cases import WebhookUseCases
from domain.access.password_policy import PasswordPolicy
from domain.access.user import Actor, Role
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import EXAMPLE, PERSONAL_LOAN
from entrypoints.api.app import create_app
from support.anyone import TokensForAnyone
from support.builders import login_limits
from support.evidence import export_evidence_over
from support.fast_path_server import connection, server, serving
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
from support.memory.outcomes import outcomes_over
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
from support.observing import log, receiver, start
from support.paths import CHAMPION

__all__ = ["connection", "log", "problem", "receiver", "server", "service", "serving", "start"]


@cache
def champion() -> TableCreditModel:
    return TableCreditModel(load_bundle(CHAMPION, PERSONAL_LOAN))


@dataclass
class Service:
    """Everything behind the API, and a way to call it."""

    decisions: MemoryDecisions = field(default_factory=MemoryDecisions)
    bundles: MemoryBundles = field(default_factory=MemoryBundles)
    policies: MemoryPolicies = field(default_factory=MemoryPolicies)
    result_cache: MemoryResultCache = field(default_factory=MemoryResultCache)
    passwords: Argon2PasswordHasher = field(default_factory=lambda: Argon2PasswordHasher(passes=1, memory_kib=64))
    attempts: MemoryLoginAttempts = field(
        default_factory=lambda: MemoryLoginAttempts(login_limits(), SystemClock())
    )
    dependencies: list[Dependency] = field(default_factory=list)
    security_events: MemorySecurityEvents = field(default_factory=MemorySecurityEvents)
    policy: MemoryPolicyInForce = field(default_factory=lambda: MemoryPolicyInForce(POLICY_3))
    client: TestClient[Litestar] | None = None
    made: UseCases | None = None

    def __post_init__(self) -> None:
        self.users = MemoryUsers(self.decisions)
        self.web_sessions = MemoryWebSessions(self.decisions)
        self.batches = MemoryBatches(self.decisions)
        self.tokens = TokensForAnyone(b"k" * 32, SystemClock(), self.users)

    def use_cases(self) -> UseCases:
        new_event = EventFactory(SystemClock(), TimeOrderedIdentifiers())
        records = LoginRecords(self.decisions, new_event, FailedLogins(SystemClock()), "api", self.users)
        log_in = LogIn(self.users, self.passwords, self.attempts, records)
        assess = AssessLoanApplication(
            model=champion(),
            cache=MemoryPredictionCache(),
            policy=self.policy,
            ledger=self.decisions,
            clock=SystemClock(),
            identifiers=TimeOrderedIdentifiers(),
        )
        checkpoints, signer = MemoryCheckpoints(self.decisions), Ed25519Signer(b"s" * 32)
        audit = AuditUseCases.over(
            self.decisions,
            checkpoints,
            self.decisions,
            MemoryEventHistory(self.decisions),
            SystemClock(),
            signer,
        )
        applications, cases = MemoryApplications(self.decisions), MemoryCases(self.decisions)
        supersede = superseding_over(assess, self.decisions)
        reconsiderations = reconsiderations_over(
            self.decisions, applications, cases, self.policies, SystemClock(), supersede
        )
        self.made = UseCases(
            assess=assess,
            assess_once=AssessOnce(assess),
            assess_many=AssessMany(assess),
            supersede=supersede,
            read_decision=read_decision_over(self.decisions, self.policies),
            list_decisions=ListDecisions(self.decisions),
            read_final_decision=ReadFinalDecision(MemoryCases(self.decisions)),
            read_overrides=ReadOverrides(MemoryOverrideRecords(self.decisions), SystemClock()),
            read_overview=ReadOverview(MemoryDecisionFigures(self.decisions), SystemClock()),
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
                MemoryEvidenceRecords(self.decisions, checkpoints),
                checkpoints,
                self.decisions,
                MemoryProducts(PERSONAL_LOAN),
                self.policies,
                self.bundles,
                SystemClock(),
                signer,
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
                self.result_cache,
            ),
            try_what_if=TryWhatIf(
                MemoryProducts(PERSONAL_LOAN),
                ArchivedCreditModels(self.bundles),
                self.policies,
                champion(),
                self.policy,
                MemoryApplicantHistories(self.decisions),
                SystemClock(),
            ),
            log_in=log_in,
            issue_access_token=IssueAccessToken(log_in, self.tokens),
            identify_caller=IdentifyCaller(self.tokens, self.tokens.directory),
            change_own_password=ChangeOwnPassword(
                log_in,
                self.users,
                self.passwords,
                PasswordPolicy(CommonPasswords()),
                EventFactory(SystemClock(), TimeOrderedIdentifiers()),
            ),
            web_sessions=ManageWebSessions(self.web_sessions, self.tokens.directory, SystemClock()),
            user_administration=UserAdministration.over(
                users=self.users,
                passwords=self.passwords,
                attempts=self.attempts,
                web_sessions=self.web_sessions,
                directory=self.tokens.directory,
                clock=SystemClock(),
                idle=timedelta(minutes=30),
                new_event=EventFactory(SystemClock(), TimeOrderedIdentifiers()),
                generate_password=generate_password,
            ),
            security_events=self.security_events,
            clock=SystemClock(),
            applications=ApplicationUseCases.over(
                applications=applications,
                histories=MemoryApplicantHistories(self.decisions),
                cases=cases,
                final_decisions=cases,
                deciding_policy=FindDecidingPolicy(MemoryProducts(PERSONAL_LOAN), self.policies),
                clock=SystemClock(),
                identifiers=TimeOrderedIdentifiers(),
            ),
            reconsiderations=reconsiderations,
            notices=notices_over(
                self.decisions,
                cases,
                self.policies,
                ArchivedCreditModels(self.bundles),
                SystemClock(),
                reconsiderations,
            ),
            cases=cases_over(
                self.decisions,
                self.users,
                self.policies,
                SystemClock(),
                ArchivedCreditModels(self.bundles),
                self.policy,
                applications,
                cases,
            ),
            outcomes=outcomes_over(self.decisions, applications, self.policies, SystemClock()),
            batches=BatchUseCases.over(
                self.batches,
                SystemClock(),
                TimeOrderedIdentifiers(),
                final_decisions=MemoryCases(self.decisions),
            ),
            webhooks=WebhookUseCases.over(
                self.batches.outbox,
                MemoryWebhookSubscriptions(self.batches.outbox),
                RecipientSecrets(b"k" * 32),
                SystemClock(),
                TimeOrderedIdentifiers(),
            ),
            check_health=CheckHealth(self.dependencies),
        )
        return self.made

    def as_(self, role: Role) -> dict[str, str]:
        """The Authorization header of a user with this role."""
        return {"Authorization": f"Bearer {self.tokens.issue(Actor('broker', role)).token}"}

    def get(self, path: str, *, role: Role = Role.SERVICE) -> httpx.Response:
        assert self.client is not None
        return self.client.get(path, headers=self.as_(role))

    def ask(self, body: bytes | None = None, *, role: Role = Role.SERVICE, **changed: Any) -> httpx.Response:
        """Post a body, or the example with some fields changed; `...` leaves a field out."""
        assert self.client is not None
        if body is None:
            body = json.dumps({k: v for k, v in {**EXAMPLE, **changed}.items() if v is not ...}).encode()
        headers = self.as_(role) | {"Content-Type": "application/json"}
        return self.client.post("/api/v1/predictions", content=body, headers=headers)


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    with TestClient(create_app(service.use_cases(), version="1.2.3"), raise_server_exceptions=False) as client:
        service.client = client
        yield service


@pytest.fixture
def problem() -> Callable[[httpx.Response, int], dict[str, Any]]:
    """Checks that the response is a problem with this status, and returns it."""

    def read(response: httpx.Response, status: int) -> dict[str, Any]:
        assert response.status_code == status, response.text
        assert response.headers["content-type"] == "application/problem+json"
        content: dict[str, Any] = response.json()
        assert content["status"] == status
        assert {"type", "title", "detail", "instance", "request_id"} <= content.keys()
        assert response.headers["x-request-id"] == content["request_id"]
        return content

    return read
