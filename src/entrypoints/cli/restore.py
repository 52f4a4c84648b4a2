"""`scoring restore`: restore a backup into an empty database, and verify it.

Exit codes: 0 where the restored database is that of the backup, 1 where it is not or nothing was restored, 3 where
it is, but a key of the backup is not configured here.
"""

import sys
import time
from pathlib import Path

import click

from application.use_cases.operations.restore_backup import RestoredBackup
from domain.access.user import Actor, Role
from entrypoints.cli.backup import FOLDER, describe
from entrypoints.cli.interruption import interruptible
from entrypoints.cli.main import settings_or_exit
from entrypoints.cli.progress_bar import ProgressBar
from entrypoints.configuration.operating_system_user import operating_system_user

_KEY_MISSING = 3
_INTERRUPTED = (
    "Interrupted: not verified. If the database is empty, restore again; otherwise run `scoring migrate` and "
    "`scoring audit verify`."
)


@click.command("restore")
@click.argument("folder", type=FOLDER)
def command(folder: Path) -> None:
    """Restore the backup in FOLDER into an empty database, migrate it, and verify counts and the audit trail."""
    from entrypoints.composition.processes.backups import (  # noqa: PLC0415 - slow to import
        model_fingerprint,
        restore_backup,
    )

    settings, began = settings_or_exit(), time.monotonic()
    by = Actor(operating_system_user(), Role.AUDITOR)
    with interruptible(_INTERRUPTED), ProgressBar("Restoring") as bar:
        restored = restore_backup(settings, folder, by=by, progress=bar.show)
    click.echo(describe(restored.manifest))
    for difference in restored.differences:
        click.echo(f"difference: {difference}")
    for violation in restored.verification.violations:
        click.echo(f"integrity error: {violation.place}: {violation.why}")
    if not restored.intact:
        click.echo("The restored database is not that of the backup, or not verified: do not use it.")
        _report_missing_keys(restored)
        sys.exit(1)
    click.echo(
        f"Restored and verified in {time.monotonic() - began:.1f} s: all counts are those of the backup, and the "
        f"audit trail has no issues."
    )
    if model_fingerprint(settings) != restored.manifest.model:
        click.echo(
            f"The model in SCORING_MODEL_DIR is not that of the backup. To decide with it, set "
            f"SCORING_MODEL_DIR={folder.absolute() / 'model'} or copy that folder."
        )
    _report_missing_keys(restored)
    sys.exit(_KEY_MISSING if restored.missing_keys else 0)


def _report_missing_keys(restored: RestoredBackup) -> None:
    for key in restored.missing_keys:
        click.echo(
            f"The {key.purpose} with the fingerprint {key.fingerprint} is missing here; it was in {key.place}. "
            "Restore it before the service starts, or trust the public keys that signed the checkpoints with "
            f"SCORING_AUDIT_TRUSTED_KEYS={','.join(restored.manifest.state.signed_with)}",
            err=True,
        )
