"""`scoring audit`: verify the audit trail from its first entry to its last, and sign how it stands."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from application.use_cases.audit.verify_audit_trail import Verification
from domain.audit.checkpoint_copy import CheckpointCopy, InvalidCheckpointCopy
from domain.month import Month
from entrypoints.cli.main import settings_or_exit
from entrypoints.composition.auditing import (
    audit_public_key,
    create_checkpoint,
    last_checkpoint,
    verify_audit_trail,
)
from entrypoints.composition.engines import engines_in_use_or_own
from entrypoints.composition.publishing import checkpoint_webhook_secret
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.configuration.setting_readers import public_keys
from entrypoints.counting import counted

EMPTY = 3
"""The exit code where there is nothing to verify; 2 is click's, for wrong options."""


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
@click.option(
    "--since",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of checkpoints kept elsewhere, one a line, as `scoring audit checkpoint --show` prints them: the "
    "trail must still contain each of them; repeatable.",
)
@click.option("--allow-empty", is_flag=True, help="Exit with 0 where nothing is on record: a new installation.")
def verify(keys: tuple[str, ...], months: tuple[str, ...], files: tuple[Path, ...], allow_empty: bool) -> None:
    """Recompute every entry, every record it vouches for, and every checkpoint.

    Exit code 1 when anything does not hold, 3 when there is nothing to verify.
    """
    try:
        trusted = public_keys(",".join(keys))
    except ValueError as fault:
        raise click.BadParameter(str(fault), param_hint="--key") from fault
    try:
        archived = sorted({Month.read(month) for month in months})
    except ValueError as fault:
        raise click.BadParameter(str(fault), param_hint="--archived") from fault
    kept = [checkpoint for file in files for checkpoint in _kept(file)]
    with engines_in_use_or_own(settings_or_exit(), cache=False) as settings:
        operator = operating_system_user()
        found = asyncio.run(verify_audit_trail(settings, operator, trusted, archived, kept))
    for one in found.violations:
        click.echo(f"broken: {one.place}: {one.why}")
    if found.violation_count > len(found.violations):
        click.echo(f"... and {found.violation_count - len(found.violations)} more")
    if not found.recorded:
        click.echo(
            "This verification is not recorded on the trail: the database user may not add to it.", err=True
        )
    if found.empty:
        click.echo(
            "Nothing to verify: the audit trail is empty. That is right for a new installation. If decisions were "
            "made with it, they were removed: verify with --since and a checkpoint kept elsewhere."
        )
        sys.exit(0 if allow_empty else EMPTY)
    click.echo(_verdict(found, archived))
    sys.exit(1 if found.violations else 0)


def _kept(file: Path) -> Iterator[CheckpointCopy]:
    """The checkpoints kept in a file, at least one; raises BadParameter.

    A line that was written in part, on a full disk for instance, is passed over: the service has written it again
    on the next line.
    """
    number = found = 0
    try:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.startswith("{") and not line.rstrip().endswith("}"):
                    click.echo(f"{file}, line {number}: written in part, not compared.", err=True)
                elif line.strip():
                    yield CheckpointCopy.read(line)
                    found += 1
    except (InvalidCheckpointCopy, UnicodeDecodeError, OSError) as fault:
        raise click.BadParameter(f"{file}, line {number}: {fault}", param_hint="--since") from fault
    if not found:
        raise click.BadParameter(f"{file} contains no checkpoint", param_hint="--since")


def _verdict(found: Verification, archived: Sequence[Month]) -> str:
    verdict = f"{found.violation_count} broken" if found.violations else "all whole"
    entries, chains = counted(found.entries, "entry", "entries"), counted(found.chains, "chain", "chains")
    told = f"{entries} in {chains} and {counted(found.checkpoints, 'checkpoint', 'checkpoints')}, {verdict}."
    if archived:
        records, are = counted(found.archived, "record", "records"), "is" if found.archived == 1 else "are"
        told += f"\n{records} of {', '.join(map(str, archived))} {are} archived: not looked at."
    if found.copies_compared:
        copies = counted(found.copies_compared, "checkpoint", "checkpoints")
        told += f"\n{copies} kept elsewhere compared."
    if found.checkpointed_at is None:
        return told
    return f"{told}\nLast checkpoint at {found.checkpointed_at.isoformat()}, signed with {found.key}."


@command.command("checkpoint")
@click.option(
    "--show",
    is_flag=True,
    help="Make none; print the newest as one line of JSON, to keep elsewhere for `scoring audit verify --since`.",
)
def checkpoint(show: bool) -> None:
    """Sign how long every chain is, and how it ends; a running service does so every minute.

    What --show prints proves, kept elsewhere, that the trail went at least that far.
    """
    with engines_in_use_or_own(settings_or_exit(), cache=False) as settings:
        if show:
            newest = asyncio.run(last_checkpoint(settings))
            if newest is None:
                raise click.ClickException(
                    "There is no checkpoint yet. A running service makes one within a minute after a decision; "
                    "`scoring audit checkpoint` makes one now."
                )
            click.echo(CheckpointCopy.of(newest).line())
            return
        made = asyncio.run(create_checkpoint(settings, operating_system_user()))
    if made is None:
        click.echo("Nothing was added since the last checkpoint.")
        return
    stated = made.checkpoint
    click.echo(f"Checkpoint {stated.number}, {stated.at.isoformat()}: digest {stated.digest().hex()}")
    click.echo(f"signature {made.signature.hex()}")
    click.echo(f"key {made.public_key.hex()}")


@command.command("webhook-secret")
def webhook_secret() -> None:
    """Print the secret that signs the webhooks of SCORING_CHECKPOINT_WEBHOOK_URL."""
    click.echo(checkpoint_webhook_secret(settings_or_exit()))


@command.command("key")
def key() -> None:
    """Print the public key of the checkpoints, for auditors to keep."""
    click.echo(audit_public_key(settings_or_exit()))
