"""The supervisor of the whole service on one machine: engines, preparation, and child processes."""

import json
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import click

from domain.products.product_definition import ProductDefinition
from entrypoints.cli.notices import notice
from entrypoints.cli.processes.processes import ChildProcess, ServiceProcess, client_host, stop_all
from entrypoints.composition.configured_product import configured_product
from entrypoints.composition.processes.engines import RestartEngines, engines
from entrypoints.composition.processes.preparation import Preparation, prepare
from entrypoints.composition.processes.service_addresses import service_addresses
from entrypoints.configuration.settings import Settings

StopWithin = Callable[[float], bool]
"""Waits up to this many seconds, and returns whether the service should stop."""

_CHECK_SECONDS = 0.5
_FIRST_BACKOFF, _LONGEST_BACKOFF = 0.5, 30.0


def run(settings: Settings, api: ChildProcess, others: Sequence[ServiceProcess], stop_within: StopWithin) -> None:
    """Run everything until the service should stop. The API was started early and waits for its addresses.

    Processes that serve no requests start last, so that they do not delay the first decision.
    """
    with ExitStack() as stack:
        addressed, restart_engines = stack.enter_context(engines(settings))
        running = [api]
        stack.callback(stop_all, running, settings.drain_seconds)
        prepared = prepare(addressed, on_terminal=sys.stdout.isatty())
        addresses = service_addresses(settings, addressed)
        api.send_addresses(addresses[api.process.name])
        running += [ChildProcess(process, addresses[process.name]) for process in others if process.ready_path]
        for child in running:
            if not child.wait_until_ready(settings.host, https=settings.tls_files is not None) and not stop_within(
                0
            ):
                raise click.ClickException(f"The {child.process.label} did not start; see its log above.")
        running += [ChildProcess(process, addresses[process.name]) for process in others if not process.ready_path]
        click.echo(_welcome(settings, [child.process.name for child in running], prepared))
        _supervise(settings, running, restart_engines, stop_within)
        notice(settings, "Stopping ...")


@dataclass(slots=True)
class _Supervised:
    """A child that is restarted when it exits, after a backoff that doubles while it keeps exiting."""

    child: ChildProcess
    backoff: float = _FIRST_BACKOFF
    started: float = field(default_factory=time.monotonic)
    restart_at: float | None = None

    def restart_if_exited(self) -> str | None:
        """Return a line on an exit that was not reported yet."""
        now = time.monotonic()
        if self.child.exit_code is None:
            self.backoff = _FIRST_BACKOFF if now - self.started > _LONGEST_BACKOFF else self.backoff
            return None
        if self.restart_at is None:
            self.restart_at, self.backoff = now + self.backoff, min(2 * self.backoff, _LONGEST_BACKOFF)
            return f"the {self.child.process.label} exited with code {self.child.exit_code}; restarting it"
        if now >= self.restart_at:
            self.child.restart()
            self.started, self.restart_at = now, None
        return None


def _supervise(
    settings: Settings, running: Sequence[ChildProcess], restart_engines: RestartEngines, stop_within: StopWithin
) -> None:
    """Restart children and engines that exit, until the service should stop."""
    supervised = [_Supervised(child) for child in running]
    while not stop_within(_CHECK_SECONDS):
        for event in [*restart_engines(), *filter(None, [each.restart_if_exited() for each in supervised])]:
            notice(settings, event, level="warning")


def _welcome(settings: Settings, running: Sequence[str], prepared: Preparation) -> str:
    host = client_host(settings.host)
    scheme = "http" if settings.tls_files is None else "https"
    api = f"{scheme}://{host}:{settings.api_port}"
    lines = [
        "",
        f"  API            {api}        (documentation: {api}/docs)",
        f"  Model          {prepared.model_version}, policy {prepared.policy_version}",
    ]
    if "ui" in running:
        lines.insert(2, f"  Web interface  {scheme}://{host}:{settings.ui_port}")
    if prepared.generated_password:
        lines.append(
            f"  First user     admin, password {prepared.generated_password}  (shown only this once; it must be "
            "changed at the first login)"
        )
    elif prepared.created_admin:
        lines.append("  First user     admin, with the password in SCORING_ADMIN_PASSWORD")
    example = example_request(configured_product(settings))
    lines += ["", *_first_decision(api, prepared.token, example), "", "  Ctrl-C stops everything.", ""]
    return "\n".join(lines)


def _first_decision(api: str, token: str | None, example: str) -> list[str]:
    if token is None:
        return [
            "  For a first decision, add a user and get a token with the password that is printed:",
            f"    {sys.argv[0]} users add NAME --role service",
            f"    curl -s {api}/api/v1/auth/token -d grant_type=password -d username=NAME "
            "--data-urlencode password=PASSWORD",
            "  For referrals, add two people who decide them in the web interface (docs/underwriting.md):",
            f"    {sys.argv[0]} users add NAME --role underwriter",
            f"    {sys.argv[0]} users add NAME --role senior-underwriter",
        ]
    return [
        "  A first decision (with a token of the user `trial`, valid for 15 minutes; remove that user to print "
        "none):",
        "",
        f"curl -s {api}/api/v1/predictions -H 'Authorization: Bearer {token}' "
        f"-H 'Content-Type: application/json' -d {shlex.quote(example)}",
    ]


def example_request(product: ProductDefinition) -> str:
    """The product's example as JSON, with whole numbers as such."""
    values = product.example.items()
    return json.dumps({name: int(v) if isinstance(v, float) and v.is_integer() else v for name, v in values})
