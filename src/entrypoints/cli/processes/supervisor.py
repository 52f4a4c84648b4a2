"""The whole service on one machine: engines, preparations, faces and worker, watched until told to stop."""

import shlex
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import click

from entrypoints.cli.processes.processes import OwnProcess, Part, reachable, stop_all
from entrypoints.composition.engines import Watch, engines
from entrypoints.composition.preparation import Preparation, prepare
from entrypoints.composition.service_addresses import service_addresses
from entrypoints.configuration.settings import Settings

StopWithin = Callable[[float], bool]
"""Whether we are asked to stop within so many seconds."""

_BETWEEN_LOOKS = 0.5
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
EXAMPLE = (
    '{"annual_inc": 50000, "emp_length": "5 years", "home_ownership": "MORTGAGE", "loan_amnt": 10000, '
    '"term": "36 months", "purpose": "debt_consolidation", "fico_range_low": 700, "fico_range_high": 750, '
    '"dti": 15.5, "revol_util": 25, "inq_last_6mths": 2, "delinq_2yrs": 0, "pub_rec": 0}'
)


def run(settings: Settings, api: OwnProcess, others: Sequence[Part], stop_within: StopWithin) -> None:
    """Run everything until asked to stop. The API was started ahead; it waits to be told where the engines are.

    Parts that answer nobody start last: the first decision need not wait for them.
    """
    with ExitStack() as stack:
        addressed, watch = stack.enter_context(engines(settings))
        running = [api]
        stack.callback(stop_all, running, settings.notice_seconds)
        prepared = prepare(addressed, on_terminal=sys.stdout.isatty())
        addresses = service_addresses(settings, addressed)
        api.tell(addresses[api.part.name])
        running += [OwnProcess(part, addresses[part.name]) for part in others if part.ready_path]
        for process in running:
            if not process.wait_until_ready(settings.host) and not stop_within(0):
                raise click.ClickException(f"the {process.part.label} did not start; its log says why")
        running += [OwnProcess(part, addresses[part.name]) for part in others if not part.ready_path]
        click.echo(_welcome(settings, [process.part.name for process in running], prepared))
        _keep(running, watch, stop_within)
        click.echo("Stopping ...", err=True)


@dataclass(slots=True)
class _Guarded:
    """A part that is started anew when it ends by itself, after a pause that doubles while it keeps ending."""

    process: OwnProcess
    pause: float = _FIRST_PAUSE
    began: float = field(default_factory=time.monotonic)
    due: float | None = None

    def look(self) -> str | None:
        """What happened, if anything did."""
        now = time.monotonic()
        if self.process.ended is None:
            self.pause = _FIRST_PAUSE if now - self.began > _LONGEST_PAUSE else self.pause
            return None
        if self.due is None:
            self.due, self.pause = now + self.pause, min(2 * self.pause, _LONGEST_PAUSE)
            return f"the {self.process.part.label} ended with code {self.process.ended}; starting it again"
        if now >= self.due:
            self.process.restart()
            self.began, self.due = now, None
        return None


def _keep(running: Sequence[OwnProcess], watch: Watch, stop_within: StopWithin) -> None:
    """Watch parts and engines until asked to stop."""
    guarded = [_Guarded(process) for process in running]
    while not stop_within(_BETWEEN_LOOKS):
        for event in [*watch(), *filter(None, [each.look() for each in guarded])]:
            click.echo(event, err=True)


def _welcome(settings: Settings, running: Sequence[str], prepared: Preparation) -> str:
    host = reachable(settings.host)
    api = f"http://{host}:{settings.api_port}"
    lines = [
        "",
        f"  API            {api}        (health: {api}/health/ready, schema: {api}/schema/openapi.json)",
        f"  Model          {prepared.model_version}, policy {prepared.policy_version}",
    ]
    if "ui" in running:
        lines.insert(2, f"  Web interface  http://{host}:{settings.ui_port}")
    if prepared.generated_password:
        lines.append(
            f"  First user     admin, password {prepared.generated_password}  (shown only this once; it must be "
            "changed at the first log-in)"
        )
    elif prepared.created_admin:
        lines.append("  First user     admin, with the password of SCORING_ADMIN_PASSWORD")
    lines += ["", *_first_decision(api, prepared.token), "", "  Ctrl-C stops everything.", ""]
    return "\n".join(lines)


def _first_decision(api: str, token: str | None) -> list[str]:
    if token is None:
        return [
            "  For a first decision add a user, and get a token with the password that is printed:",
            "    scoring users add NAME --role service",
            f"    curl -s {api}/api/v1/auth/token -d grant_type=password -d username=NAME "
            "--data-urlencode password=PASSWORD",
        ]
    return [
        "  A first decision (the token in it is of the user `trial` and good for 15 minutes; without that user, "
        "none is printed):",
        "",
        f"curl -s {api}/api/v1/predictions -H 'Authorization: Bearer {token}' "
        f"-H 'Content-Type: application/json' -d {shlex.quote(EXAMPLE)}",
    ]
