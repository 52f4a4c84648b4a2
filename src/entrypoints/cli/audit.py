"""`scoring audit verify`: recompute the audit trail from its first entry to its last."""

import asyncio
import getpass
import sys

import click

from entrypoints.cli.main import settings_or_exit
from entrypoints.container.auditing import verify_audit_trail
from entrypoints.container.engines import engines_in_use_or_own


@click.group("audit")
def command() -> None:
    """Work with the audit trail."""


@command.command("verify")
def verify() -> None:
    """Recompute every entry and every record it vouches for. Exit code 1 when anything does not hold."""
    with engines_in_use_or_own(settings_or_exit(), cache=False) as settings:
        found = asyncio.run(verify_audit_trail(settings, getpass.getuser()))
    for fault in found.breaks:
        click.echo(f"broken: entry {fault.sequence} of chain {fault.chain}, decision {fault.subject}: {fault.why}")
    verdict = f"{len(found.breaks)} broken" if found.breaks else "all whole"
    click.echo(f"{found.entries} entries in {found.chains} chains, {verdict}.")
    sys.exit(1 if found.breaks else 0)
