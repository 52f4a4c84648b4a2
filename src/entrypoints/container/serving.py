"""Putting the service together for its faces: use cases over the production adapters, observed."""

from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version

from dependency_injector import containers, providers
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.memory.predictions import MemoryPredictionCache
from adapters.persistence.audit_trail import PostgresAuditTrail
from adapters.persistence.connections import reading_engine
from adapters.persistence.database_dependency import DatabaseDependency
from adapters.persistence.decision_archive import PostgresDecisionArchive
from adapters.persistence.decision_ledger import PostgresDecisionLedger
from adapters.persistence.users import PostgresUsers
from adapters.scoring.bundle import load_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from adapters.security.access_tokens import JwtAccessTokens
from adapters.security.passwords import Argon2PasswordHasher
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.catalogue import UseCases
from application.use_cases.assess_loan_application import AssessLoanApplication
from application.use_cases.check_health import CheckHealth
from application.use_cases.create_first_user import CreateFirstUser
from application.use_cases.log_in import IdentifyCaller, IssueAccessToken, LogIn
from application.use_cases.read_decisions import ListDecisions, ReadDecision
from application.use_cases.verify_audit_trail import VerifyAuditTrail
from domain.policy.version_1 import POLICY_1
from entrypoints.container.secrets import secret_key
from entrypoints.settings import Settings

VERSION = version("credit-scoring")


class Container(containers.DeclarativeContainer):
    """Every adapter and use case, made once when first asked for."""

    settings = providers.Dependency(instance_of=Settings)

    clock = providers.Singleton(SystemClock)
    identifiers = providers.Singleton(TimeOrderedIdentifiers)
    bundle = providers.Singleton(load_bundle, settings.provided.model_dir)
    model = providers.Singleton(TableCreditModel, bundle)
    policy = providers.Object(POLICY_1)

    engine = providers.Singleton(reading_engine, settings.provided.database_url)
    ledger = providers.Singleton(PostgresDecisionLedger, settings.provided.database_url)
    archive = providers.Singleton(PostgresDecisionArchive, engine)
    trail = providers.Singleton(PostgresAuditTrail, engine)
    users = providers.Singleton(PostgresUsers, engine)

    cache = providers.Singleton(MemoryPredictionCache)

    passwords = providers.Singleton(Argon2PasswordHasher)
    tokens = providers.Singleton(
        JwtAccessTokens,
        providers.Singleton(secret_key, settings),
        clock,
        lifetime=providers.Singleton(timedelta, minutes=settings.provided.token_minutes),
    )

    log_in = providers.Singleton(LogIn, users, passwords)
    use_cases = providers.Singleton(
        UseCases,
        assess=providers.Singleton(
            AssessLoanApplication,
            model=model,
            cache=cache,
            policy=policy,
            ledger=ledger,
            clock=clock,
            identifiers=identifiers,
        ),
        read_decision=providers.Singleton(ReadDecision, archive),
        list_decisions=providers.Singleton(ListDecisions, archive),
        verify_audit_trail=providers.Singleton(VerifyAuditTrail, trail),
        log_in=log_in,
        issue_access_token=providers.Singleton(IssueAccessToken, log_in, tokens),
        identify_caller=providers.Singleton(IdentifyCaller, tokens),
        create_first_user=providers.Singleton(CreateFirstUser, users, passwords),
        check_health=providers.Singleton(
            CheckHealth,
            providers.List(
                providers.Singleton(DatabaseDependency, engine),
            ),
        ),
    )


@dataclass(frozen=True, slots=True)
class Service:
    """The use cases of one process, and what must be opened before and closed after them."""

    use_cases: UseCases
    ledger: PostgresDecisionLedger
    engine: AsyncEngine

    @classmethod
    def of(cls, settings: Settings, face: str) -> "Service":
        container = Container(settings=settings)
        return cls(container.use_cases(), container.ledger(), container.engine())

    async def open(self) -> None:
        """Connect."""
        await self.ledger.open()

    async def close(self) -> None:
        """Write what waits, and let go."""
        await self.ledger.close()
        await self.engine.dispose()
