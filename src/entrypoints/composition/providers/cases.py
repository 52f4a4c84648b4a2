"""Referral cases."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

from adapters.observability.observability import Observability
from adapters.persistence.cases.cases import PostgresCases
from application.use_cases.cases.case_use_cases import CaseUseCases
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from domain.cases.lease import LeaseTerms
from entrypoints.composition.injection import Singleton
from entrypoints.composition.providers.access import AccessProviders
from entrypoints.composition.providers.decisions import DecisionProviders
from entrypoints.composition.providers.foundation import Foundation
from entrypoints.configuration.settings import Settings


def _lease_terms(settings: Settings) -> LeaseTerms:
    return LeaseTerms(
        after_activity=timedelta(minutes=settings.case_lease_minutes),
        after_reassignment=timedelta(hours=settings.case_reassignment_hours),
    )


def _observed(cases: CaseUseCases, observability: Observability) -> CaseUseCases:
    observed: dict[str, Any] = {
        each.name: observability.observe(getattr(cases, each.name), f"cases.{each.name}") for each in fields(cases)
    }
    return replace(cases, **observed)


class CaseProviders(AccessProviders):
    """Referral cases."""

    cases = Singleton(PostgresCases, Foundation.engine, Foundation.unreadable_documents)
    case_use_cases = Singleton(
        _observed,
        Singleton(
            CaseUseCases.over,
            cases=cases,
            archive=DecisionProviders.archive,
            users=AccessProviders.users,
            find_policy=Singleton(
                FindDecidingPolicy, products=DecisionProviders.products, policies=DecisionProviders.policies
            ),
            clock=Foundation.clock,
            identifiers=Foundation.identifiers,
            leases=Singleton(_lease_terms, Foundation.settings),
        ),
        Foundation.observability,
    )
