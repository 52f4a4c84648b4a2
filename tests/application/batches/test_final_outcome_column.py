"""The results of a batch show what people decided after it, and nothing else of them changes."""

import csv
import io
from uuid import UUID, uuid4

from application.use_cases.batches.final_outcome_column import FinalOutcomeColumn
from domain.policies.final_outcome import FinalOutcome

HEADER = b"row,prediction,outcome,reason_codes,policy_version,decision_id,application_reference,note\n"
APPROVED, DECLINED, WAITING, DECIDED, REVIEWED = (uuid4() for _ in range(5))


def line(row: int, outcome: str, decision_id: UUID | str, note: str = "") -> bytes:
    return f'{row},0,{outcome},"",3,{decision_id},LN-{row},{note}\n'.encode()


CHUNKS = (
    HEADER + line(1, "approved", APPROVED) + line(2, "declined", DECLINED),
    line(3, "referred", WAITING, '"two\nlines, with a ""quote"""') + line(4, "referred", DECIDED, str(APPROVED)),
    line(5, "declined", REVIEWED) + line(6, "approved", ""),
)
PEOPLE = {DECIDED: FinalOutcome.COUNTER_OFFER, REVIEWED: FinalOutcome.APPROVED}


def test_the_last_column_is_a_persons_outcome_or_else_the_systems() -> None:
    column = FinalOutcomeColumn()
    content = b"".join([column.added(chunk, PEOPLE) for chunk in CHUNKS])
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert [row["final_outcome"] for row in rows] == [
        "approved",
        "declined",
        "",
        "counter_offer",
        "approved",
        "approved",
    ]
    without = [{name: value for name, value in row.items() if name != "final_outcome"} for row in rows]
    assert without == list(csv.DictReader(io.StringIO(b"".join(CHUNKS).decode())))


def test_the_decisions_of_a_chunk_are_found_and_no_other_identifiers() -> None:
    column = FinalOutcomeColumn()
    assert [column.identifiers(chunk) for chunk in CHUNKS] == [
        [APPROVED, DECLINED],
        [WAITING, DECIDED],
        [REVIEWED],
    ]
