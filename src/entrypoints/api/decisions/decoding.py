"""From a request's body to a loan application: fast when all is right, thorough when anything is not."""

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
    """The loan application in a body; raises a refusal that names every fault."""
    try:
        decoded = _decoder.decode(body)
        if _has_no_duplicates(decoded, body):
            return to_loan_application(decoded)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError, InvalidFicoBand):
        pass  # read again below, slowly, to find every fault and not only the first
    return _read_thoroughly(body)


def _has_no_duplicates(decoded: LoanApplicationBody, body: bytes) -> bool:
    """Whether no field stood in the body twice; msgspec keeps the last and says nothing.

    Exact for a body that was decoded: no field and no word allowed holds a quotation mark, so each one in the body
    opens or closes a text, and fields and words given once have a known number of them.
    """
    return body.count(b'"') == (_QUOTES - _QUOTES_OF_REVOL_UTIL if decoded.revol_util is UNSET else _QUOTES)


def _read_thoroughly(body: bytes) -> LoanApplication:
    content = read_json(body)
    if not isinstance(content, Members):
        faults = [
            FieldError("", "the body is not a JSON object", "one object with the fields of a loan application")
        ]
        raise _invalid(faults)
    values, faults = check_members(content.pairs)
    if faults:
        raise _invalid(faults)
    return to_loan_application(msgspec.convert(values, LoanApplicationBody))


def _invalid(faults: list[FieldError]) -> Exception:
    return invalid("invalid-application", "Invalid loan application", faults)
