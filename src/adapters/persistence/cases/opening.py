"""The opening of cases, which is part of the statement that records decisions."""

from collections.abc import Mapping

from domain.applications.synthetic import SYNTHETIC_SOURCE

CASE_MEMBERS: Mapping[str, str] = {"case_due_at": "timestamptz", "case_reasons": "text[]"}
"""What the statement needs of a decision that opens a case, besides the columns of decisions; NULL of others."""

OPEN_CASES = f"""
    INSERT INTO cases (case_id, decision_id, opened_at, due_at, state, loan_amnt, grade, requested_by, reasons,
        application_reference, applicant_reference, synthetic)
    SELECT decision_id, decision_id, decided_at, case_due_at, 'open', loan_amnt / 100, grade, requested_by,
        case_reasons, application_reference, applicant_reference, coalesce(source = '{SYNTHETIC_SOURCE}', false)
    FROM given WHERE case_due_at IS NOT NULL
"""  # noqa: S608 - our own constant
