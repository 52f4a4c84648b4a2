"""The histories of applicants in PostgreSQL: one query, however many applicants."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.applications.application_tables import applicant_applications
from adapters.persistence.database.connections import transaction
from application.ports.applications.applicant_histories import ApplicantHistories
from application.ports.applications.applications import ApplicationConflict
from domain.applications.applicant_history import (
    MAX_RECENT,
    NO_HISTORY,
    Applicant,
    ApplicantHistory,
    PastApplication,
)
from domain.applications.money import Money
from domain.policies.final_outcome import FinalOutcome

_DECLINED = FinalOutcome.DECLINED.value
_FIND = text(
    f"""
SELECT wanted.reference, wanted.product, past.*,
    (SELECT max(number) FROM applicant_applications
        WHERE applicant_reference = wanted.reference AND product = wanted.product) AS last_number,
    (SELECT sum(accepted_amount) FROM applicant_applications
        WHERE applicant_reference = wanted.reference AND accepted_amount IS NOT NULL) AS accepted_sum
FROM unnest(:references, :products) AS wanted (reference, product)
LEFT JOIN LATERAL (
    SELECT number, decision_id, decided_at, accepted_amount IS NOT NULL AS accepted,
        CASE WHEN final.outcome IS NULL THEN made.declined_at
            WHEN final.outcome = '{_DECLINED}' THEN final.at END AS declined_at
    FROM applicant_applications AS made
    LEFT JOIN LATERAL (
        SELECT outcome, decided_at AS at FROM final_decisions
        WHERE decision_id = made.decision_id ORDER BY number DESC LIMIT 1
    ) AS final ON true
    WHERE applicant_reference = wanted.reference AND product = wanted.product
        AND decision_id <> ALL (:superseded)
        AND NOT EXISTS (SELECT FROM superseded_decisions WHERE superseded_decisions.decision_id = made.decision_id)
    ORDER BY number DESC LIMIT {MAX_RECENT}
) AS past ON true
"""  # noqa: S608 - constants of our own
).bindparams(
    bindparam("references", type_=ARRAY(Text)),
    bindparam("products", type_=ARRAY(Text)),
    bindparam("superseded", type_=ARRAY(Uuid)),
)


FIND_NUMBERS = """
SELECT wanted.reference, wanted.product, max(number) AS number
FROM unnest($1::text[], $2::text[]) AS wanted (reference, product)
JOIN applicant_applications AS made
    ON made.applicant_reference = wanted.reference AND made.product = wanted.product
GROUP BY wanted.reference, wanted.product
"""
"""The last numbers of applicants."""


_LOCK_APPLICANT = text("SELECT pg_advisory_xact_lock(hashtextextended('loans of ' || :reference, 0))")


class PostgresApplicantHistories(ApplicantHistories):
    """Where a person decided after the system, the person's decision says whether an application was declined."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def find(
        self, applicants: Collection[Applicant], *, superseded: Collection[UUID] = ()
    ) -> Mapping[Applicant, ApplicantHistory]:
        if not applicants:
            return {}
        parameters = {
            "references": [applicant.reference for applicant in applicants],
            "products": [applicant.product for applicant in applicants],
            "superseded": list(superseded),
        }
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(_FIND, parameters)).mappings().all()
        by_applicant: dict[Applicant, list[Mapping[Any, Any]]] = {}
        for row in rows:
            if row["last_number"] is not None or row["accepted_sum"] is not None:
                by_applicant.setdefault(Applicant(row["reference"], row["product"]), []).append(row)
        found = {applicant: _history(rows) for applicant, rows in by_applicant.items()}
        return {applicant: found.get(applicant, NO_HISTORY) for applicant in applicants}


def _history(rows: Sequence[Mapping[Any, Any]]) -> ApplicantHistory:
    past = [row for row in rows if row["decision_id"] is not None]
    return ApplicantHistory(
        number=rows[0]["last_number"] or 0,
        recent=tuple(_past(row) for row in sorted(past, key=lambda row: row["number"], reverse=True)),
        accepted=_money(rows[0]["accepted_sum"]),
    )


def _past(row: Mapping[Any, Any]) -> PastApplication:
    return PastApplication(row["decision_id"], row["decided_at"], row["declined_at"], accepted=row["accepted"])


def _money(amount: Decimal | None) -> Money:
    return Money(int((amount or Decimal()).scaleb(2)))


async def accept_loan(
    connection: AsyncConnection, decision_id: UUID, amount: Money, other_loans: Money | None
) -> None:
    """Let an accepted loan count in its applicant's history from now on, in the transaction of the acceptance.

    Other acceptances of the applicant wait for this one. It changes nothing for an application without an
    applicant's reference. Raises ApplicationConflict if the applicant accepted others than those that were seen.
    """
    own = applicant_applications.c.decision_id == decision_id
    reference = await connection.scalar(select(applicant_applications.c.applicant_reference).where(own))
    if reference is None:
        return
    await connection.execute(_LOCK_APPLICANT, {"reference": reference})
    if other_loans is not None:
        made = select(func.sum(applicant_applications.c.accepted_amount))
        made = made.where(applicant_applications.c.applicant_reference == reference)
        if _money(await connection.scalar(made)) != other_loans:
            raise ApplicationConflict("the applicant accepted another loan at the same time")
    accepted_amount = Decimal(amount.cents).scaleb(-2)
    await connection.execute(update(applicant_applications).where(own).values(accepted_amount=accepted_amount))
