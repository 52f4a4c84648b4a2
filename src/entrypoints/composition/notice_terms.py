"""The terms of notices, from the settings."""

from domain.notices.deadlines import NoticeTerms
from entrypoints.configuration.settings import Settings


def notice_terms(settings: Settings) -> NoticeTerms:
    """Within how many days each kind of notice is due."""
    return NoticeTerms(
        adverse_action_days=settings.notice_days,
        counter_offer_days=settings.notice_counter_offer_days,
        incomplete_days=settings.notice_incomplete_days,
    )
