"""Logs, metrics, traces and error reports hold no personal data, whether a request succeeds or fails."""

import gzip
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sentry_sdk

from adapters.observability.observability import Observability
from application.ports.models.credit_model import ModelVersion
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import (
    a_decision_record,
    a_loan_application,
    a_prediction,
)
from support.memory.decisions import MemoryDecisions
from support.memory.predictions import MemoryPredictionCache

INCOME, AMOUNT, DTI, UTILISATION = 61_234.56, 17_531.25, 23.4567, 61.8034
PERSONAL_DATA = (
    "61234",
    "6123456",
    "17531",
    "1753125",
    "23.4567",
    "61.8034",
    "s3cret-token",
    "198.51.100.7",
    "MORTGAGE",
)


@pytest.fixture(autouse=True)
def no_sentry_afterwards() -> Iterator[None]:
    yield
    sentry_sdk.get_global_scope().set_client(None)


def an_application() -> Any:
    return a_loan_application(annual_inc=INCOME, loan_amnt=AMOUNT, dti=DTI, revol_util=UTILISATION)


def contains(text: str, value: str) -> bool:
    """Return whether the value occurs as a whole: times and identifiers contain any digits by chance."""
    return re.search(rf"(?<![0-9a-fA-F.]){re.escape(value)}(?![0-9a-fA-F])", text) is not None


@pytest.mark.parametrize("fails", [False, True])
async def test_no_output_holds_any_of_an_applications_data(
    start: Callable[..., Observability], receiver: Any, log: Any, request_through: Any, fails: bool
) -> None:
    observability = start(
        log_level="debug",
        otlp_endpoint=f"http://{receiver.address}",
        sentry_dsn=f"http://public@{receiver.address}/42",
    )
    application = an_application()
    ledger = observability.observe_ledger(MemoryDecisions())
    cache = observability.observe_cache(MemoryPredictionCache())

    async def assess(application: Any) -> Any:
        characteristics = PERSONAL_LOAN.characteristics_of(application)
        await cache.get(ModelVersion("1", "ab"), characteristics)
        await cache.put(ModelVersion("1", "ab"), characteristics, a_prediction())
        if fails:
            raise RuntimeError(f"the database failed\nDETAIL: failing row contains {application}")
        record = a_decision_record(application=application)
        await ledger.record(record)
        return record

    observed_assess = observability.observe(assess, "assess")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        try:
            record = await observed_assess(application)
            scope["state"]["observed"] = {"decision_id": str(record.decision_id), "outcome": "referred"}
        except RuntimeError as error:
            logging.getLogger("api").exception("a request failed unexpectedly", exc_info=error)
            scope["state"]["observed"] = {"error": "RuntimeError"}
        await send({"type": "http.response.start", "status": 500 if fails else 200, "headers": []})

    await request_through(
        observability.middleware(app),
        method="POST",
        path=f"/predictions/{AMOUNT}",
        query_string=f"annual_inc={INCOME}".encode(),
        headers=[(b"authorization", b"Bearer s3cret-token"), (b"cookie", b"annual_inc=61234.56")],
        client=("198.51.100.7", 40_000),
        body=json.dumps({"annual_inc": INCOME, "loan_amnt": AMOUNT, "dti": DTI}).encode(),
    )
    observability.close()
    posts = [
        gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
        for _, headers, body in receiver.posts
    ]
    assert len(posts) == 1 + fails
    outputs = {
        "log": log.getvalue(),
        "metrics": observability.metrics.exposition()[0].decode(),
        "spans and reports": b"".join(posts).decode("latin-1"),
    }
    assert "assess" in outputs["metrics"]
    assert "assess" in outputs["spans and reports"]
    found = [(where, value) for where, text in outputs.items() for value in PERSONAL_DATA if contains(text, value)]
    assert found == []
