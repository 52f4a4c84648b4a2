"""Deciding applications again."""

from adapters.persistence.applications.superseding_decisions import PostgresSupersedingDecisions
from application.use_cases.applications.supersede_decision import RecordSuperseding, SupersedeDecision
from entrypoints.composition.injection import Singleton
from entrypoints.composition.providers.applications import ApplicationProviders
from entrypoints.composition.providers.audit import AuditProviders
from entrypoints.composition.providers.cases import CaseProviders
from entrypoints.composition.providers.decisions import DecisionProviders
from entrypoints.composition.providers.foundation import Foundation, observed


class SupersedingProviders(CaseProviders):
    """Deciding applications again."""

    record_superseding = Singleton(
        RecordSuperseding,
        applications=ApplicationProviders.applications,
        decisions=Singleton(
            PostgresSupersedingDecisions,
            Foundation.engine,
            AuditProviders.event_chain,
            Foundation.unreadable_documents,
        ),
        cases=CaseProviders.cases,
        identifiers=Foundation.identifiers,
    )
    supersede = observed(
        Foundation.observability, SupersedeDecision, assess=DecisionProviders.assess, record=record_superseding
    )
