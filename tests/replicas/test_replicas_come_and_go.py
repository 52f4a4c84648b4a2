"""A replica is stopped or killed under load: clients are answered, and answered decisions are recorded once."""

import re
import time
from pathlib import Path

import pytest

from adapters.embedded import EmbeddedPostgres, EmbeddedValkey
from harness.callers import Callers, all_unavailable_with_retry_after
from harness.polling import eventually
from harness.records import chains_of_decisions, recorded_decisions
from replicas.behind_haproxy import AUTHORITY, HAPROXY, NO_HAPROXY, Pair, running_pair

pytestmark = pytest.mark.timeout(120)
CALLERS = 16


def more_decisions(callers: Callers) -> None:
    """Wait until clients have received more decisions."""
    before = len(callers.result.decided)
    eventually(lambda: len(callers.result.decided) > before + 300)


def checkpoints_of_intact_trail(pair: Pair) -> int:
    """The number of checkpoints of the audit trail, after everything was verified."""
    verified = pair.run("audit", "verify", "--whole")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    found = re.search(r"and ([\d,]+) checkpoints? verified: no issues\.", verified.stdout)
    assert found, verified.stdout
    return int(found[1].replace(",", ""))


def test_a_rolling_restart_fails_no_request(pair: Pair) -> None:
    with Callers(pair, CALLERS, tls=AUTHORITY.trust) as callers:
        for name, replica in pair.replicas.items():
            more_decisions(callers)
            replica.stop()
            more_decisions(callers)
            replica.start()
            eventually(lambda name=name: pair.is_up(name))
        more_decisions(callers)
    result = callers.result
    assert (result.cut, result.refused) == (0, [])
    assert sorted(result.decided) == sorted(recorded_decisions(pair.database_url))
    assert chains_of_decisions(pair.database_url) == 4
    assert checkpoints_of_intact_trail(pair) >= 1


@pytest.mark.parametrize("keyed", [False, True], ids=["without keys", "with keys"])
def test_a_killed_replica_fails_at_most_its_own_requests(pair: Pair, keyed: bool) -> None:
    killed = pair.replicas["one"]
    with Callers(pair, CALLERS, keyed=keyed, tls=AUTHORITY.trust) as callers:
        more_decisions(callers)
        killed.kill()
        more_decisions(callers)
        killed.start()
        eventually(lambda: pair.is_up("one"))
        more_decisions(callers)
    result = callers.result
    recorded = recorded_decisions(pair.database_url)
    assert set(result.decided) <= set(recorded)
    if keyed:  # every retry returned the one recorded decision
        assert result.refused == []
        assert sorted(result.decided) == sorted(recorded)
    else:
        assert {answer.status for answer in result.refused} <= {502}
        lost = result.cut + len(result.refused)
        assert lost <= CALLERS
        assert len(result.decided) <= len(recorded) <= len(result.decided) + lost
    assert len(set(recorded)) == len(recorded)
    assert chains_of_decisions(pair.database_url) == 3
    assert checkpoints_of_intact_trail(pair) >= 1


def test_both_replicas_recover_when_their_engines_restart(tmp_path: Path) -> None:
    if HAPROXY is None:
        pytest.skip(NO_HAPROXY)
    with (
        EmbeddedPostgres(tmp_path / "shared") as database,
        EmbeddedValkey(tmp_path / "shared") as cache,
        running_pair(tmp_path, database.url, cache.url, SCORING_PREDICTION_CACHE="shared") as pair,
    ):
        with Callers(pair, CALLERS, tls=AUTHORITY.trust) as callers:
            result = callers.result
            cache.stop()
            time.sleep(2)  # time for health checks
            more_decisions(callers)
            assert pair.is_up("one")
            assert result.refused == []
            database.stop()
            eventually(lambda: not pair.is_up("one") and not pair.is_up("two"))
            before = len(result.refused)
            eventually(lambda: len(result.refused) > before + 100)
            database.start()
            more_decisions(callers)
        assert all_unavailable_with_retry_after(result.refused)
        assert result.cut == 0
        assert set(result.decided) <= set(recorded_decisions(database.url))


def test_no_request_is_sent_to_a_replica_that_hangs(pair: Pair) -> None:
    hanging = pair.replicas["two"].process
    with Callers(pair, CALLERS, tls=AUTHORITY.trust) as callers:
        more_decisions(callers)
        hanging.suspend()
        try:
            eventually(lambda: not pair.is_up("two"))
            time.sleep(1)
        finally:
            hanging.resume()
        eventually(lambda: pair.is_up("two"))
        more_decisions(callers)
    assert callers.result.cut == 0
    assert len(callers.result.refused) <= CALLERS
    assert all_unavailable_with_retry_after(callers.result.refused)
