"""Checkpoints published to a file and a webhook, which the database's owner cannot take back."""

import asyncio
import fcntl
import hmac
import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from adapters.messaging.checkpoint_file import CheckpointFile
from adapters.messaging.checkpoint_webhook import CheckpointWebhook
from adapters.messaging.signatures import CHECKPOINTS, HEADER, RecipientSecrets
from adapters.messaging.webhook_messenger import WebhookMessenger
from application.ports.audit.checkpoint_destination import CheckpointDestination
from application.use_cases.audit.publish_checkpoints import PublishCheckpoints
from domain.access.user import Actor, Role
from domain.audit.checkpoint_copy import CheckpointCopy
from harness.running_service import Service
from support.builders import A_MOMENT, a_decision_record
from support.databases import SIGNER, Store, connected
from support.memory.clock import FixedClock
from support.starting import API_ALONE

AUDITOR = Actor("arthur", Role.AUDITOR)
SECRETS = RecipientSecrets(b"k" * 32)


async def checkpoint(store: Store, count: int = 1) -> None:
    for _ in range(count):
        await store.ledger.record(a_decision_record())
        assert await store.checkpoint()


@dataclass
class Publishing:
    """A publisher of real checkpoints; `seen` has the values of the metric."""

    publish: PublishCheckpoints
    seen: list[tuple[str, int]]

    async def __call__(self) -> list[str]:
        return list(await self.publish(by=AUDITOR))


def publishing(store: Store, *destinations: CheckpointDestination) -> Publishing:
    seen: list[tuple[str, int]] = []
    publish = PublishCheckpoints(store.checkpoints, destinations, lambda name, number: seen.append((name, number)))
    return Publishing(publish, seen)


def numbers(file: Path) -> list[int]:
    return [CheckpointCopy.read(line).number for line in file.read_text().splitlines()]


class TestFile:
    async def test_a_copy_contains_everything_for_a_verification(
        self, postgres_store: Store, tmp_path: Path
    ) -> None:
        file = tmp_path / "checkpoints.jsonl"
        publish = publishing(postgres_store, CheckpointFile(file))
        for _ in range(3):
            await checkpoint(postgres_store)
            assert await publish() == []
        assert numbers(file) == [1, 2, 3]
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        kept = [CheckpointCopy.read(line) for line in file.read_text().splitlines()]
        found = await postgres_store.verify((SIGNER.public_key,), copies=kept)
        assert (found.violations, found.copies_compared) == ((), 3)
        assert publish.seen[-1] == ("file", 3)

    async def test_a_lock_that_is_never_released_is_reported(self, postgres_store: Store, tmp_path: Path) -> None:
        """Any user with read access can lock the file; the process must still be able to end."""
        file = tmp_path / "checkpoints.jsonl"
        file.touch()
        await checkpoint(postgres_store)
        with file.open() as reader:
            fcntl.flock(reader, fcntl.LOCK_EX)
            failures = await publishing(postgres_store, CheckpointFile(file))()
        assert failures == [f"file: {file} cannot be appended to (another process holds its lock)"]

    async def test_publishing_continues_after_the_last_number_in_the_file(
        self, postgres_store: Store, tmp_path: Path
    ) -> None:
        file = tmp_path / "checkpoints.jsonl"
        await checkpoint(postgres_store, 2)
        await publishing(postgres_store, CheckpointFile(file))()
        assert numbers(file) == [2]  # it covers the earlier ones
        await checkpoint(postgres_store, 3)
        replicas = [publishing(postgres_store, CheckpointFile(file)) for _ in range(3)]
        assert await asyncio.gather(*(replica() for replica in replicas)) == [[], [], []]
        assert numbers(file) == [2, 3, 4, 5]

    async def test_several_processes_append_each_number_once(self, postgres_store: Store, tmp_path: Path) -> None:
        """Each may have read the last number before any of the others has appended."""
        file = tmp_path / "checkpoints.jsonl"
        await checkpoint(postgres_store)
        newest = await postgres_store.checkpoints.last()
        assert newest is not None
        await asyncio.gather(*(CheckpointFile(file).publish(CheckpointCopy.of(newest)) for _ in range(3)))
        assert numbers(file) == [1]

    async def test_publishing_without_checkpoints_succeeds(self, postgres_store: Store, tmp_path: Path) -> None:
        assert await publishing(postgres_store, CheckpointFile(tmp_path / "checkpoints.jsonl"))() == []

    async def test_publishing_continues_after_a_truncated_line(
        self, postgres_store: Store, tmp_path: Path
    ) -> None:
        file = tmp_path / "checkpoints.jsonl"
        await checkpoint(postgres_store)
        await publishing(postgres_store, CheckpointFile(file))()
        await checkpoint(postgres_store)
        with file.open("a") as broken:
            broken.write('{"checkpoint": 2, "at": "20')
        await publishing(postgres_store, CheckpointFile(file))()
        lines = file.read_text().splitlines()
        assert [CheckpointCopy.read(lines[place]).number for place in (0, 2)] == [1, 2]

    async def test_a_write_failure_is_reported_and_does_not_block_other_destinations(
        self, postgres_store: Store, tmp_path: Path
    ) -> None:
        await checkpoint(postgres_store)
        good = tmp_path / "checkpoints.jsonl"
        publish = publishing(
            postgres_store, CheckpointFile(tmp_path / "no folder" / "checkpoints.jsonl"), CheckpointFile(good)
        )
        (failure,) = await publish()
        assert failure.startswith("file: ")
        assert "cannot be appended to (No such file or directory)" in failure
        assert numbers(good) == [1]

    async def test_a_copy_reveals_a_truncated_database(
        self, migrated_url: str, postgres_store: Store, tmp_path: Path
    ) -> None:
        publish = publishing(postgres_store, CheckpointFile(tmp_path / "checkpoints.jsonl"))
        await checkpoint(postgres_store)
        await publish()
        await checkpoint(postgres_store)
        await publish()
        async with connected(migrated_url) as connection:
            await connection.execute(
                "SET session_replication_role = replica; DELETE FROM checkpoint_heads WHERE number = 2; "
                "DELETE FROM checkpoints WHERE number = 2"
            )
        (failure,) = await publish()
        assert "checkpoint 2 was published, but the database ends at checkpoint 1" in failure


@dataclass
class Receiver:
    """A server that receives webhooks."""

    url: str = ""
    status: int = 200
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Receiver"]:
        async def receive(request: web.Request) -> web.Response:
            if self.status == 200:
                self.bodies.append(await request.read())
                self.headers.append(dict(request.headers))
            return web.Response(status=self.status)

        app = web.Application()
        app.router.add_post("/checkpoints", receive)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/checkpoints"
        try:
            yield self
        finally:
            await runner.cleanup()

    def destination(self) -> CheckpointWebhook:
        return CheckpointWebhook(WebhookMessenger(SECRETS, allow_any_address=True), self.url, FixedClock(A_MOMENT))


class TestWebhook:
    async def test_a_webhook_receives_the_same_copy_signed(self, postgres_store: Store) -> None:
        async with Receiver().open() as receiver:
            await checkpoint(postgres_store)
            publish = publishing(postgres_store, receiver.destination())
            assert await publish() == []
            assert await publish() == []
        (body,), (headers,) = receiver.bodies, receiver.headers
        kept = CheckpointCopy.read(body.decode())
        assert (await postgres_store.verify(copies=[kept])).violations == ()
        seconds, _, given = headers[HEADER].partition(",v1=")
        secret = SECRETS.secret_of(CHECKPOINTS).encode()
        signed = seconds.removeprefix("t=").encode() + b"." + body
        assert hmac.compare_digest(given, hmac.new(secret, signed, "sha256").hexdigest())
        assert publish.seen == [("webhook", 1), ("webhook", 1)]

    async def test_publishing_continues_in_order_after_an_outage(self, postgres_store: Store) -> None:
        async with Receiver().open() as receiver:
            publish = publishing(postgres_store, receiver.destination())
            await checkpoint(postgres_store)
            assert await publish() == []
            receiver.status = 503
            await checkpoint(postgres_store, 2)
            (failure,) = await publish()
            assert failure == "webhook: checkpoint 2 was not accepted (the response had status 503)"
            receiver.status = 200
            assert await publish() == []
        assert [json.loads(body)["checkpoint"] for body in receiver.bodies] == [1, 2, 3]

    async def test_repetitions_after_a_restart_have_the_same_identifier(self, postgres_store: Store) -> None:
        async with Receiver().open() as receiver:
            await checkpoint(postgres_store)
            for _ in range(2):
                await publishing(postgres_store, receiver.destination())()
        assert len({headers["Scoring-Delivery"] for headers in receiver.headers}) == 1
        assert len(receiver.bodies) == 2


@pytest.mark.timeout(120)
def test_a_running_service_publishes_each_checkpoint(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.jsonl"
    service = Service(tmp_path / "data", without=API_ALONE, SCORING_CHECKPOINT_FILE=str(file))
    try:
        service.decide()
        assert service.stop() == 0
        assert numbers(file)[-1] >= 1
        verified = service.run("audit", "verify", "--since", str(file))
        assert verified.returncode == 0, verified.stdout
        assert "compared" in verified.stdout  # one copy or two, by the time of the stop
    finally:
        service.close()
