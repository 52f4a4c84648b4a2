"""`scoring audit`: verify the audit trail from its first entry to its last, and sign how it stands."""

import asyncio
import sys
from collections.abc import Sequence

import click

from application.use_cases.verify_audit_trail import Verification
from domain.month import Month
from entrypoints.cli.main import settings_or_exit
from entrypoints.container.auditing import audit_public_key, make_checkpoint, verify_audit_trail
from entrypoints.container.engines import engines_in_use_or_own
from entrypoints.counting import counted
from entrypoints.operating_system_user import operating_system_user
from entrypoints.setting_readers import public_keys


@click.group("audit")
def command() -> None:
    """Work with the audit trail."""


@command.command("verify")
@click.option(
    "--key", "keys", multiple=True, help="A public key to trust instead of the service's own; repeatable."
)
@click.option(
    "--archived",
    "months",
    multiple=True,
    metavar="YYYY-MM",
    help="A month whose decisions are archived: entries without their records are checked alone; repeatable.",
)
def verify(keys: tuple[str, ...], months: tuple[str, ...]) -> None:
    """Recompute every entry, every record it vouches for, and every checkpoint.

    Exit code 1 when anything does not hold.
    """
    try:
        trusted = public_keys(",".join(keys))
    except ValueError as fault:
        raise click.BadParameter(str(fault), param_hint="--key") from fault
    try:
        archived = sorted({Month.read(month) for month in months})
    except ValueError as fault:
        raise click.BadParameter(str(fault), param_hint="--archived") from fault
    with engines_in_use_or_own(settings_or_exit(), cache=False) as settings:
        found = asyncio.run(verify_audit_trail(settings, operating_system_user(), trusted, archived))
    for one in found.breaks:
        click.echo(f"broken: {one.place}: {one.why}")
    if found.broken > len(found.breaks):
        click.echo(f"... and {found.broken - len(found.breaks)} more")
    click.echo(_verdict(found, archived))
    sys.exit(1 if found.breaks else 0)


def _verdict(found: Verification, archived: Sequence[Month]) -> str:
    verdict = f"{found.broken} broken" if found.breaks else "all whole"
    entries, chains = counted(found.entries, "entry", "entries"), counted(found.chains, "chain", "chains")
    told = f"{entries} in {chains} and {counted(found.checkpoints, 'checkpoint', 'checkpoints')}, {verdict}."
    if archived:
        records, are = counted(found.elsewhere, "record", "records"), "is" if found.elsewhere == 1 else "are"
        told += f"\n{records} of {', '.join(map(str, archived))} {are} archived: not looked at."
    if found.checkpointed_at is None:
        return told
    return f"{told}\nLast checkpoint at {found.checkpointed_at.isoformat()}, signed with {found.key}."


@command.command("checkpoint")
def checkpoint() -> None:
    """Sign how long every chain is, and how it ends; a running service does so every minute.

    What is printed proves, kept elsewhere, that the trail went at least that far.
    """
    with engines_in_use_or_own(settings_or_exit(), cache=False) as settings:
        made = asyncio.run(make_checkpoint(settings, operating_system_user()))
    if made is None:
        click.echo("Nothing was added since the last checkpoint.")
        return
    stated = made.checkpoint
    click.echo(f"Checkpoint {stated.number}, {stated.at.isoformat()}: digest {stated.digest().hex()}")
    click.echo(f"signature {made.signature.hex()}")
    click.echo(f"key {made.public_key.hex()}")


@command.command("key")
def key() -> None:
    """Print the public key of the checkpoints, for auditors to keep."""
    click.echo(audit_public_key(settings_or_exit()))
