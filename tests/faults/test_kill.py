"""`kill -9` of the API under load: what was answered is on record, and what was asked again is there once."""

from pathlib import Path

import psutil
import pytest

from harness.callers import Callers
from harness.patience import eventually
from harness.records import chains_are_whole, on_record
from starting import Start

pytestmark = pytest.mark.timeout(30)


@pytest.mark.parametrize("keyed", [False, True], ids=["without keys", "with keys"])
def test_every_answered_decision_is_found_after_the_restart(tmp_path: Path, start: Start, keyed: bool) -> None:
    service = start(tmp_path)
    with Callers(service, 16, keyed=keyed) as callers:
        heard = callers.heard
        eventually(lambda: len(heard.decided) > 500)
        killed = service.api_process()
        psutil.Process(killed).kill()
        eventually(lambda: service.api_process() not in {killed, None})
        before = len(heard.decided)
        eventually(lambda: len(heard.decided) > before + 100)
    recorded = on_record(service.database_url)
    assert heard.cut > 0
    assert heard.refused == []
    assert set(heard.decided) <= set(recorded)
    assert len(set(recorded)) == len(recorded)
    if keyed:
        assert sorted(heard.decided) == sorted(recorded)
    else:
        assert len(recorded) <= len(heard.decided) + heard.cut
    assert chains_are_whole(service)
