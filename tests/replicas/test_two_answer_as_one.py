"""Every replica gives the same answer."""

import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import redis

from domain.access.user import Role
from domain.products.personal_loan import EXAMPLE
from harness.people import add_user
from harness.records import recorded_decisions
from replicas.behind_haproxy import AUTHORITY, Pair, address_of, ask, connection_to, log_in, token_from

APPLICANTS, KEYS = 50, 20
RESTING = 6.0
"""Seconds; many servers close an idle connection after five."""
PREDICTIONS = "/api/v1/predictions"
OFFICERS = ("uma", "udo")


def applications() -> list[dict[str, Any]]:
    return [
        {**EXAMPLE, "annual_inc": 18_000 + 777.5 * n, "dti": 0.7 * n, "revol_util": 98.5 - 1.9 * n}
        for n in range(APPLICANTS)
    ]


def decided(port: int, application: dict[str, Any], authorization: str) -> dict[str, Any]:
    """The parts of a response that depend on the applicant."""
    headers = {"Authorization": authorization, "Content-Type": "application/json"}
    status, body = ask(port, "POST", PREDICTIONS, json.dumps(application), **headers)
    assert status == 200, body
    prediction: dict[str, Any] = json.loads(body)["prediction"]
    return {name: value for name, value in prediction.items() if name != "decision_id"}


def test_both_replicas_give_identical_numbers(lasting_pair: Pair, valkey_url: str) -> None:
    answers = []
    for replica in lasting_pair.replicas.values():
        with redis.Redis.from_url(valkey_url) as cache:
            cache.flushall()  # neither reuses results of the other
        bearer = lasting_pair.authorization.partition(": ")[2]
        answers.append([decided(replica.port, application, bearer) for application in applications()])
    assert answers[0] == answers[1]
    assert len({one["probability"] for one in answers[0]}) > APPLICANTS / 2


def test_a_token_of_either_replica_is_valid_at_both(lasting_pair: Pair) -> None:
    ports = [replica.port for replica in lasting_pair.replicas.values()]
    for issuer, other in (ports, reversed(ports)):
        decided(other, EXAMPLE, f"Bearer {token_from(issuer)}")


def test_the_same_idempotency_key_at_both_creates_one_decision(lasting_pair: Pair) -> None:
    ports = [*(replica.port for replica in lasting_pair.replicas.values()), lasting_pair.api_port] * 2
    name, _, value = lasting_pair.authorization.partition(": ")

    async def ask_everybody() -> list[set[str]]:
        async with httpx.AsyncClient(headers={name: value}, timeout=20, verify=AUTHORITY.trust) as client:

            async def ask_one(port: int, key: int) -> str:
                application = {**EXAMPLE, "annual_inc": 20_000 + key}
                headers = {"Idempotency-Key": f"key-{key}"}
                url = f"{address_of(port)}{PREDICTIONS}"
                answer = await client.post(url, json=application, headers=headers)
                assert answer.status_code == 200, answer.text
                return str(answer.json()["request_id"])

            answers = [asyncio.gather(*(ask_one(port, key) for port in ports)) for key in range(KEYS)]
            return [set(each) for each in await asyncio.gather(*answers)]

    before = recorded_decisions(lasting_pair.database_url)
    identifiers_by_key = asyncio.run(ask_everybody())
    assert [len(identifiers) for identifiers in identifiers_by_key] == [1] * KEYS
    made = recorded_decisions(lasting_pair.database_url)
    assert sorted(made) == sorted(before + [identifiers.pop() for identifiers in identifiers_by_key])


def test_an_idle_connection_stays_usable(lasting_pair: Pair) -> None:
    for port in (lasting_pair.replicas["one"].port, lasting_pair.api_port):
        connection = connection_to(port)
        connection.connect()
        socket = connection.sock
        for rest in (RESTING, 0):
            connection.request("GET", "/health/live")
            assert connection.getresponse().read()
            assert connection.sock is socket
            time.sleep(rest)
        connection.close()


def test_failed_logins_count_at_both_replicas_for_the_real_client_address(
    lasting_pair: Pair,
) -> None:
    guesser = {"of": "127.0.0.2"}
    guesses = [
        log_in(lasting_pair.api_port, "guessed", **guesser, **{"X-Forwarded-For": f"203.0.113.{number}"})[0]
        for number in range(14)
    ]
    assert guesses == [400] * 10 + [429] * 4
    assert log_in(lasting_pair.api_port, **guesser)[0] == 429
    assert log_in(lasting_pair.api_port, of="127.0.0.3")[0] == 200


def test_metrics_are_not_reachable_by_clients(lasting_pair: Pair) -> None:
    assert ask(lasting_pair.api_port, "GET", "/api/metrics")[0] == 404
    for replica in lasting_pair.replicas.values():
        assert ask(replica.port, "GET", "/metrics")[0] == 404


def test_an_overview_has_what_the_other_replica_recorded(lasting_pair: Pair) -> None:
    """At once, whichever of them adds to the aggregates."""
    name, _, value = lasting_pair.authorization.partition(": ")
    headers = {name: value, "Content-Type": "application/json"}
    deciding, reading = lasting_pair.replicas.values()

    def decisions() -> int:
        today = datetime.now(UTC).date().isoformat()
        status, body = ask(reading.port, "GET", f"/api/v1/overview?from={today}", **headers)
        assert status == 200, body
        return int(json.loads(body)["decisions"])

    before = decisions()
    for more in range(1, 4):
        assert ask(deciding.port, "POST", PREDICTIONS, json.dumps(EXAMPLE), **headers)[0] == 200
        assert decisions() == before + more


def test_of_two_officers_who_claim_a_case_at_the_same_moment_at_both_one_gets_it_100_times(
    lasting_pair: Pair,
) -> None:
    ports = [replica.port for replica in lasting_pair.replicas.values()]
    portal = lasting_pair.authorization.partition(": ")[2]
    for name in OFFICERS:
        add_user(lasting_pair.database_url, name, Role.UNDERWRITER)
    bearers = [f"Bearer {token_from(ports[0], name)}" for name in OFFICERS]

    async def claim(client: httpx.AsyncClient, at: tuple[int, str], case_id: str) -> httpx.Response:
        headers = {"Authorization": at[1], "If-Match": '"0"'}
        return await client.post(f"{address_of(at[0])}/api/v1/cases/{case_id}/claim", headers=headers)

    async def race() -> None:
        async with httpx.AsyncClient(timeout=20, verify=AUTHORITY.trust) as client:
            for _ in range(100):
                body = {**EXAMPLE, "revol_util": 82.0}
                url = f"{address_of(ports[0])}{PREDICTIONS}"
                decided = await client.post(url, json=body, headers={"Authorization": portal})
                case_id = decided.json()["request_id"]
                tried = [claim(client, at, case_id) for at in zip(ports, bearers, strict=True)]
                won, lost = sorted(await asyncio.gather(*tried), key=lambda answer: answer.status_code)
                assert (won.status_code, lost.status_code) == (200, 412), lost.text
                assert f"{won.json()['assignee']} has held it since" in lost.json()["detail"]

    asyncio.run(race())
