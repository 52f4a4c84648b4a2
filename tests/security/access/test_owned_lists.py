"""Lists, filters, cursors and totals reveal nothing about other users, in every store."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from acceptance.http_lender import LenderThroughHttp
from adapters.messaging.signatures import RecipientSecrets
from adapters.persistence.batches.batches import PostgresBatches
from adapters.persistence.database.connections import database_engine
from adapters.persistence.decisions.archive.decision_archive import PostgresDecisionArchive
from adapters.persistence.webhooks.outbox import PostgresOutbox
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.ports.batches.batch_content import BatchContent
from application.ports.batches.batches import Batches
from application.ports.decisions.decision_archive import DecisionArchive
from application.ports.decisions.decision_ledger import DecisionLedger
from application.ports.webhooks.webhooks import DeliveryNotFound, Outbox
from application.use_cases.batches.batch_use_cases import BatchUseCases
from application.use_cases.decisions.read_decisions import ListDecisions
from application.use_cases.webhooks.dead_letters import RetryDeadLetter
from application.use_cases.webhooks.webhook_use_cases import WebhookUseCases
from domain.access.user import Actor, PermissionDenied, Role
from domain.applications.application_identity import ApplicationIdentity
from domain.batches.batch import Batch
from entrypoints.api.app import create_app
from support.batches import SOME_LOANS, pieces
from support.builders import A_MOMENT, a_decision_record, an_event
from support.databases import ledger_at
from support.memory.batches import MemoryBatches
from support.memory.decisions import MemoryDecisions
from support.memory.outbox import MemoryOutbox
from support.memory.subscriptions import MemoryWebhookSubscriptions

AURORA, BOREALIS = Actor("aurora", Role.SERVICE), Actor("borealis", Role.SERVICE)
ARTHUR, RITA = Actor("arthur", Role.AUDITOR), Actor("rita", Role.RISK_MANAGER)
DECISIONS, BATCHES, DEAD_LETTERS = "/api/v1/decisions", "/api/v1/batches", "/api/v1/webhooks/dead-letters"
EACH = 7
"""The number of decisions and batches of each service, created alternately."""


@dataclass
class Stores:
    """The stores of decisions, batches and messages."""

    ledger: DecisionLedger
    archive: DecisionArchive
    batches: Batches
    outbox: Outbox


@pytest.fixture
async def postgres_stores(migrated_url: str) -> AsyncIterator[Stores]:
    engine = database_engine(migrated_url)
    async with ledger_at(migrated_url) as ledger:
        batches = PostgresBatches(migrated_url, engine)
        yield Stores(ledger, PostgresDecisionArchive(engine), batches, PostgresOutbox(engine))
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "postgres":
        found: Stores = request.getfixturevalue("postgres_stores")
        return found
    decisions = MemoryDecisions()
    batches = MemoryBatches(decisions)
    return Stores(decisions, decisions, batches, batches.outbox)


class Api:
    """The API over these stores, and its callers."""

    def __init__(self, lender: LenderThroughHttp, stores: Stores) -> None:
        self._lender = lender
        secrets = RecipientSecrets(b"k" * 32)
        use_cases = replace(
            lender.use_cases,
            read_decision=replace(lender.use_cases.read_decision, archive=stores.archive),
            list_decisions=ListDecisions(stores.archive),
            batches=BatchUseCases.over(stores.batches, SystemClock(), TimeOrderedIdentifiers()),
            webhooks=WebhookUseCases.over(
                stores.outbox,
                MemoryWebhookSubscriptions(MemoryOutbox()),
                secrets,
                SystemClock(),
                TimeOrderedIdentifiers(),
            ),
        )
        transport = httpx.ASGITransport(create_app(use_cases, version="test"))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://api")

    async def get(self, path: str, by: Actor, **wanted: Any) -> dict[str, Any]:
        answer = await self.client.get(path, params=wanted, headers=self._lender.headers(by))
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


@pytest.fixture
async def api(stores: Stores) -> AsyncIterator[Api]:
    api = Api(await asyncio.to_thread(LenderThroughHttp), stores)
    yield api
    await api.client.aclose()


@pytest.fixture
async def decided(stores: Stores) -> dict[str, list[str]]:
    """The decisions of each service, newest first."""
    found: dict[str, list[str]] = {AURORA.name: [], BOREALIS.name: []}
    for number in range(EACH):
        for by in (AURORA, BOREALIS):
            record = a_decision_record(
                decision_id=TimeOrderedIdentifiers().new(),
                decided_at=A_MOMENT + timedelta(minutes=number),
                requested_by=by,
                identity=ApplicationIdentity(
                    f"of {by.name}", f"applicant of {by.name}", f"source of {by.name}", f"channel of {by.name}"
                ),
            )
            await stores.ledger.record(record)
            found[by.name].insert(0, str(record.decision_id))
    return found


@pytest.fixture
async def handed_in(stores: Stores) -> dict[str, list[UUID]]:
    """The batches of each service, newest first."""
    found: dict[str, list[UUID]] = {AURORA.name: [], BOREALIS.name: []}
    for _ in range(EACH):
        for by in (AURORA, BOREALIS):
            batch = Batch(
                TimeOrderedIdentifiers().new(), "loans.csv", A_MOMENT, by, "https://webhooks.example/secret"
            )
            await stores.batches.accept(batch, BatchContent(pieces(SOME_LOANS)))
            found[by.name].append(batch.batch_id)
    return {name: sorted(other, reverse=True) for name, other in found.items()}


def identifiers(page: dict[str, Any]) -> list[str]:
    return [each["request_id"] for each in page["decisions"]]


async def test_pages_of_decisions_are_full_and_contain_only_own_decisions(
    api: Api, decided: dict[str, list[str]]
) -> None:
    for by in (AURORA, BOREALIS):
        found, cursor = [], {}
        while True:
            page = await api.get(DECISIONS, by, limit=3, **cursor)
            assert page["total"] == EACH
            assert {each["requested_by"] for each in page["decisions"]} == {by.name}
            found += identifiers(page)
            if page["next_cursor"] is None:
                break
            assert len(page["decisions"]) == 3
            cursor = {"cursor": page["next_cursor"]}
        assert found == decided[by.name]
    everything = await api.get(DECISIONS, ARTHUR, limit=200)
    assert everything["total"] == len(identifiers(everything)) == 2 * EACH


async def test_no_filter_finds_or_counts_decisions_of_another_user(
    api: Api, decided: dict[str, list[str]]
) -> None:
    other = decided[BOREALIS.name]
    for wanted in (
        {"requested_by": BOREALIS.name},
        {"text": BOREALIS.name},
        {"text": other[0]},
        {"text": other[0].upper()},
        {"requested_by": BOREALIS.name, "limit": 1},
        {"application_reference": "of borealis"},
        {"applicant_reference": "applicant of borealis"},
        {"source": "source of borealis"},
        {"channel": "channel of borealis", "sort": "amount"},
        {"text": "of bor"},
        {"text": "applicant of b"},
    ):
        page = await api.get(DECISIONS, AURORA, **wanted)
        assert (identifiers(page), page["total"], page["next_cursor"]) == ([], 0, None), wanted
    for wanted in (
        {"text": other[0][:4]},
        {"outcome": "referred"},
        {"since": "2000-01-01"},
        {"trial": "true"},
        {"received_through": "api"},
        {"model_version": "2015.3", "sort": "pd"},
        {"text": "applicant of"},
    ):
        page = await api.get(DECISIONS, AURORA, **wanted)
        assert set(identifiers(page)) <= set(decided[AURORA.name])
        assert page["total"] == len(identifiers(page))


async def test_a_cursor_of_a_user_who_sees_all_gives_a_service_only_its_own(
    api: Api, decided: dict[str, list[str]], stores: Stores
) -> None:
    cursor = (await api.get(DECISIONS, ARTHUR, limit=1))["next_cursor"]
    page = await api.get(DECISIONS, AURORA, cursor=cursor)
    assert set(identifiers(page)) <= set(decided[AURORA.name])
    assert page["total"] == EACH


async def test_pages_of_batches_are_full_and_contain_only_own_batches(
    api: Api, handed_in: dict[str, list[UUID]]
) -> None:
    for by in (AURORA, BOREALIS):
        found, before = [], {}
        while True:
            page = await api.get(BATCHES, by, limit=3, **before)
            found += [UUID(each["batch_id"]) for each in page["batches"]]
            if page["next_before"] is None:
                break
            assert len(page["batches"]) == 3
            assert UUID(page["next_before"]) in handed_in[by.name]
            before = {"before": page["next_before"]}
        assert found == handed_in[by.name]
    assert len((await api.get(BATCHES, RITA))["batches"]) == 2 * EACH


async def test_a_batch_of_another_user_as_cursor_is_like_an_absent_one(
    api: Api, handed_in: dict[str, list[UUID]]
) -> None:
    other = handed_in[BOREALIS.name][3]
    nothing = UUID(int=other.int + 1)
    assert await api.get(BATCHES, AURORA, before=other) == await api.get(BATCHES, AURORA, before=nothing)


@pytest.fixture
async def dead(stores: Stores, handed_in: dict[str, list[UUID]]) -> dict[str, set[str]]:
    """Two dead letters of each service; their identifiers."""
    for name in (AURORA.name, BOREALIS.name):
        for batch_id in handed_in[name][:2]:
            await stores.batches.cancel(batch_id, an_event())
    found: dict[str, set[str]] = {AURORA.name: set(), BOREALIS.name: set()}
    while delivery := await stores.outbox.lease_next(duration=timedelta(hours=1)):
        await stores.outbox.mark_failed(delivery.delivery_id, "no response", retry_in=None)
        found[delivery.recipient].add(str(delivery.delivery_id))
    return found


async def test_a_service_sees_only_its_own_dead_letters(
    api: Api, dead: dict[str, set[str]], stores: Stores
) -> None:
    for by, expected in (
        (AURORA, dead[AURORA.name]),
        (BOREALIS, dead[BOREALIS.name]),
        (RITA, dead[AURORA.name] | dead[BOREALIS.name]),
    ):
        listed = (await api.get(DEAD_LETTERS, by))["dead_letters"]
        assert {each["delivery_id"] for each in listed} == expected
        assert len(expected) >= 2


async def test_a_dead_letter_is_retried_by_its_recipient_or_a_risk_manager(
    dead: dict[str, set[str]], stores: Stores
) -> None:
    retry = RetryDeadLetter(stores.outbox)
    own, other = (UUID(min(dead[by.name])) for by in (AURORA, BOREALIS))
    with pytest.raises(DeliveryNotFound, match=str(other)):
        await retry(other, by=AURORA)
    with pytest.raises(PermissionDenied):
        await retry(other, by=ARTHUR)
    await retry(own, by=AURORA)
    await retry(other, by=RITA)
    retried = [await stores.outbox.lease_next(duration=timedelta(hours=1)) for _ in range(3)]
    assert {each and each.delivery_id for each in retried} == {own, other, None}


async def test_each_service_reads_its_own_webhook_secret(api: Api) -> None:
    first, second = [(await api.get("/api/v1/webhooks/secret", by))["secret"] for by in (AURORA, BOREALIS)]
    assert first != second
