"""`scoring backup`: back up the database and the model bundle, and verify a backup."""

import time
from pathlib import Path

import click

from application.use_cases.operations.backup_manifest import BackupManifest
from entrypoints.cli.default_command import DefaultCommandGroup
from entrypoints.cli.interruption import interruptible
from entrypoints.cli.main import settings_or_exit
from entrypoints.cli.progress_bar import ProgressBar
from entrypoints.counting import counted

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group("backup", cls=DefaultCommandGroup)
def command() -> None:
    """Back up the database and the model into a new folder, or verify a backup.

    `scoring backup FOLDER` is short for `scoring backup create FOLDER`.
    """


@command.command("create")
@click.argument("folder", type=FOLDER)
def create(folder: Path) -> None:
    """Back up the database and the model bundle into FOLDER, which must not exist.

    The service may run meanwhile. Keys are not part of a backup: the output says which are needed. Use the login
    that owns the tables.
    """
    from entrypoints.composition.processes.backups import create_backup  # noqa: PLC0415 - slow to import

    began = time.monotonic()
    with interruptible("Interrupted: no backup was written."), ProgressBar("Backing up") as bar:
        manifest = create_backup(settings_or_exit(), folder, bar.show)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    click.echo(f"{folder}: complete after {time.monotonic() - began:.1f} s, {size / 1e6:,.1f} MB.")
    click.echo(describe(manifest))
    click.echo("Keys are not in the backup. Keep these elsewhere; a restored service needs them:")
    for key in manifest.keys:
        click.echo(f"  {key.purpose}, fingerprint {key.fingerprint}: {key.place}")
    if not manifest.keys:
        click.echo("  none was found here: back up the keys where the API runs")


@command.command("verify")
@click.argument("folder", type=FOLDER)
def verify(folder: Path) -> None:
    """Compare every file of the backup in FOLDER with its digest. The exit code is 1 if one differs."""
    from entrypoints.composition.processes.backups import verify_backup  # noqa: PLC0415 - slow to import

    manifest = verify_backup(folder)
    click.echo(f"{folder}: every file is as it was written.\n{describe(manifest)}")


def describe(manifest: BackupManifest) -> str:
    """What a backup contains, in words."""
    counts = manifest.state.counts
    parts = [
        counted(counts.get("decisions", 0), "decision", "decisions"),
        counted(counts.get("audit_entries", 0), "audit entry", "audit entries"),
        counted(counts.get("checkpoints", 0), "checkpoint", "checkpoints"),
        counted(counts.get("batches", 0), "batch", "batches"),
        counted(counts.get("users", 0), "user", "users"),
    ]
    return (
        f"Backup of {manifest.at.isoformat()} by release {manifest.release}, schema {manifest.state.revision}: "
        f"{', '.join(parts)}; model {manifest.model[:16]}."
    )
