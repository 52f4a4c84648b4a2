"""`kill -9` under load: answered decisions are recorded, and retried requests are recorded once."""

from pathlib import Path

import pytest

from harness.callers import told_to_come_back
from harness.kills import VICTIMS, toll_of
from harness.records import chains_are_whole
from support.starting import Start

pytestmark = pytest.mark.timeout(60)


@pytest.mark.parametrize(
    ("victim", "keyed"), [("the API", False), *((victim, True) for victim in VICTIMS)], ids=str
)
def test_every_answered_decision_is_recorded(tmp_path: Path, start: Start, victim: str, keyed: bool) -> None:
    service = start(tmp_path)
    toll = toll_of(service, VICTIMS[victim], keyed=keyed)
    assert toll.cut + len(toll.refused) > 0
    assert told_to_come_back(toll.refused)
    assert (toll.missing, toll.duplicates) == (0, 0)
    assert toll.unheard <= (0 if keyed else toll.cut + len(toll.refused))
    assert chains_are_whole(service)
