"""Audit chains: changed, missing and inserted entries are detected."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.audit.entry import GENESIS, AuditEntry, ChainHead, ChainVerifier, IntegrityViolation
from domain.month import Month
from support.builders import an_identifier

A_CHAIN, ANOTHER_CHAIN = UUID(int=1), UUID(int=2)
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
Link = tuple[AuditEntry, bytes | None]


def a_chain(length: int = 5, chain: UUID = A_CHAIN) -> list[Link]:
    head = ChainHead(chain)
    links: list[Link] = []
    for number in range(length):
        document = f"document {number}".encode()
        entry, head = head.append(
            at=NOON + timedelta(seconds=number),
            actor="marta",
            action="decision recorded",
            subject=UUID(int=100 + number),
            document=document,
        )
        links.append((entry, document))
    return links


def violations(links: Sequence[Link]) -> list[IntegrityViolation]:
    verifier = ChainVerifier()
    checked = [verifier.check(entry, document) for entry, document in links]
    return [found for found in checked if found]


def test_a_chain_begins_with_entry_one_and_the_genesis_digest() -> None:
    entry, _ = a_chain(1)[0]
    assert (entry.sequence, entry.previous) == (1, GENESIS)
    assert len(entry.digest) == len(entry.content_digest) == 32


def test_each_entry_follows_from_the_one_before() -> None:
    links = a_chain()
    assert [entry.previous for entry, _ in links[1:]] == [entry.digest for entry, _ in links[:-1]]
    assert [entry.sequence for entry, _ in links] == [1, 2, 3, 4, 5]


def test_the_head_has_the_length_and_last_digest() -> None:
    entry, head = ChainHead(A_CHAIN).append(at=NOON, actor="a", action="b", subject=A_CHAIN, document=b"c")
    assert head == ChainHead(A_CHAIN, 1, entry.digest)


def test_valid_chains_have_no_violations_and_are_counted() -> None:
    verifier = ChainVerifier()
    for entry, document in a_chain(5) + a_chain(3, ANOTHER_CHAIN):
        assert verifier.check(entry, document) is None
    assert (verifier.chains, verifier.entries) == (2, 8)


@pytest.mark.parametrize(
    "change",
    [
        {"at": NOON},
        {"actor": "another user"},
        {"action": "decision overridden"},
        {"subject": UUID(int=7)},
        {"content_digest": bytes(32)},
        {"digest": bytes(32)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_field_is_found(change: dict[str, object]) -> None:
    links = a_chain()
    entry, document = links[2]
    links[2] = (replace(entry, **change), document)
    found = violations(links)
    assert (found[0].chain, found[0].sequence) == (A_CHAIN, 3)
    assert "digest does not match" in found[0].why


@given(
    st.datetimes(timezones=st.just(UTC)),
    st.timedeltas(min_value=timedelta(hours=-14), max_value=timedelta(hours=14)),
)
def test_a_digest_covers_the_time_in_utc_to_the_microsecond(at: datetime, offset: timedelta) -> None:
    assume(timedelta(days=1) < at - datetime.min.replace(tzinfo=UTC))
    assume(timedelta(days=1) < datetime.max.replace(tzinfo=UTC) - at)
    in_zone = at.astimezone(timezone(timedelta(minutes=offset // timedelta(minutes=1))))
    entry = AuditEntry(A_CHAIN, 1, in_zone, "a", "b", A_CHAIN, GENESIS, GENESIS, GENESIS)
    moment = at.isoformat(timespec="microseconds")
    fields = (A_CHAIN.hex, "1", moment, "a", "b", A_CHAIN.hex, GENESIS.hex(), GENESIS.hex())
    assert entry.computed_digest() == sha256("".join(f"{len(one)}:{one}" for one in fields).encode()).digest()


def test_one_changed_byte_of_a_document_is_found_and_only_there() -> None:
    links = a_chain()
    links[2] = (links[2][0], b"document 3")
    assert violations(links) == [IntegrityViolation(A_CHAIN, 3, UUID(int=102), "the record was altered")]


def test_a_missing_document_is_found() -> None:
    links = a_chain()
    links[2] = (links[2][0], None)
    assert violations(links) == [IntegrityViolation(A_CHAIN, 3, UUID(int=102), "the record is missing")]


def test_only_the_document_of_an_archived_month_may_be_missing() -> None:
    links, head = [], ChainHead(A_CHAIN)
    for month in (4, 4, 5):
        made = datetime(2026, month, 9, tzinfo=UTC)
        entry, head = head.append(
            at=made, actor="marta", action="decision recorded", subject=an_identifier(made), document=b"document"
        )
        links.append((entry, None))
    verifier = ChainVerifier({Month(2026, 4)})
    found = [verifier.check(entry, document) for entry, document in links]
    assert [one and one.why for one in found] == [None, None, "the record is missing"]
    assert verifier.archived == 2
    verifier = ChainVerifier({Month(2026, 4)})
    first, second, _ = (entry for entry, _ in links)
    changed = verifier.check(replace(first, actor="mallory"), None)
    assert changed is not None
    assert "digest does not match" in changed.why
    changed = verifier.check(second, b"another document")
    assert changed is not None
    assert changed.why == "the record was altered"
    assert verifier.archived == 0


@pytest.mark.parametrize("missing", [0, 2])
def test_a_missing_entry_is_reported_once(missing: int) -> None:
    links = a_chain()
    del links[missing]
    found = violations(links)
    assert [(one.sequence, one.why) for one in found] == [(missing + 2, f"entry {missing + 1} is missing")]


def test_an_inserted_entry_with_valid_digests_is_detected() -> None:
    links = a_chain()
    forged, _ = replace(ChainHead(A_CHAIN), length=2, digest=links[1][0].digest).append(
        at=NOON, actor="intruder", action="decision recorded", subject=UUID(int=9), document=b"forged"
    )
    links[2] = (forged, b"forged")
    assert violations(links) == [
        IntegrityViolation(A_CHAIN, 4, UUID(int=103), "it is not linked to the previous entry")
    ]


def test_swapped_entries_are_found() -> None:
    links = a_chain()
    links[1], links[2] = links[2], links[1]
    assert violations(links)


def test_moving_text_between_fields_changes_the_digest() -> None:
    entry, _ = a_chain(1)[0]
    assert (
        replace(entry, actor="x", action="yz").computed_digest()
        != replace(entry, actor="xy", action="z").computed_digest()
    )


def test_a_name_with_a_line_break_cannot_pose_as_another_entry() -> None:
    entry, _ = a_chain(1)[0]
    assert (
        replace(entry, actor="x\ny", action="z").computed_digest()
        != replace(entry, actor="x", action="y\nz").computed_digest()
    )


def test_the_digest_never_changes() -> None:
    """Recorded chains must verify in every later release."""
    entry, _ = a_chain(1)[0]
    assert entry.digest.hex() == "40355050f15a0ed50ad7aef0cc50ef61bd5871d681e6f8bad8af85b9cdbc2ace"
