"""Outcomes of loans."""

from dataclasses import fields, replace

from adapters.observability.observability import Observability
from adapters.persistence.outcomes.loan_outcomes import PostgresLoanOutcomes
from adapters.persistence.outcomes.outcome_imports import PostgresOutcomeImports
from adapters.persistence.outcomes.vintages import PostgresVintages
from application.use_cases.outcomes.outcome_use_cases import OutcomeUseCases
from entrypoints.composition.configured_adapters import batch_quota
from entrypoints.composition.injection import Singleton
from entrypoints.composition.providers.applications import ApplicationProviders
from entrypoints.composition.providers.audit import AuditProviders
from entrypoints.composition.providers.decisions import DecisionProviders
from entrypoints.composition.providers.foundation import Foundation


def observed_outcomes(outcomes: OutcomeUseCases, observability: Observability) -> OutcomeUseCases:
    """The use cases of outcomes, each with a span and metrics."""
    observed = {
        each.name: observability.observe(getattr(outcomes, each.name), f"outcomes.{each.name}")
        for each in fields(outcomes)
    }
    return replace(outcomes, **observed)


class OutcomeProviders(ApplicationProviders):
    """Outcomes of loans and their import."""

    loan_outcomes = Singleton(
        PostgresLoanOutcomes, Foundation.engine, AuditProviders.event_chain, Foundation.unreadable_documents
    )
    outcome_imports = Singleton(
        PostgresOutcomeImports,
        Foundation.settings.provided.database_url,
        Foundation.engine,
        quota=Singleton(batch_quota, Foundation.settings),
        events=AuditProviders.event_chain,
    )
    outcome_use_cases = Singleton(
        observed_outcomes,
        Singleton(
            OutcomeUseCases.over,
            applications=ApplicationProviders.application_use_cases.provided.find,
            outcomes=loan_outcomes,
            imports=outcome_imports,
            vintages=Singleton(PostgresVintages, DecisionProviders.history_engine),
            clock=Foundation.clock,
            identifiers=Foundation.identifiers,
        ),
        Foundation.observability,
    )
