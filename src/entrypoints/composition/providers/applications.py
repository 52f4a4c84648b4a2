"""Loan applications after their decisions."""

from dataclasses import fields, replace

from adapters.observability.observability import Observability
from adapters.persistence.applications.applications import PostgresApplications
from application.use_cases.applications.application_lives import FindLife
from application.use_cases.applications.application_use_cases import ApplicationUseCases
from application.use_cases.applications.read_applications import FindApplication
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from entrypoints.composition.injection import Singleton
from entrypoints.composition.providers.audit import AuditProviders
from entrypoints.composition.providers.batches import BatchProviders
from entrypoints.composition.providers.decisions import DecisionProviders
from entrypoints.composition.providers.foundation import Foundation


def observed_applications(applications: ApplicationUseCases, observability: Observability) -> ApplicationUseCases:
    """The use cases of applications, each with a span and metrics."""
    observed = {
        each.name: observability.observe(getattr(applications, each.name), f"applications.{each.name}")
        for each in fields(applications)
    }
    return replace(applications, **observed)


class ApplicationProviders(BatchProviders):
    """Loan applications after their decisions."""

    applications = Singleton(
        PostgresApplications, Foundation.engine, AuditProviders.event_chain, Foundation.unreadable_documents
    )
    find_policy = Singleton(
        FindDecidingPolicy, products=DecisionProviders.products, policies=DecisionProviders.policies
    )
    find_application = Singleton(FindApplication, applications, Singleton(FindLife, find_policy), Foundation.clock)
    application_use_cases = Singleton(
        observed_applications,
        Singleton(
            ApplicationUseCases.over,
            applications=applications,
            histories=DecisionProviders.histories,
            cases=DecisionProviders.cases,
            final_decisions=DecisionProviders.final_decisions,
            deciding_policy=find_policy,
            clock=Foundation.clock,
            identifiers=Foundation.identifiers,
        ),
        Foundation.observability,
    )
