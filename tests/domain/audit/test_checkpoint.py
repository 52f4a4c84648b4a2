"""Checkpoints: their statements, their chain, and what they require of audit chains."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import pytest

from domain.audit.checkpoint import Checkpoint, CheckpointVerifier, SignedCheckpoint, next_checkpoint
from domain.audit.checkpoint_expectations import CheckpointExpectations
from domain.audit.entry import GENESIS, AuditEntry, ChainHead, IntegrityViolation

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
A_CHAIN, ANOTHER_CHAIN = UUID(int=1), UUID(int=2)
OWN_KEY, OTHER_KEY = b"o" * 32, b"t" * 32


def signature(key: bytes, statement: bytes) -> bytes:
    """A stand-in for a signature; real ones are tested with the adapter."""
    return sha256(key + statement).digest()


def genuine(key: bytes, statement: bytes, given: bytes) -> bool:
    return given == signature(key, statement)


def signed(checkpoint: Checkpoint, key: bytes = OWN_KEY) -> SignedCheckpoint:
    return SignedCheckpoint(checkpoint, key, signature(key, checkpoint.statement()))


def a_series(length: int = 4) -> list[SignedCheckpoint]:
    series: list[SignedCheckpoint] = []
    for number in range(1, length + 1):
        last = series[-1].checkpoint if series else None
        heads = [ChainHead(A_CHAIN, number, bytes([number] * 32))]
        series.append(signed(next_checkpoint(last, heads, at=NOON + timedelta(minutes=number))))
    return series


def faults(series: Sequence[SignedCheckpoint], *trusted: bytes) -> list[tuple[int | None, str]]:
    verifier = CheckpointVerifier(genuine, trusted)
    checked = [verifier.check(one) for one in series]
    return [(found.checkpoint, found.why) for found in checked if found]


def entries(length: int, chain: UUID = A_CHAIN) -> list[AuditEntry]:
    head, made = ChainHead(chain), []
    for number in range(length):
        entry, head = head.append(at=NOON, actor="a", action="b", subject=UUID(int=number), document=b"c")
        made.append(entry)
    return made


def found(marked: Sequence[AuditEntry], present: Sequence[AuditEntry]) -> list[IntegrityViolation]:
    marks = CheckpointExpectations()
    last = None
    for entry in marked:
        last = next_checkpoint(last, [ChainHead(entry.chain, entry.sequence, entry.digest)], at=NOON)
        marks.add(last)
    return [one for one in map(marks.check, present) if one] + list(marks.missing())


def test_a_statement_can_be_read_by_a_person_and_signed_by_any_tool() -> None:
    """Never change it: checkpoints signed over years must verify."""
    first = next_checkpoint(
        None, [ChainHead(ANOTHER_CHAIN, 2, b"b" * 32), ChainHead(A_CHAIN, 7, b"a" * 32)], at=NOON
    )
    assert first.statement().decode() == (
        "credit-scoring checkpoint of the audit trail\n"
        "number 1\n"
        "at 2026-05-01T12:00:00.000000+00:00\n"
        f"previous {'00' * 32}\n"
        f"chain 00000000-0000-0000-0000-000000000001 length 7 digest {'61' * 32}\n"
        f"chain 00000000-0000-0000-0000-000000000002 length 2 digest {'62' * 32}\n"
    )


def test_each_follows_from_the_one_before() -> None:
    series = [one.checkpoint for one in a_series()]
    assert [one.number for one in series] == [1, 2, 3, 4]
    assert [one.previous for one in series] == [GENESIS, *(one.digest() for one in series[:-1])]


def test_a_complete_series_is_valid_under_a_trusted_key_and_under_any_single_key() -> None:
    assert faults(a_series()) == faults(a_series(), OWN_KEY) == faults(a_series(), OTHER_KEY, OWN_KEY) == []


def test_a_series_signed_with_another_key_is_not_trusted() -> None:
    assert len(faults(a_series(), OTHER_KEY)) == 4


def test_a_second_key_is_trusted_only_by_name() -> None:
    series = a_series()
    series[3] = signed(series[3].checkpoint, OTHER_KEY)
    assert (
        faults(series)
        == faults(series, OWN_KEY)
        == [(4, f"it is signed with a key that is not trusted: {OTHER_KEY.hex()}")]
    )
    assert faults(series, OWN_KEY, OTHER_KEY) == []


@pytest.mark.parametrize(
    "change",
    [{"at": NOON}, {"previous": b"x" * 32}, {"heads": ()}, {"heads": (ChainHead(A_CHAIN, 1, b"x" * 32),)}],
    ids=["time", "previous", "heads left out", "another head"],
)
def test_a_changed_checkpoint_is_reported_at_its_number(change: dict[str, object]) -> None:
    series = a_series()
    series[1] = replace(series[1], checkpoint=replace(series[1].checkpoint, **change))
    assert faults(series)[0] == (2, "its signature does not match its content")


def test_a_missing_checkpoint_is_found() -> None:
    series = a_series()
    del series[1]
    assert faults(series) == [(3, "checkpoint 2 is missing")]


def test_a_checkpoint_that_was_signed_again_invalidates_the_next() -> None:
    series = a_series()
    series[1] = signed(replace(series[1].checkpoint, heads=()))
    assert faults(series) == [(3, "it is not linked to the previous checkpoint")]


def test_longer_chains_that_match_their_checkpoints_are_valid() -> None:
    chain = entries(9)
    assert found([chain[2], chain[5]], chain) == []


def test_a_truncated_chain_is_reported_at_the_first_missing_entry() -> None:
    chain = entries(9)
    (one,) = found([chain[2], chain[5], chain[8]], chain[:4])
    assert (one.chain, one.sequence, one.checkpoint) == (A_CHAIN, 5, 2)
    assert one.why == "entries 5 to 9 of the chain cannot be found; checkpoint 2 covers them"


def test_the_removal_of_a_whole_chain_is_found() -> None:
    other = entries(3, ANOTHER_CHAIN)
    (one,) = found([entries(2)[1], other[2]], entries(2))
    assert (one.chain, one.sequence) == (ANOTHER_CHAIN, 1)
    assert one.why == "the whole chain, entries 1 to 3, cannot be found; checkpoint 2 covers them"


def test_a_rewritten_chain_is_located_between_two_checkpoints() -> None:
    chain = entries(9)
    forged = [replace(entry, digest=b"f" * 32) if entry.sequence > 4 else entry for entry in chain]
    (one,) = found([chain[2], chain[5]], forged)
    assert (one.sequence, one.why) == (4, "entries 4 to 6 do not match checkpoint 2")
