"""What the settings say about letters to applicants."""

from pathlib import Path

import pytest

from domain.notices.letterhead import Contact, Paper
from entrypoints.composition.letter_settings import letter_settings
from entrypoints.configuration.settings import InvalidSettings, read_settings


def test_the_settings_make_a_letterhead(tmp_path: Path) -> None:
    made = letter_settings(
        read_settings(
            {
                "SCORING_MODEL_DIR": str(tmp_path),
                "SCORING_CREDITOR_NAME": "Prairie Loans",
                "SCORING_CREDITOR_ADDRESS": "1 Main Street; Springfield, IL 62701;",
                "SCORING_CREDITOR_PHONE": "(217) 555-0100",
                "SCORING_SCORE_PROVIDER": "Example Scores",
                "SCORING_LETTER_PAPER": "A4",
                "SCORING_TIME_ZONE": "America/Chicago",
            }
        )
    )
    head = made.letterhead
    assert head.creditor == Contact("Prairie Loans", ("1 Main Street", "Springfield, IL 62701"), "(217) 555-0100")
    assert (head.agency, head.regulator, head.signatory) == (Contact(), Contact(), "")
    assert head.score_provider == "Example Scores"
    assert head.paper is Paper.A4
    assert str(made.zone) == "America/Chicago"


@pytest.mark.parametrize(
    ("variable", "given"),
    [
        ("SCORING_TIME_ZONE", "America/Springfield"),
        ("SCORING_TIME_ZONE", "../etc/passwd"),
        ("SCORING_CREDITOR_NAME", "Prairie\u200bLoans"),
        ("SCORING_CREDITOR_NAME", "L" * 201),
        ("SCORING_AGENCY_ADDRESS", ";".join("123456789")),
        ("SCORING_LETTER_PAPER", "legal"),
    ],
)
def test_settings_that_no_letter_could_state_are_refused(tmp_path: Path, variable: str, given: str) -> None:
    with pytest.raises(InvalidSettings, match=variable):
        read_settings({"SCORING_MODEL_DIR": str(tmp_path), variable: given})
