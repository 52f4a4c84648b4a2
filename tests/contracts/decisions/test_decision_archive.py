"""The contract of every decision archive."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from string import ascii_lowercase
from uuid import UUID, uuid4

import pytest

from application.ports.decisions.decision_archive import DecisionFilter, DecisionSort, InvalidCursor
from domain.applications.application_identity import NO_IDENTITY, ApplicationIdentity
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome
from support.builders import A_MOMENT, a_decision, a_decision_record, a_loan_application, a_prediction, an_actor
from support.databases import Store

SMALL_CAR = a_decision_record(
    decision_id=UUID("0a1b2c3d-4e5f-7000-8000-000000000001"),
    decided_at=A_MOMENT,
    requested_by=an_actor(name="Ann_Lee"),
    application=a_loan_application(loan_amnt=5_000.10, purpose="car"),
    decision=a_decision(outcome=Outcome.APPROVED, grade="A"),
    prediction=a_prediction(log_odds=-3.0),
    identity=ApplicationIdentity("LN-0001", "C 4711", "los", "broker", {"branch": "north"}),
    received_through="api",
    trial=False,
)
MIDDLING_WEDDING = a_decision_record(
    decision_id=UUID("0a1b9999-4e5f-7000-8000-000000000002"),
    decided_at=A_MOMENT + timedelta(microseconds=1),
    requested_by=an_actor(name="Böb 100%"),
    application=a_loan_application(loan_amnt=10_000, purpose="wedding"),
    decision=a_decision(outcome=Outcome.REFERRED, grade="C", policy_version="2"),
    prediction=a_prediction(log_odds=-0.5),
    identity=ApplicationIdentity("LN-0002_b", "LN-0001", "portal", "branch"),
    received_through="batch",
    model_version="2016.1",
    trial=True,
)
LARGE_CARD = a_decision_record(
    decision_id=UUID("ffffffff-4e5f-7000-8000-000000000003"),
    decided_at=A_MOMENT + timedelta(days=400),
    requested_by=an_actor(name="annlee"),
    application=a_loan_application(loan_amnt=35_000.75, purpose="credit_card"),
    decision=a_decision(outcome=Outcome.DECLINED, grade="G"),
    prediction=a_prediction(log_odds=-1.0),
    identity=NO_IDENTITY,
    received_through="web",
    trial=False,
)
NEWEST_FIRST = [LARGE_CARD, MIDDLING_WEDDING, SMALL_CAR]


def described(wanted: object) -> str:
    """The name of a filter for a test's identifier."""
    if not isinstance(wanted, DecisionFilter):
        return ""
    criteria = ((name, getattr(wanted, name)) for name in DecisionFilter.__dataclass_fields__)
    return " ".join(f"{name}={value!a}" for name, value in criteria if value is not None)


async def everything(store: Store, wanted: DecisionFilter, *, limit: int) -> list[DecisionRecord]:
    """The records of all pages."""
    page = await store.archive.page(wanted, limit=limit)
    found = list(page.records)
    while page.next_cursor is not None:
        assert len(page.records) == limit
        page = await store.archive.page(wanted, limit=limit, cursor=page.next_cursor)
        found += page.records
    return found


async def test_an_unrecorded_decision_is_not_found(store: Store) -> None:
    assert await store.archive.find(uuid4()) is None


async def test_an_empty_archive_has_one_empty_page(store: Store) -> None:
    page = await store.archive.page(DecisionFilter(), limit=10)
    assert (page.records, page.next_cursor, page.total) == ((), None, 0)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (DecisionFilter(), NEWEST_FIRST),
        (DecisionFilter(outcome=Outcome.REFERRED), [MIDDLING_WEDDING]),
        (DecisionFilter(since=MIDDLING_WEDDING.decided_at), [LARGE_CARD, MIDDLING_WEDDING]),
        (DecisionFilter(until=MIDDLING_WEDDING.decided_at), [SMALL_CAR]),
        (DecisionFilter(minimum_amount=10_000.0), [LARGE_CARD, MIDDLING_WEDDING]),
        (DecisionFilter(minimum_amount=10_000.01), [LARGE_CARD]),
        (DecisionFilter(maximum_amount=5_000.1), [SMALL_CAR]),
        (DecisionFilter(maximum_amount=5_000.09), []),
        (DecisionFilter(maximum_amount=float("inf")), NEWEST_FIRST),
        (DecisionFilter(minimum_amount=-1e300, maximum_amount=1e300), NEWEST_FIRST),
        (DecisionFilter(minimum_pd=LARGE_CARD.prediction.pd.value), [LARGE_CARD, MIDDLING_WEDDING]),
        (DecisionFilter(below_pd=LARGE_CARD.prediction.pd.value), [SMALL_CAR]),
        (DecisionFilter(minimum_pd=0.3, below_pd=0.2), []),
        (DecisionFilter(minimum_amount=1e300), []),
        (DecisionFilter(minimum_amount=5_000.1, maximum_amount=5_000.1), [SMALL_CAR]),
        (DecisionFilter(grade="G"), [LARGE_CARD]),
        (DecisionFilter(grade="\0"), []),
        (DecisionFilter(requested_by="annlee"), [LARGE_CARD]),
        (DecisionFilter(requested_by="ANNLEE"), []),
        (DecisionFilter(text="0a1b"), [MIDDLING_WEDDING, SMALL_CAR]),
        (DecisionFilter(text="0A1B2C3D-4"), [SMALL_CAR]),
        (DecisionFilter(text=str(LARGE_CARD.decision_id)), [LARGE_CARD]),
        (DecisionFilter(text="0a1b2c3d4"), []),
        (DecisionFilter(text=f"{LARGE_CARD.decision_id}0"), []),
        (DecisionFilter(text="LEE"), [LARGE_CARD, SMALL_CAR]),
        (DecisionFilter(text="n_l"), [SMALL_CAR]),
        (DecisionFilter(text="0%"), [MIDDLING_WEDDING]),
        (DecisionFilter(text="BÖB"), [MIDDLING_WEDDING]),
        (DecisionFilter(text="car"), [LARGE_CARD, SMALL_CAR]),
        (DecisionFilter(text="wedd"), [MIDDLING_WEDDING]),
        (DecisionFilter(text="Credit card"), [LARGE_CARD]),
        (DecisionFilter(text="credit c"), [LARGE_CARD]),
        (DecisionFilter(text="T_CARD"), [LARGE_CARD]),
        (DecisionFilter(text="card credit"), []),
        (DecisionFilter(text="'; DROP TABLE decisions; --"), []),
        (DecisionFilter(text="\0"), []),
        (DecisionFilter(text="\ud800"), []),
        (DecisionFilter(text=""), NEWEST_FIRST),
        (DecisionFilter(text="lee", outcome=Outcome.APPROVED, grade="A", minimum_amount=1), [SMALL_CAR]),
        (DecisionFilter(text="lee", outcome=Outcome.APPROVED, grade="B"), []),
        (DecisionFilter(text="ln-0001"), [MIDDLING_WEDDING, SMALL_CAR]),
        (DecisionFilter(text="LN-0002"), [MIDDLING_WEDDING]),
        (DecisionFilter(text="c 47"), [SMALL_CAR]),
        (DecisionFilter(text="LN-0002%"), []),
        (DecisionFilter(text="LN-000__"), []),
        (DecisionFilter(text="N-0001"), []),
        (DecisionFilter(text="LN-0001\\"), []),
        (DecisionFilter(application_reference="LN-0001"), [SMALL_CAR]),
        (DecisionFilter(application_reference="ln-0001"), []),
        (DecisionFilter(application_reference="LN-000"), []),
        (DecisionFilter(applicant_reference="LN-0001"), [MIDDLING_WEDDING]),
        (DecisionFilter(applicant_reference="\0"), []),
        (DecisionFilter(source="los"), [SMALL_CAR]),
        (DecisionFilter(channel="branch"), [MIDDLING_WEDDING]),
        (DecisionFilter(channel="batch"), []),
        (DecisionFilter(received_through="web"), [LARGE_CARD]),
        (DecisionFilter(model_version="2015.3"), [LARGE_CARD, SMALL_CAR]),
        (DecisionFilter(policy_version="2"), [MIDDLING_WEDDING]),
        (DecisionFilter(trial=True), [MIDDLING_WEDDING]),
        (DecisionFilter(trial=False), [LARGE_CARD, SMALL_CAR]),
        (DecisionFilter(trial=False, source="los", channel="broker", model_version="2015.3"), [SMALL_CAR]),
        (DecisionFilter(sort=DecisionSort.OLDEST), [SMALL_CAR, MIDDLING_WEDDING, LARGE_CARD]),
        (DecisionFilter(sort=DecisionSort.AMOUNT), [LARGE_CARD, MIDDLING_WEDDING, SMALL_CAR]),
        (DecisionFilter(sort=DecisionSort.AMOUNT_ASCENDING), [SMALL_CAR, MIDDLING_WEDDING, LARGE_CARD]),
        (DecisionFilter(sort=DecisionSort.PD), [MIDDLING_WEDDING, LARGE_CARD, SMALL_CAR]),
        (DecisionFilter(sort=DecisionSort.PD_ASCENDING), [SMALL_CAR, LARGE_CARD, MIDDLING_WEDDING]),
        (DecisionFilter(sort=DecisionSort.PD, trial=False), [LARGE_CARD, SMALL_CAR]),
    ],
    ids=described,
)
async def test_every_filter_finds_its_decisions_in_order(
    store: Store, wanted: DecisionFilter, expected: Sequence[DecisionRecord]
) -> None:
    for record in (MIDDLING_WEDDING, LARGE_CARD, SMALL_CAR):
        await store.ledger.record(record)
    page = await store.archive.page(wanted, limit=10)
    assert list(page.records) == list(expected)
    assert (page.total, page.next_cursor) == (len(expected), None)


@pytest.mark.parametrize("limit", [1, 3, 7, 20, 21])
async def test_paging_is_complete_even_if_times_are_equal(store: Store, limit: int) -> None:
    records = [
        replace(a_decision_record(), decided_at=A_MOMENT + timedelta(seconds=number // 7)) for number in range(21)
    ]
    await store.ledger.record_all(records)
    newest_first = sorted(records, key=lambda record: (record.decided_at, record.decision_id), reverse=True)
    assert await everything(store, DecisionFilter(), limit=limit) == newest_first


@pytest.mark.parametrize("sort", DecisionSort)
async def test_paging_is_complete_in_every_order(store: Store, sort: DecisionSort) -> None:
    records = [
        a_decision_record(
            decided_at=A_MOMENT + timedelta(seconds=number // 5),
            application=a_loan_application(loan_amnt=[5_000.10, 12_000, 35_000.75][number % 3]),
            prediction=a_prediction(log_odds=-number // 4),
        )
        for number in range(20)
    ]
    await store.ledger.record_all(records)
    paged = await everything(store, DecisionFilter(sort=sort), limit=3)
    whole = (await store.archive.page(DecisionFilter(sort=sort), limit=30)).records
    assert paged == list(whole)
    assert {record.decision_id for record in paged} == {record.decision_id for record in records}


async def test_a_cursor_is_for_one_order(store: Store) -> None:
    await store.ledger.record_all([a_decision_record() for _ in range(3)])
    for sort in DecisionSort:
        cursor = (await store.archive.page(DecisionFilter(sort=sort), limit=1)).next_cursor
        for other in set(DecisionSort) - {sort}:
            with pytest.raises(InvalidCursor):
                await store.archive.page(DecisionFilter(sort=other), limit=1, cursor=cursor)


@pytest.mark.parametrize(
    "wanted",
    [
        DecisionFilter(application_reference="LN-0001"),
        DecisionFilter(text="LN-0001"),
        DecisionFilter(source="los"),
    ],
    ids=described,
)
async def test_a_search_by_reference_finds_only_the_owners_decisions(store: Store, wanted: DecisionFilter) -> None:
    await store.ledger.record_all([SMALL_CAR, MIDDLING_WEDDING])
    assert (await store.archive.page(wanted, limit=5, owner="Ann_Lee")).records == (SMALL_CAR,)
    assert (await store.archive.page(wanted, limit=5, owner="annlee")).total == 0


async def test_every_page_has_the_total_count_of_matches(store: Store) -> None:
    wanted = DecisionFilter(requested_by="marta")
    await store.ledger.record_all([a_decision_record() for _ in range(5)] + [SMALL_CAR])
    first = await store.archive.page(wanted, limit=3)
    last = await store.archive.page(wanted, limit=3, cursor=first.next_cursor)
    assert (first.total, len(first.records), last.total, len(last.records)) == (5, 3, 5, 2)


@pytest.mark.parametrize("sort", DecisionSort)
async def test_a_forged_cursor_is_rejected_or_leads_to_a_page(store: Store, sort: DecisionSort) -> None:
    await store.ledger.record_all([SMALL_CAR])
    for letter in ("", *ascii_lowercase):
        for digits in ("A" * 32, "_" * 32, "f" * 32, "gA" + "A" * 30, "AAAA8AAA1Z-ABoiVZAgt2qZNd_MMFr6Q"):
            with suppress(InvalidCursor):
                await store.archive.page(DecisionFilter(sort=sort), limit=3, cursor=f"{letter}{digits}")


@pytest.mark.parametrize("cursor", ["", "nonsense", "AAAA", "é", "-1", "A" * 32 + "=", "f" * 32])
async def test_an_invalid_cursor_is_rejected(store: Store, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        await store.archive.page(DecisionFilter(), limit=3, cursor=cursor)
