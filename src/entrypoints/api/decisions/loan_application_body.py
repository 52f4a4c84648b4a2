"""The body of a loan application and the contributions to its score, as structs made from a product."""

from datetime import date
from functools import lru_cache
from math import ceil, floor
from typing import Annotated, Any, Literal, get_type_hints
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, defstruct

from domain.applications.application_identity import (
    LONGEST_KEY,
    LONGEST_VALUE,
    METADATA_ALLOWED,
    MOST_KEYS,
    TEXTS,
)
from domain.applications.superseding import REASONS
from domain.decisions.bureau_data import STATUSES, given_bureau_data
from domain.decisions.decision_record import DecisionRecord
from domain.products.fields import ChoiceField, Field
from domain.products.product_definition import ProductDefinition

_Reference = Annotated[str, Meta(min_length=1, max_length=TEXTS["application_reference"])]
_Origin = Annotated[str, Meta(min_length=1, max_length=TEXTS["source"])]
_Metadata = Annotated[
    dict[
        Annotated[str, Meta(min_length=1, max_length=LONGEST_KEY)],
        Annotated[str, Meta(max_length=LONGEST_VALUE)] | int | float | bool | None,
    ],
    Meta(max_length=MOST_KEYS),
]


class Identity(Struct, frozen=True, omit_defaults=True):
    """The caller's own data about an application, as far as it was given; it is never scored."""

    application_reference: Annotated[
        _Reference | UnsetType | None,
        Meta(description="Your reference of the application.", examples=["LN-2026-004711"]),
    ] = UNSET
    applicant_reference: Annotated[
        _Reference | UnsetType | None,
        Meta(description="Your reference of the applicant.", examples=["C-10293"]),
    ] = UNSET
    source: Annotated[
        _Origin | UnsetType | None,
        Meta(description="The system that sends the application.", examples=["loan-origination"]),
    ] = UNSET
    channel: Annotated[
        _Origin | UnsetType | None,
        Meta(description="How the application reached you.", examples=["branch", "broker"]),
    ] = UNSET
    metadata: Annotated[
        _Metadata | UnsetType | None,
        Meta(description=f"Your data, which is returned as it is: {METADATA_ALLOWED}."),
    ] = UNSET


class BureauData(Struct, frozen=True, omit_defaults=True):
    """What the credit bureau says about its data on the applicant; doubtful data never approves."""

    bureau_status: Annotated[
        Literal[STATUSES] | UnsetType | None,  # type: ignore[valid-type] # a tuple of words
        Meta(description="The state of the bureau's data. Unless it is found, an underwriter decides."),
    ] = UNSET
    bureau_report_date: Annotated[
        date | UnsetType | None,
        Meta(description="The date of the bureau's report, not after today (UTC).", examples=["2026-03-14"]),
    ] = UNSET


class Superseding(Struct, frozen=True, omit_defaults=True):
    """The earlier decision on the same application that this one supersedes, and why."""

    supersedes: Annotated[
        UUID | UnsetType | None,
        Meta(description="The newest decision on the same application, if it is decided again."),
    ] = UNSET
    supersedes_reason: Annotated[
        Literal[REASONS] | UnsetType | None,  # type: ignore[valid-type] # a tuple of words
        Meta(description="Why the application is decided again; required with supersedes."),
    ] = UNSET


_COMMON_MEMBERS = [
    (name, declared, UNSET)
    for struct in (Identity, BureauData, Superseding)
    for name, declared in get_type_hints(struct, include_extras=True).items()
]


class LoanApplicationBody(Struct, frozen=True):
    """A loan application, without its fields: those are the product's."""


class Contributions(Struct, frozen=True):
    """The contribution of each characteristic in log-odds; `base` and all contributions add up to `log_odds`.

    Absent for roles that may not see what drove a decision, such as service.
    """


@lru_cache(maxsize=64)
def body_type(product: ProductDefinition) -> type[LoanApplicationBody]:
    """The struct of the product's applications, with what all can state beside its fields, and all limits."""
    made: type[Any] = defstruct(
        LoanApplicationBody.__name__,
        [*(_member(field, product.example.get(field.name)) for field in product.fields), *_COMMON_MEMBERS],
        bases=(LoanApplicationBody,),
        namespace={"__doc__": f"A loan application for the product {product.label}, version {product.version}."},
        frozen=True,
        forbid_unknown_fields=True,
        kw_only=True,
    )
    return made


@lru_cache(maxsize=64)
def contributions_type(product: ProductDefinition) -> type[Contributions]:
    """The struct of the contributions, in the order of the product's characteristics."""
    made: type[Any] = defstruct(
        Contributions.__name__,
        [(name, float) for name in product.characteristic_names],
        bases=(Contributions,),
        namespace={"__doc__": Contributions.__doc__},
        frozen=True,
    )
    return made


def body_of(record: DecisionRecord, product: ProductDefinition) -> LoanApplicationBody:
    """The application of a record as it would be posted."""
    return body_type(product)(
        **product.values_of(record.application),
        **record.identity.given(),
        **given_bureau_data(record.circumstances),
    )


def _member(field: Field, example: object) -> tuple[str, Any] | tuple[str, Any, UnsetType]:
    declared: Any = Annotated[_type(field), _description(field, example)]
    return (field.name, declared | UnsetType | None, UNSET) if field.optional else (field.name, declared)


def _type(field: Field) -> Any:
    if isinstance(field, ChoiceField):
        return Literal[field.choices]
    return int if field.whole else float


def _description(field: Field, example: object) -> Meta:
    examples = [] if example is None else [example]
    if isinstance(field, ChoiceField):
        return Meta(description=f"{field.label}. {field.hint}".rstrip(), examples=examples)
    label = f"{field.label}, {field.unit}" if field.unit else field.label
    text = f"{label}. {field.hint}".rstrip()
    least, most = field.minimum, field.maximum
    if field.whole:  # msgspec takes limits of the member's own type
        least, most = ceil(least), floor(most)
    return Meta(ge=least, le=most, description=text, examples=examples)
