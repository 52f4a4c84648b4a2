"""What the settings say about letters to applicants."""

from domain.notices.drafting import LetterSettings
from domain.notices.letterhead import Contact, Letterhead, Paper
from entrypoints.configuration.settings import Settings


def letter_settings(settings: Settings) -> LetterSettings:
    """The letterhead and the lender's time zone; what is not set is empty."""
    letterhead = Letterhead(
        creditor=Contact(settings.creditor_name, settings.creditor_address, settings.creditor_phone),
        signatory=settings.creditor_signatory,
        regulator=Contact(settings.regulator_name, settings.regulator_address),
        agency=Contact(settings.agency_name, settings.agency_address, settings.agency_phone),
        score_provider=settings.score_provider,
        paper=Paper(settings.letter_paper),
    )
    return LetterSettings(letterhead, settings.time_zone)
