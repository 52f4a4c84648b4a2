"""With more requests than can be recorded, some get 503, and no decision is returned unrecorded."""

import asyncio
from dataclasses import replace

import asyncpg
import httpx

from adapters.persistence.decisions.decision_ledger import PostgresDecisionLedger
from application.use_cases.decisions.assess_once import AssessOnce
from domain.access.user import Role
from domain.products.personal_loan import EXAMPLE
from entrypoints.api.app import create_app


async def test_a_full_queue_answers_503_with_retry_after(service, migrated_url, problem):
    ledger = PostgresDecisionLedger(migrated_url, max_pending=4, max_batch=2)
    use_cases = service.use_cases()
    app = create_app(
        replace(use_cases, assess_once=AssessOnce(replace(use_cases.assess, ledger=ledger))), version="1"
    )
    transport, headers = httpx.ASGITransport(app), service.as_(Role.SERVICE)
    await ledger.open()
    holding = await asyncpg.connect(migrated_url)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:

        async def ask():
            return await client.post("/api/v1/predictions", json=EXAMPLE)

        assert (await ask()).status_code == 200
        async with holding.transaction():
            await holding.execute("LOCK TABLE audit_entries IN EXCLUSIVE MODE")
            requests = [asyncio.create_task(ask()) for _ in range(20)]
            async with asyncio.timeout(4):  # shorter than the timeout of waiting requests
                while len([task for task in requests if task.done()]) < 20 - 4 - 2:  # noqa: ASYNC110 - there is no event for it
                    await asyncio.sleep(0.05)
            turned_away = [task.result() for task in requests if task.done()]
        responses = await asyncio.gather(*requests)
    assert len(turned_away) >= 20 - 4 - 2
    for response in turned_away:
        assert problem(response, 503)["type"] == "urn:credit-scoring:problem:ledger-unavailable"
        assert int(response.headers["retry-after"]) > 0
    answered = [response for response in responses if response.status_code == 200]
    assert len(answered) + len(turned_away) == 20
    assert await holding.fetchval("SELECT count(*) FROM decisions") == 1 + len(answered)
    await holding.close()
    await ledger.close()
