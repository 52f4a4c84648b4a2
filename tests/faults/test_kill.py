"""`kill -9` under load: answered decisions are recorded, and retried requests are recorded once."""

from pathlib import Path

import pytest

from harness.callers import all_unavailable_with_retry_after
from harness.kills import VICTIMS, measure_kill
from harness.records import audit_trail_verifies
from support.starting import Start

pytestmark = pytest.mark.timeout(60)


@pytest.mark.parametrize(
    ("victim", "keyed"), [("the API", False), *((victim, True) for victim in VICTIMS)], ids=str
)
def test_every_answered_decision_is_recorded(tmp_path: Path, start: Start, victim: str, keyed: bool) -> None:
    service = start(tmp_path)
    result = measure_kill(service, VICTIMS[victim], keyed=keyed)
    assert result.cut + len(result.refused) > 0
    assert all_unavailable_with_retry_after(result.refused)
    assert (result.missing, result.duplicates) == (0, 0)
    assert result.unanswered <= (0 if keyed else result.cut + len(result.refused))
    assert audit_trail_verifies(service)
