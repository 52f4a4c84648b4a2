"""Notices to applicants."""

from dataclasses import fields, replace
from typing import Any

from adapters.documents.letters import RenderedLetters
from adapters.observability.observability import Observability
from adapters.persistence.notices.notice_follower import NoticeFollower
from adapters.persistence.notices.notices import PostgresNotices
from application.use_cases.notices.make_notice_content import MakeNoticeContent
from application.use_cases.notices.notice_basis import FindNoticeBasis
from application.use_cases.notices.notice_use_cases import NoticeUseCases
from domain.access.user import Actor, Role
from domain.access.user_name import SERVICE_NAME
from domain.notices.deadlines import NoticeClock
from entrypoints.composition.injection import Object, Singleton
from entrypoints.composition.letter_settings import letter_settings
from entrypoints.composition.notice_terms import notice_terms
from entrypoints.composition.providers.audit import AuditProviders
from entrypoints.composition.providers.decisions import DecisionProviders
from entrypoints.composition.providers.foundation import Foundation
from entrypoints.composition.providers.reconsiderations import ReconsiderationProviders
from entrypoints.configuration.settings import Settings


def notice_clock(settings: Settings) -> NoticeClock:
    """The terms of notices in the lender's time zone."""
    return NoticeClock(notice_terms(settings), settings.time_zone)


def _observed(found: NoticeUseCases, observability: Observability) -> NoticeUseCases:
    by_name: dict[str, Any] = {
        each.name: observability.observe(getattr(found, each.name), f"notices.{each.name}")
        for each in fields(found)
    }
    return replace(found, **by_name)


class NoticeProviders(ReconsiderationProviders):
    """Notices to applicants."""

    notice_clock = Singleton(notice_clock, Foundation.settings)
    notices = Singleton(
        PostgresNotices,
        Foundation.engine,
        notice_clock,
        AuditProviders.event_chain,
        Foundation.unreadable_documents,
    )
    notice_follower = Singleton(
        NoticeFollower,
        Foundation.engine,
        notice_clock,
        Foundation.clock,
        Foundation.identifiers,
        Object(Actor(SERVICE_NAME, Role.AUDITOR)),
        AuditProviders.event_chain,
    )
    notice_use_cases = Singleton(
        _observed,
        Singleton(
            NoticeUseCases.over,
            notices=notices,
            find_basis=Singleton(
                FindNoticeBasis,
                archive=DecisionProviders.archive,
                final_decisions=DecisionProviders.final_decisions,
                cases=DecisionProviders.cases,
                require_own_view=DecisionProviders.require_own_view,
            ),
            make_content=Singleton(
                MakeNoticeContent,
                products=DecisionProviders.products,
                policies=DecisionProviders.policies,
                models=DecisionProviders.models,
                settings=Singleton(letter_settings, Foundation.settings),
            ),
            letters=Singleton(RenderedLetters),
            make_link=Singleton(
                lambda found: found.make_link, ReconsiderationProviders.unobserved_reconsideration_use_cases
            ),
            notice_clock=notice_clock,
            clock=Foundation.clock,
            identifiers=Foundation.identifiers,
        ),
        Foundation.observability,
    )
