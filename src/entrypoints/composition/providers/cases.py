"""Referral cases."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

from adapters.observability.observability import Observability
from application.use_cases.applications.application_lives import FindLife
from application.use_cases.cases.case_rules import FindCaseRules
from application.use_cases.cases.case_use_cases import CaseUseCases
from application.use_cases.cases.change_case import CaseChanges
from application.use_cases.cases.check_application import CheckApplication
from application.use_cases.cases.follow_up_cases import ExpireUnansweredCases, RecordPassedDueTimes
from domain.cases.lease import LeaseTerms
from entrypoints.composition.injection import Singleton
from entrypoints.composition.providers.access import AccessProviders
from entrypoints.composition.providers.applications import ApplicationProviders
from entrypoints.composition.providers.decisions import DecisionProviders
from entrypoints.composition.providers.foundation import Foundation, observed
from entrypoints.configuration.settings import Settings


def _lease_terms(settings: Settings) -> LeaseTerms:
    return LeaseTerms(
        after_activity=timedelta(minutes=settings.case_lease_minutes),
        after_reassignment=timedelta(hours=settings.case_reassignment_hours),
    )


def _observed(cases: CaseUseCases, observability: Observability) -> CaseUseCases:
    by_name: dict[str, Any] = {
        each.name: observability.observe(getattr(cases, each.name), f"cases.{each.name}") for each in fields(cases)
    }
    return replace(cases, **by_name)


class CaseProviders(AccessProviders):
    """Referral cases."""

    lease_terms = Singleton(_lease_terms, Foundation.settings)
    case_use_cases = Singleton(
        _observed,
        Singleton(
            CaseUseCases.over,
            cases=ApplicationProviders.cases,
            find_rules=Singleton(
                FindCaseRules,
                archive=DecisionProviders.archive,
                products=DecisionProviders.products,
                models=DecisionProviders.models,
                policies=DecisionProviders.policies,
                final_decisions=DecisionProviders.final_decisions,
            ),
            check_application=Singleton(
                CheckApplication,
                applications=ApplicationProviders.applications,
                find_life=Singleton(FindLife, ApplicationProviders.find_policy),
                clock=Foundation.clock,
            ),
            users=AccessProviders.users,
            find_policy=ApplicationProviders.find_policy,
            policy=Foundation.policy,
            clock=Foundation.clock,
            identifiers=Foundation.identifiers,
            leases=lease_terms,
        ),
        Foundation.observability,
    )
    case_changes = Singleton(
        CaseChanges, ApplicationProviders.cases, Foundation.clock, Foundation.identifiers, lease_terms
    )
    record_passed_due_times = observed(Foundation.observability, RecordPassedDueTimes, changes=case_changes)
    expire_unanswered_cases = observed(Foundation.observability, ExpireUnansweredCases, changes=case_changes)
