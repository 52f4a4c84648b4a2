"""Links and requests of applicants."""

import ipaddress
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

from adapters.memory.request_rates import MemoryRequestRates
from adapters.observability.observability import Observability
from adapters.persistence.reconsiderations.reconsiderations import PostgresReconsiderations
from adapters.security.derived_keys import Purpose
from adapters.security.link_tokens import HmacLinkTokens
from application.use_cases.products.read_product_of import ReadProductOf
from application.use_cases.reconsiderations.applicant_links import LinkTerms
from application.use_cases.reconsiderations.reconsideration_use_cases import ReconsiderationUseCases
from entrypoints.composition.injection import Singleton
from entrypoints.composition.letter_settings import letter_settings
from entrypoints.composition.providers.applications import ApplicationProviders
from entrypoints.composition.providers.audit import AuditProviders
from entrypoints.composition.providers.cases import CaseProviders
from entrypoints.composition.providers.decisions import DecisionProviders
from entrypoints.composition.providers.foundation import Foundation
from entrypoints.composition.providers.superseding import SupersedingProviders
from entrypoints.composition.secrets import key_for, previous_keys_for
from entrypoints.configuration.settings import Settings

PER_SECOND, BURST_OF_ADDRESS, BURST_OF_LINK = 1, 60, 30
"""Requests of the applicant's page. An address may be that of many applicants; nobody reads faster than this."""


def link_terms(settings: Settings) -> LinkTerms:
    """What links begin with and how long they last. Servers of this machine only are reached at their own port."""
    return LinkTerms(
        settings.applicant_page_url or _local_address(settings), timedelta(days=settings.applicant_link_days)
    )


def _local_address(settings: Settings) -> str | None:
    try:
        local = ipaddress.ip_address(settings.host).is_loopback
    except ValueError:
        local = settings.host == "localhost"
    scheme = "https" if settings.tls_files else "http"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{scheme}://{host}:{settings.ui_port}{settings.root_path}" if local else None


def _tokens(settings: Settings) -> HmacLinkTokens:
    purpose = Purpose.APPLICANT_LINKS
    return HmacLinkTokens(key_for(settings, purpose), previous_keys_for(settings, purpose))


def _rates(observability: Observability, *, burst: int) -> MemoryRequestRates:
    return MemoryRequestRates(PER_SECOND, burst, on_refusal=observability.metrics.access.rate_limited)


def _observed(found: ReconsiderationUseCases, observability: Observability) -> ReconsiderationUseCases:
    by_name: dict[str, Any] = {
        each.name: observability.observe(getattr(found, each.name), f"reconsiderations.{each.name}")
        for each in fields(found)
    }
    return replace(found, **by_name)


class ReconsiderationProviders(SupersedingProviders):
    """Links and requests of applicants."""

    reconsiderations = Singleton(
        PostgresReconsiderations, Foundation.engine, AuditProviders.event_chain, Foundation.unreadable_documents
    )
    unobserved_reconsideration_use_cases = Singleton(
        ReconsiderationUseCases.over,
        store=reconsiderations,
        tokens=Singleton(_tokens, Foundation.settings),
        terms=Singleton(link_terms, Foundation.settings),
        rates_of_addresses=Singleton(_rates, Foundation.observability, burst=BURST_OF_ADDRESS),
        rates_of_links=Singleton(_rates, Foundation.observability, burst=BURST_OF_LINK),
        find=ApplicationProviders.find_application,
        changes=CaseProviders.case_changes,
        find_policy=ApplicationProviders.find_policy,
        product=Foundation.product,
        product_of=Singleton(ReadProductOf, Foundation.product, DecisionProviders.products),
        supersede=SupersedingProviders.supersede,
        letters=Singleton(letter_settings, Foundation.settings),
    )
    reconsideration_use_cases = Singleton(
        _observed, unobserved_reconsideration_use_cases, Foundation.observability
    )
    answer_requests = Singleton(lambda found: found.answer_requests, reconsideration_use_cases)
