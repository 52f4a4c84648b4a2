"""The INSERT by which a recorded decision enters its applicant's history; see `recording.record_statement`."""

from collections.abc import Mapping

HISTORY_MEMBERS: Mapping[str, str] = {"product": "text", "applicant_number": "integer", "declined": "boolean"}
"""What it reads of a decision besides its search columns."""

ENTER_HISTORIES = """
    INSERT INTO applicant_applications
        (applicant_reference, product, number, decision_id, decided_at, declined_at)
    SELECT applicant_reference, product,
        coalesce(
            applicant_number,
            row_number() OVER (PARTITION BY applicant_reference, product ORDER BY index)
                + coalesce((
                    SELECT max(number) FROM applicant_applications AS made
                    WHERE made.applicant_reference = given.applicant_reference AND made.product = given.product
                ), 0)
        ),
        decision_id, decided_at, CASE WHEN declined THEN decided_at END
    FROM given WHERE applicant_reference IS NOT NULL AND trial IS NOT TRUE
    ORDER BY 1, 2, 3
"""
"""The next number where no history was looked up. In this order two writers cannot deadlock."""
