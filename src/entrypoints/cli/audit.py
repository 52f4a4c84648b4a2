"""`scoring audit`: verify the audit trail, list its events, and create checkpoints of it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from application.catalog import CommandUseCases
from application.use_cases.audit.verification_result import Verification
from domain.access.user import Actor, Role
from domain.audit.checkpoint import UNTRUSTED_KEY, SignedCheckpoint
from domain.audit.checkpoint_copy import CheckpointCopy, InvalidCheckpointCopy
from domain.month import Month
from entrypoints.cli import audit_events, audit_export, audit_report
from entrypoints.cli.main import run_use_case, settings_or_exit
from entrypoints.composition.processes.commands import audit_public_key, checkpoint_webhook_secret
from entrypoints.composition.secrets import trusted_keys
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.configuration.setting_readers import public_keys
from entrypoints.counting import counted

EMPTY = 3
"""The exit code where there is nothing to verify; 2 is click's, for invalid options."""
HOW_TO_TRUST = (
    "Set SCORING_SECRET_KEY or SCORING_AUDIT_KEY_FILE as for the service, or SCORING_DATA_DIR where its key was "
    "generated. List former public keys in SCORING_AUDIT_TRUSTED_KEYS."
)


def _operator() -> Actor:
    return Actor(operating_system_user(), Role.AUDITOR)


@click.group("audit")
def command() -> None:
    """Verify the audit trail, list its events, and create checkpoints of it."""


@command.command("verify")
@click.option(
    "--key", "keys", multiple=True, help="A public key to trust instead of the service's own. Repeatable."
)
@click.option(
    "--archived",
    "months",
    multiple=True,
    metavar="YYYY-MM",
    help="A month whose decisions are archived; entries without their records are verified alone. Repeatable.",
)
@click.option(
    "--since",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of external checkpoint copies, one per line, as `scoring audit checkpoint --show` prints them; "
    "the trail must still contain each of them. Repeatable.",
)
@click.option(
    "--whole", is_flag=True, help="Verify everything, not only what was added since the last verification."
)
@click.option(
    "--allow-empty", is_flag=True, help="Exit with 0 where there are no decisions, as on a new installation."
)
def verify(
    keys: tuple[str, ...], months: tuple[str, ...], files: tuple[Path, ...], whole: bool, allow_empty: bool
) -> None:
    """Verify audit entries, the records they attest, and checkpoints.

    This covers what was added since the last verification. An earlier record that was altered since then is
    detected by verifying everything: with --whole, --since, or where the last verification had integrity errors
    or was not signed with a trusted key. The service does so weekly.

    The exit code is 1 where there are integrity errors, and 3 where there is nothing to verify.
    """
    try:
        trusted = public_keys(",".join(keys))
    except ValueError as fault:
        raise click.BadParameter(str(fault), param_hint="--key") from fault
    try:
        archived = sorted({Month.read(month) for month in months})
    except ValueError as fault:
        raise click.BadParameter(str(fault), param_hint="--archived") from fault
    copies = [checkpoint for file in files for checkpoint in _copies_in(file)]
    found = run_use_case(
        lambda use_cases: use_cases.verify_audit_trail(
            by=_operator(), whole=whole, archived=archived, copies=copies
        ),
        statement_timeout=None,
        trusted_keys=trusted,
    )
    for violation in found.violations:
        click.echo(f"integrity error: {violation.place}: {violation.why}")
    if found.violation_count > len(found.violations):
        click.echo(f"... and {found.violation_count - len(found.violations)} more")
    if not found.recorded:
        click.echo(
            "This verification was not recorded on the trail: the database user has no right to add to it.",
            err=True,
        )
    if found.empty:
        click.echo(
            "Nothing to verify: the audit trail has no decisions. This is expected on a new installation. If "
            "decisions were made, they have been removed: verify with --since and an external checkpoint copy."
        )
        sys.exit(0 if allow_empty else EMPTY)
    click.echo(_summary(found))
    if any(violation.why.startswith(UNTRUSTED_KEY) for violation in found.violations):
        click.echo(f"If the key of a checkpoint is known: {HOW_TO_TRUST}", err=True)
    sys.exit(1 if found.violations else 0)


def _copies_in(file: Path) -> Iterator[CheckpointCopy]:
    """The checkpoint copies in a file, at least one; raises BadParameter.

    An incomplete line, as after a full disk, is skipped: the service wrote its checkpoint again on the next line.
    """
    number = found = 0
    try:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.startswith("{") and not line.rstrip().endswith("}"):
                    click.echo(f"{file}, line {number}: incomplete, skipped.", err=True)
                elif line.strip():
                    yield CheckpointCopy.read(line)
                    found += 1
    except (InvalidCheckpointCopy, UnicodeDecodeError, OSError) as fault:
        raise click.BadParameter(f"{file}, line {number}: {fault}", param_hint="--since") from fault
    if not found:
        raise click.BadParameter(f"{file} contains no checkpoint", param_hint="--since")


def _summary(found: Verification) -> str:
    entries, chains = counted(found.entries, "entry", "entries"), counted(found.chains, "chain", "chains")
    checkpoints = counted(found.checkpoints, "checkpoint", "checkpoints")
    errors = counted(found.violation_count, "integrity error", "integrity errors")
    lines = [f"{entries} in {chains} and {checkpoints} verified: {errors if found.violations else 'no issues'}."]
    if found.since:
        lines.append(
            f"Verified what was added since {found.since.at.isoformat()} (checkpoint {found.since.checkpoint}). "
            f"Earlier records were last verified at {found.since.whole_at.isoformat()}; --whole verifies all."
        )
    if found.archived_months:
        records = counted(found.archived, "archived record", "archived records")
        lines.append(f"{records} of {', '.join(map(str, found.archived_months))} not verified.")
    if found.copies_compared:
        lines.append(f"{counted(found.copies_compared, 'external copy', 'external copies')} compared.")
    if found.checkpointed_at is not None:
        lines.append(f"Last checkpoint at {found.checkpointed_at.isoformat()}, signed with {found.key}.")
    return "\n".join(lines)


command.add_command(audit_events.command)
command.add_command(audit_report.command)
command.add_command(audit_export.export)
command.add_command(audit_export.verify_export)


@command.command("checkpoint")
@click.option(
    "--show",
    is_flag=True,
    help="Print the newest checkpoint as one line of JSON instead, as an external copy for `scoring audit verify "
    "--since`.",
)
def checkpoint(show: bool) -> None:
    """Sign the length and the end of every chain; a running service does so every minute.

    An external copy, printed with --show, proves that the trail was at least that long.
    """
    if show:
        newest = run_use_case(lambda use_cases: use_cases.read_last_checkpoint())
        if newest is None:
            raise click.ClickException(
                "There is no checkpoint yet. A running service creates one within a minute after a decision; "
                "`scoring audit checkpoint` creates one now."
            )
        click.echo(CheckpointCopy.of(newest).line())
        return
    trusted = trusted_keys(settings_or_exit(warn=False))

    async def create(use_cases: CommandUseCases) -> SignedCheckpoint | None:
        newest = await use_cases.read_last_checkpoint()
        if newest is not None and newest.public_key not in trusted:
            raise click.ClickException(
                f"No checkpoint was created: the last one is signed with another key, {newest.public_key.hex()}. "
                + HOW_TO_TRUST
            )
        return await use_cases.create_checkpoint(by=_operator())

    made = run_use_case(create, migrate_first=True, statement_timeout=None)
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
    """Print the public key that verifies checkpoints."""
    click.echo(audit_public_key(settings_or_exit()))
