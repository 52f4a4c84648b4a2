"""What a request says about the credit bureau's data: read exactly, recorded, and never approved if doubtful."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.access.user import Role
from domain.decisions.circumstances import NO_CIRCUMSTANCES, BureauStatus, Circumstances
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import EXAMPLE, PERSONAL_LOAN
from entrypoints.api.decisions.decoding import ApplicationDecoder
from entrypoints.api.http.problems import RequestRejected
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT

READ = ApplicationDecoder(PERSONAL_LOAN)


def body(*pairs: tuple[str, Any]) -> bytes:
    members = [*EXAMPLE.items(), *pairs]
    return f"{{{', '.join(f'{json.dumps(name)}: {json.dumps(value)}' for name, value in members)}}}".encode()


def errors_of(*pairs: tuple[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(RequestRejected) as refused:
        READ(body(*pairs))
    errors: Any = refused.value.problem.errors
    return [(error.field, error.problem) for error in errors]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], NO_CIRCUMSTANCES),
        ([("bureau_status", "found")], NO_CIRCUMSTANCES),
        ([("bureau_status", None), ("bureau_report_date", None)], NO_CIRCUMSTANCES),
        ([("bureau_status", "missing")], Circumstances(BureauStatus.MISSING)),
        ([("bureau_report_date", "2026-03-01")], Circumstances(bureau_report_date=date(2026, 3, 1))),
        (
            [("bureau_report_date", "2024-02-29"), ("bureau_status", "disputed"), ("source", "los")],
            Circumstances(BureauStatus.DISPUTED, date(2024, 2, 29)),
        ),
    ],
)
def test_bureau_data_is_read_once(
    monkeypatch: pytest.MonkeyPatch, pairs: list[tuple[str, Any]], expected: Circumstances
) -> None:
    thoroughly = READ.read_thoroughly(body(*pairs))
    monkeypatch.delattr(ApplicationDecoder, "read_thoroughly")  # what is valid is not read field by field
    read = READ(body(*pairs))
    assert read.circumstances == thoroughly.circumstances == expected
    assert (read.circumstances is NO_CIRCUMSTANCES) == (expected is NO_CIRCUMSTANCES)


@pytest.mark.parametrize(
    ("pair", "problem"),
    [
        (("bureau_status", "frozne"), "is not an allowed value; did you mean frozen?"),
        (("bureau_status", "FOUND"), "is not an allowed value; did you mean found?"),
        (("bureau_status", 1), "is not text"),
        (("bureau_status", ["missing"]), "is not text"),
        (("bureau_report_date", "2026-02-30"), "is not a date"),
        (("bureau_report_date", "20260301"), "is not a date"),
        (("bureau_report_date", "2026-03-01T10:00:00Z"), "is not a date"),
        (("bureau_report_date", "01/03/2026"), "is not a date"),
        (("bureau_report_date", 20260301), "is not text"),
        (("bureau_report_date", ""), "is not a date"),
    ],
)
def test_invalid_bureau_data_is_named(pair: tuple[str, Any], problem: str) -> None:
    assert errors_of(pair) == [(pair[0], problem)]


def test_every_error_is_named_at_once() -> None:
    wrong = (("bureau_status", "gone"), ("bureau_report_date", "soon"), ("credit_pull_date", "2026-01-01"))
    found = errors_of(*wrong)
    assert found == [
        ("bureau_status", "is not an allowed value"),
        ("bureau_report_date", "is not a date"),
        ("credit_pull_date", "is not a field of a loan application; did you mean bureau_report_date?"),
    ]
    assert errors_of(("bureau_status", "found"), ("bureau_status", "found")) == [
        ("bureau_status", "is given more than once")
    ]


@pytest.mark.parametrize("status", ["missing", "frozen", "disputed"])
def test_doubtful_data_refers_and_is_recorded(service, status):
    asyncio.run(service.bundles.archive(CHAMPION_FINGERPRINT, CHAMPION))
    asyncio.run(service.policies.archive(POLICY_3))
    answer = service.ask(bureau_status=status, bureau_report_date="2020-01-01").json()
    prediction = answer["prediction"]
    assert prediction["outcome"] == "referred"
    assert prediction["recommended_amount"] == 0
    assert all(reason["text"].startswith("Unable to verify") for reason in prediction["reasons"])
    assert len(prediction["failed_rules"]) == 2
    assert prediction["reasons"][1]["code"] == "UNABLE_TO_VERIFY_STALE_REPORT"
    found = service.get(f"/api/v1/decisions/{answer['request_id']}").json()
    assert found["application"] == EXAMPLE | {"bureau_status": status, "bureau_report_date": "2020-01-01"}
    auditor = {"role": Role.AUDITOR}
    reproduced = service.get(f"/api/v1/decisions/{answer['request_id']}/reproduction", **auditor).json()
    assert reproduced["identical"] is True
    explained = service.get(f"/api/v1/decisions/{answer['request_id']}/counterfactual", **auditor).json()
    assert explained["counterfactuals"] == []
    assert "credit bureau" in explained["note"]


def test_a_report_of_today_is_fresh_and_one_of_tomorrow_is_an_error(service, problem):
    today = datetime.now(UTC).date()
    fresh = service.ask(bureau_status="found", bureau_report_date=today.isoformat()).json()
    assert fresh["prediction"]["outcome"] == "approved"
    later = (today + timedelta(days=2)).isoformat()
    content = problem(service.ask(bureau_report_date=later), 422)
    assert content["type"].endswith(":invalid-application")
    (error,) = content["errors"]
    assert (error["field"], error["value"]) == ("bureau_report_date", later)
    assert error["problem"].startswith("is after today, 20")
    assert error["problem"].endswith(" (UTC)")
