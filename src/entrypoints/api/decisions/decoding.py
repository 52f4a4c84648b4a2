"""From request bodies to loan applications: fast for valid ones, thorough for others."""

from collections.abc import Callable, Sequence
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import asdict

from domain.applications import bureau_fields, superseding
from domain.applications.application_identity import (
    NAMES,
    NO_IDENTITY,
    ApplicationIdentity,
    InvalidApplicationIdentity,
)
from domain.applications.loan_application import LoanApplication
from domain.applications.superseding import Superseding
from domain.applications.synthetic import is_reserved
from domain.decisions.bureau_data import bureau_data
from domain.decisions.circumstances import NO_CIRCUMSTANCES, Circumstances
from domain.products.fields import ChoiceField, NumberField
from domain.products.product_definition import ProductDefinition
from entrypoints.api.decisions.application_errors import check_members
from entrypoints.api.decisions.loan_application_body import body_type
from entrypoints.api.http.problems import FieldError, invalid
from entrypoints.api.http.strict_json import Members, read_json


class SubmittedApplication(NamedTuple):
    """A loan application, the caller's own data about it, the credit bureau's data, and what it supersedes."""

    application: LoanApplication
    identity: ApplicationIdentity
    circumstances: Circumstances = NO_CIRCUMSTANCES
    supersedes: Superseding | None = None


ReadApplication = Callable[[bytes], SubmittedApplication]
"""Returns the loan application in a body; raises RequestRejected with every error."""


_BESIDE = (*NAMES, *bureau_fields.NAMES, *superseding.NAMES)
_values_beside: Callable[[object], tuple[Any, ...]] = attrgetter(*_BESIDE)
_NOTHING_GIVEN = (UNSET,) * len(_BESIDE)
_NO_IDENTITY_GIVEN = (UNSET,) * len(NAMES)
_UNKNOWN = 1 << 30
"""More quotation marks than a body has."""


class ApplicationDecoder:
    """Reads applications for one product."""

    def __init__(self, product: ProductDefinition) -> None:
        self._product = product
        self._decode = msgspec.json.Decoder(body_type(product)).decode
        self._application_from = product.application_from
        choices = [field for field in product.fields if isinstance(field, ChoiceField)]
        self._quotes = 2 * len(product.fields) + 2 * len(choices)
        self._optional = [
            (field.name, 2 * isinstance(field, ChoiceField)) for field in product.fields if field.optional
        ]
        self._ranges = [
            (field.not_below, field.name)
            for field in product.fields
            if isinstance(field, NumberField) and field.not_below
        ]

    def __call__(self, body: bytes) -> SubmittedApplication:
        """The loan application in a body; raises RequestRejected with every error."""
        try:
            decoded = self._decode(body)
            given = _values_beside(decoded)
            identity, circumstances, quotes = (
                (NO_IDENTITY, NO_CIRCUMSTANCES, 0) if given == _NOTHING_GIVEN else _beside(given)
            )
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, InvalidApplicationIdentity):
            return self.read_thoroughly(body)  # to find every error and not only the first
        values = asdict(decoded)
        if self._has_no_duplicates(values, body, quotes) and self._ranges_are_in_order(values):
            return SubmittedApplication(self._application_from(values), identity, circumstances)
        return self.read_thoroughly(body)

    def _has_no_duplicates(self, values: dict[str, object], body: bytes, quotes: int) -> bool:
        """Whether no field is in the body twice, as msgspec silently keeps the last; an absent field becomes None.

        Exact for a decoded body: no field name and no allowed value contains a quotation mark, so each one in the
        body opens or closes a string, and without duplicates their number is known. `quotes` are those of the
        caller's own data and of the bureau's.
        """
        quotes += self._quotes
        for name, quotes_of_value in self._optional:
            value = values[name]
            if value is UNSET:
                values[name] = None
                quotes -= 2 + quotes_of_value
            elif value is None:
                quotes -= quotes_of_value
        return body.count(b'"') == quotes

    def _ranges_are_in_order(self, values: dict[str, Any]) -> bool:
        for low, high in self._ranges:
            lowest, highest = values[low], values[high]
            if lowest is not None and highest is not None and highest < lowest:
                return False
        return True

    def read_thoroughly(self, body: bytes) -> SubmittedApplication:
        """The same, read field by field."""
        content = read_json(body)
        if not isinstance(content, Members):
            allowed = "one object with the fields of a loan application"
            raise _invalid([FieldError("", "the body is not a JSON object", allowed)])
        checked = check_members(content.pairs, self._product)
        if checked.errors:
            raise _invalid(checked.errors)
        application = self._application_from(checked.values)
        return SubmittedApplication(application, checked.identity, checked.circumstances, checked.supersedes)


def _beside(given: Sequence[Any]) -> tuple[ApplicationIdentity, Circumstances, int]:
    """What is given beside the product's fields, and the quotation marks that write it in a body.

    Too large a number where it supersedes a decision: that is rare, and the body is read thoroughly.
    """
    own, (status, report_date, *supersedes) = given[: len(NAMES)], given[len(NAMES) :]
    identity, quotes = (NO_IDENTITY, 0) if own == _NO_IDENTITY_GIVEN else _identity_of(own)
    circumstances, more_quotes = _circumstances_of(status, report_date)
    if any(value is not UNSET for value in supersedes):
        quotes = _UNKNOWN
    return identity, circumstances, quotes + more_quotes


def _identity_of(given: Sequence[Any]) -> tuple[ApplicationIdentity, int]:
    """The caller's own data, UNSET or None where it is not given, and the quotation marks that write it in a body.

    Where a text contains a quotation mark, which JSON can write in two ways, or the source is reserved, the number
    is too large: the body is read thoroughly.
    """
    *texts, metadata = [None if value is UNSET else value for value in given]
    written = [text for text in texts if text is not None]
    if metadata:
        written += metadata
        written += [value for value in metadata.values() if isinstance(value, str)]
    quotes = 2 * (len(given) - given.count(UNSET) + len(written))
    if '"' in "".join(written):
        quotes = _UNKNOWN
    application, applicant, source, channel = texts
    if is_reserved(source):
        quotes = _UNKNOWN
    return ApplicationIdentity(application, applicant, source, channel, metadata or {}), quotes


def _circumstances_of(
    status: str | UnsetType | None, report_date: date | UnsetType | None
) -> tuple[Circumstances, int]:
    """The circumstances with the bureau's data, and the quotation marks that write the data in a body."""
    texts = [None if value is UNSET else value for value in (status, report_date)]
    given = (status is not UNSET) + (report_date is not UNSET)
    quotes = 2 * (given + len(texts) - texts.count(None))
    return bureau_data(*texts), quotes  # type: ignore[arg-type] # in this order


def _invalid(errors: list[FieldError]) -> Exception:
    return invalid("invalid-application", "Invalid loan application", errors)
