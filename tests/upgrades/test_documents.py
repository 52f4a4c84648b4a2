"""A document of every kind and schema is read by this release.

Never change a sample: documents like it are stored for years.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest

from adapters.persistence.audit.event_history import EVENT, read_event
from adapters.persistence.decisions.documents import DECISION, decode
from domain.audit.checkpoint_copy import CHECKPOINT, CheckpointCopy
from domain.stored_document import DocumentKind
from support.builders import a_decision_record
from support.paths import PROJECT

SAMPLES = sorted((PROJECT / "tests" / "upgrades" / "documents").glob("*.json"))
AT = datetime(2026, 3, 14, 15, 9, 26, 535897, tzinfo=UTC)
DECISION_ID = UUID("7b0c43a4-7d3e-7c7b-8a53-0d6a3a5f2b11")
EVENT_ID = UUID("01932c5e-7a10-7c3a-9a51-2f1d3c4b5a69")


def read_decision(text: str) -> None:
    assert decode(text, DECISION_ID) == a_decision_record(decision_id=DECISION_ID)


def read_stored_event(text: str) -> None:
    event = read_event(SimpleNamespace(event_id=EVENT_ID, kind="role changed", document=text))
    assert (event.at, event.actor, event.fault) == (AT, "os:ada", "")
    assert event.details == {"user": "olga", "role": "risk manager"}


def read_checkpoint(text: str) -> None:
    copy = CheckpointCopy.read(text)
    assert (copy.number, copy.at, copy.public_key) == (17, AT, bytes(range(32)))


KINDS: dict[str, tuple[DocumentKind, Callable[[str], None]]] = {
    DECISION.name: (DECISION, read_decision),
    EVENT.name: (EVENT, read_stored_event),
    CHECKPOINT.name: (CHECKPOINT, read_checkpoint),
}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_of_every_schema_is_read(sample: Path) -> None:
    kind = sample.stem.split("-")[0]
    KINDS[kind][1](sample.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("kind", "_"), KINDS.values(), ids=KINDS)
def test_every_schema_has_a_sample(kind: DocumentKind, _: object) -> None:
    sampled = {int(path.stem.split("-")[1]) for path in SAMPLES if path.stem.split("-")[0] == kind.name}
    assert sampled == set(range(1, kind.schema + 1))
