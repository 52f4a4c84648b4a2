"""The applicant's applications side by side, with the values in which they differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from application.use_cases.cases.blind_decision import BlindDecision
from domain.applications.application_identity import ApplicationIdentity
from domain.applications.loan_application import LoanApplication
from domain.decisions.circumstances import Circumstances
from domain.decisions.decision_record import DecisionRecord
from domain.products.product_definition import ProductDefinition
from entrypoints.ui.applications.application_values import value_texts
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.field_values import field_label
from entrypoints.ui.shared.time_zone import UTC_ZONE, Moment


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """An application as it was decided; `outcome` is "" where it is withheld."""

    decision_id: UUID
    decided_at: datetime
    requested_by: str
    application: LoanApplication
    identity: ApplicationIdentity
    circumstances: Circumstances
    product: ProductDefinition
    outcome: str

    @classmethod
    def of(cls, found: DecisionRecord | BlindDecision, product: ProductDefinition) -> "ApplicationFacts":
        """The facts of a record, or of a decision whose outcome is withheld."""
        return cls(
            decision_id=found.decision_id,
            decided_at=found.decided_at,
            requested_by=found.requested_by if isinstance(found, BlindDecision) else found.requested_by.name,
            application=found.application,
            identity=found.identity,
            circumstances=found.circumstances,
            product=product,
            outcome="" if isinstance(found, BlindDecision) else labels.OUTCOMES[found.decision.outcome],
        )


@dataclass(frozen=True, slots=True)
class ComparedApplication:
    """The head of a column; `href` is empty for the application of the case."""

    title: str
    subtitle: str
    href: str


@dataclass(frozen=True, slots=True)
class ComparedValue:
    """A value, and whether it differs from that of the application of the case."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column for each application, the one of the case first, and a row for each fact."""

    applications: tuple[ComparedApplication, ...]
    rows: tuple[tuple[str, tuple[ComparedValue, ...]], ...]
    unreadable: int


def comparison_of(
    current: ApplicationFacts, others: Sequence[ApplicationFacts], unreadable: int, zone: ZoneInfo = UTC_ZONE
) -> Comparison | None:
    """The applications side by side; None if there are no others."""
    if not others and not unreadable:
        return None
    applications = [current, *others]
    values = [value_texts(each.application, each.product) for each in applications]
    facts = {"Outcome": [each.outcome for each in applications]} if current.outcome else {}
    facts |= {
        "Application reference": [each.identity.application_reference or "None" for each in applications],
        "Source": [each.identity.source or "None" for each in applications],
    }
    facts |= {
        field_label(field): [texts.get(field.name, "") for texts in values] for field in current.product.fields
    }
    return Comparison(
        applications=(
            ComparedApplication("This application", Moment.of(current.decided_at, zone).local, ""),
            *(
                ComparedApplication(
                    Moment.of(each.decided_at, zone).local, each.requested_by, f"/decisions/{each.decision_id}"
                )
                for each in others
            ),
        ),
        rows=tuple(
            (label, tuple(ComparedValue(text, text != texts[0]) for text in texts))
            for label, texts in facts.items()
        ),
        unreadable=unreadable,
    )
