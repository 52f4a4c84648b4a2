"""`scoring up`: everything, from nothing to a running service, until Ctrl-C or SIGTERM."""

import os
import shlex
import signal
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from types import FrameType

import click

from entrypoints.cli.faces import OwnProcess, Worker, faces, ports_in_use, reachable, stop_all
from entrypoints.cli.main import settings_or_exit
from entrypoints.container.engines import Watch, engines
from entrypoints.container.preparation import Preparation, prepare
from entrypoints.settings import Settings

_LONGEST_PAUSE = 30.0
EXAMPLE = (
    '{"annual_inc": 50000, "emp_length": "5 years", "home_ownership": "MORTGAGE", "loan_amnt": 10000, '
    '"term": "36 months", "purpose": "debt_consolidation", "fico_range_low": 700, "fico_range_high": 750, '
    '"dti": 15.5, "revol_util": 25, "inq_last_6mths": 2, "delinq_2yrs": 0, "pub_rec": 0}'
)


class Stopping:
    """Set by Ctrl-C and SIGTERM; waited on by everything that waits."""

    def __init__(self) -> None:
        self._event = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - Python's signature
        self._event.set()

    def within(self, seconds: float) -> bool:
        """Whether we are asked to stop within so many seconds."""
        return self._event.wait(seconds)


@click.command("up")
def command() -> None:
    """Run API, web interface and a worker; start PostgreSQL and Valkey of our own unless addresses are set."""
    stopping = Stopping()
    settings = settings_or_exit()
    faults = ports_in_use(settings)
    if faults:
        raise click.ClickException("nothing was started:\n" + "".join(f"  - {fault}\n" for fault in faults))
    with ExitStack() as stack:
        addressed, watch = stack.enter_context(engines(settings))
        prepared = prepare(addressed)
        running: list[OwnProcess] = []
        stack.callback(stop_all, running, settings.notice_seconds)
        environment = _environment(addressed)
        running.extend(OwnProcess(face, environment) for face in faces(settings))
        for process in running:
            if not process.wait_until_ready(settings.host) and not stopping.within(0):
                raise click.ClickException(f"the {process.task.label} did not start; its log says why")
        running.append(OwnProcess(Worker(), environment))  # last: the first decision need not wait for it
        click.echo(_welcome(settings, prepared))
        _Guard(running, watch, stopping).keep()
        click.echo("Stopping ...", err=True)


@dataclass(slots=True)
class _Guard:
    """Starts anew what ends by itself, after a pause that doubles."""

    running: list[OwnProcess]
    watch: Watch
    stopping: Stopping
    pause: float = 0.5

    def keep(self) -> None:
        """Return when asked to stop."""
        while not self.stopping.within(0.5):
            for event in self.watch():
                click.echo(event, err=True)
            for process in self.running:
                if process.ended is not None:
                    self._start_anew(process)

    def _start_anew(self, process: OwnProcess) -> None:
        click.echo(f"the {process.task.label} ended with code {process.ended}; starting it again", err=True)
        if not self.stopping.within(self.pause):
            process.restart()
            self.pause = min(self.pause * 2, _LONGEST_PAUSE)


def _environment(settings: Settings) -> dict[str, str]:
    """Our environment, with the addresses of the engines we run."""
    return {
        **os.environ,
        "SCORING_DATABASE_URL": settings.database_url or "",
        "SCORING_REDIS_URL": settings.redis_url or "",
    }


def _welcome(settings: Settings, prepared: Preparation) -> str:
    host = reachable(settings.host)
    api = f"http://{host}:{settings.api_port}"
    lines = [
        "",
        f"  API            {api}        (health: {api}/health/ready, schema: {api}/schema/openapi.json)",
        f"  Web interface  http://{host}:{settings.ui_port}",
        f"  Model          {prepared.model_version}, policy {prepared.policy_version}",
    ]
    if prepared.generated_password:
        lines.append(f"  First user     admin, password {prepared.generated_password}  (shown only this once)")
    elif prepared.created_admin:
        lines.append("  First user     admin, with the password of SCORING_ADMIN_PASSWORD")
    lines += [
        "",
        "  A first decision (the token in it is good for twelve hours):",
        "",
        f"curl -s {api}/api/v1/predictions -H 'Authorization: Bearer {prepared.token}' "
        f"-H 'Content-Type: application/json' -d {shlex.quote(EXAMPLE)}",
        "",
        "  Ctrl-C stops everything.",
        "",
    ]
    return "\n".join(lines)
