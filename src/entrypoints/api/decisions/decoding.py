"""From request bodies to loan applications: fast for valid ones, thorough for others."""

import msgspec
from msgspec import UNSET

from domain.applications.applicant import InvalidFicoBand
from domain.applications.fields import FIELDS, ChoiceField
from domain.applications.loan_application import LoanApplication
from entrypoints.api.decisions.application_errors import check_members
from entrypoints.api.decisions.loan_application_body import LoanApplicationBody, to_loan_application
from entrypoints.api.http.problems import FieldError, invalid
from entrypoints.api.http.strict_json import Members, read_json

_decoder = msgspec.json.Decoder(LoanApplicationBody)
_QUOTES = 2 * len(FIELDS) + 2 * sum(isinstance(field, ChoiceField) for field in FIELDS)
_QUOTES_OF_REVOL_UTIL = 2


def read_application(body: bytes) -> LoanApplication:
    """The loan application in a body; raises RequestRejected with every error."""
    try:
        decoded = _decoder.decode(body)
        if _has_no_duplicates(decoded, body):
            return to_loan_application(decoded)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError, InvalidFicoBand):
        pass  # read again below, slowly, to find every error and not only the first
    return _read_thoroughly(body)


def _has_no_duplicates(decoded: LoanApplicationBody, body: bytes) -> bool:
    """Whether no field is in the body twice; msgspec silently keeps the last.

    Exact for a decoded body: no field name and no allowed value contains a quotation mark, so each one in the body
    opens or closes a string, and without duplicates their number is known.
    """
    return body.count(b'"') == (_QUOTES - _QUOTES_OF_REVOL_UTIL if decoded.revol_util is UNSET else _QUOTES)


def _read_thoroughly(body: bytes) -> LoanApplication:
    content = read_json(body)
    if not isinstance(content, Members):
        errors = [
            FieldError("", "the body is not a JSON object", "one object with the fields of a loan application")
        ]
        raise _invalid(errors)
    values, errors = check_members(content.pairs)
    if errors:
        raise _invalid(errors)
    return to_loan_application(msgspec.convert(values, LoanApplicationBody))


def _invalid(errors: list[FieldError]) -> Exception:
    return invalid("invalid-application", "Invalid loan application", errors)
