"""`scoring archive`: a month of decisions in files, with what proves it."""

import sys
from pathlib import Path

import click

from application.use_cases.decisions.verify_month_archive import ArchiveVerification
from domain.access.user import Actor, Role
from domain.month import Month
from entrypoints.cli.default_command import DefaultCommandGroup
from entrypoints.cli.interruption import interruptible
from entrypoints.cli.main import settings_or_exit
from entrypoints.cli.progress_bar import ProgressBar
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.configuration.setting_readers import public_keys
from entrypoints.counting import counted

FOLDER = click.Path(file_okay=False, path_type=Path)


class _MonthType(click.ParamType[Month]):
    name = "month"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Month:
        try:
            return Month.read(value)
        except ValueError as fault:
            self.fail(str(fault), param, ctx)


@click.group("archive", cls=DefaultCommandGroup)
def command() -> None:
    """Archive a month of decisions with its audit entries and checkpoints, as Parquet files.

    `scoring archive 2024-12 FOLDER` is short for `scoring archive create 2024-12 FOLDER`. These commands need the
    login that owns the tables, except `verify`.
    """


@command.command("create")
@click.argument("month", type=_MonthType(), metavar="YYYY-MM")
@click.argument("folder", type=FOLDER)
@click.option("--drop", is_flag=True, help="Remove the month from the database after its archive was verified.")
def create(month: Month, folder: Path, drop: bool) -> None:
    """Copy a month into FOLDER, which must not exist, and verify the copy. The service may run meanwhile."""
    from entrypoints.composition.processes.archives import run_archive_use_case  # noqa: PLC0415 - slow to import

    settings = settings_or_exit()
    with interruptible("Interrupted: nothing was removed."), ProgressBar(f"Archiving {month}") as bar:
        found = run_archive_use_case(
            settings, lambda use_cases: use_cases.archive(month, folder, bar.show, by=_operator())
        )
    _report(found, folder)
    if drop:
        _drop(folder)
    else:
        click.echo(f"Nothing was removed from the database. `scoring archive drop {folder}` removes the month.")


@command.command("verify")
@click.argument("folder", type=FOLDER)
@click.option("--against-database", is_flag=True, help="Compare the archive with the audit trail in the database.")
@click.option("--key", "keys", multiple=True, help="A public key to trust instead of the service's. Repeatable.")
def verify(folder: Path, against_database: bool, keys: tuple[str, ...]) -> None:
    """Verify the archive in FOLDER, by default without a database. The exit code is 1 if there are faults."""
    from entrypoints.composition.processes.archives import (  # noqa: PLC0415 - slow to import
        run_archive_use_case,
        verify_archive,
    )

    try:
        trusted = public_keys(",".join(keys))
    except ValueError as fault:
        raise click.BadParameter(str(fault), param_hint="--key") from fault
    settings = settings_or_exit()
    if against_database:
        found = run_archive_use_case(
            settings, lambda use_cases: use_cases.verify(folder, against_database=True), keys=trusted
        )
    else:
        found = verify_archive(settings, folder, keys=trusted)
    _report(found, folder)


@command.command("drop")
@click.argument("folder", type=FOLDER)
def drop(folder: Path) -> None:
    """Verify the archive in FOLDER against the database, and remove its month from the database."""
    _drop(folder)


@command.command("restore")
@click.argument("folder", type=FOLDER)
def restore(folder: Path) -> None:
    """Verify the archive in FOLDER, and put its month back into the database."""
    from entrypoints.composition.processes.archives import run_archive_use_case  # noqa: PLC0415 - slow to import

    settings = settings_or_exit()
    with interruptible("Interrupted: nothing was restored."), ProgressBar("Restoring") as bar:
        found = run_archive_use_case(
            settings, lambda use_cases: use_cases.restore(folder, by=_operator(), progress=bar.show)
        )
    decisions = counted(found.manifest.contents.decisions, "decision", "decisions")
    click.echo(f"{found.manifest.month} is in the database again: {decisions}.")


def _drop(folder: Path) -> None:
    from entrypoints.composition.processes.archives import run_archive_use_case  # noqa: PLC0415 - slow to import

    found = run_archive_use_case(settings_or_exit(), lambda use_cases: use_cases.drop(folder, by=_operator()))
    click.echo(
        f"{found.manifest.month} was removed from the database. Add it to SCORING_AUDIT_ARCHIVED_MONTHS, by which "
        "the service and `scoring audit verify` expect its records to be missing, and verify the archive with "
        f"`scoring archive verify {folder} --against-database`."
    )


def _operator() -> Actor:
    return Actor(operating_system_user(), Role.ADMIN)


def _report(found: ArchiveVerification, folder: Path) -> None:
    """Print the result; exit with 1 if there are faults."""
    for fault in found.faults:
        click.echo(f"fault: {fault}")
    if found.fault_count > len(found.faults):
        click.echo(f"... and {found.fault_count - len(found.faults)} more")
    if found.fault_count:
        click.echo(f"{folder} is not a valid archive of {found.manifest.month}.")
        sys.exit(1)
    contents = found.manifest.contents
    where = "from its files and against the database" if found.against_database else "from its files"
    click.echo(
        f"{folder}: {counted(contents.decisions, 'decision', 'decisions')} of {found.manifest.month}, "
        f"{counted(contents.entries, 'audit entry', 'audit entries')} in "
        f"{counted(len(contents.chains), 'chain', 'chains')} and "
        f"{counted(contents.checkpoints, 'checkpoint', 'checkpoints')} verified {where}: no issues.\n"
        f"Checkpoints are signed with {found.key}."
    )
