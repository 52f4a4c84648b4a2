"""The command `scoring` and its subcommands."""

import os
import sys
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any, TypeVar

import click

from application.catalog import CommandUseCases
from application.operational_error import OperationalError
from entrypoints.cli.notices import notice
from entrypoints.configuration.database_address import address_notes
from entrypoints.configuration.setting import FILE_SUFFIX, PREFIX
from entrypoints.configuration.settings import InvalidSettings, Settings, deprecations, read_settings

COMMANDS = {
    "up": ("entrypoints.cli.up", "Run the API, the web interface and a worker, with embedded engines by default."),
    "serve": ("entrypoints.cli.serve", "Run the API or the web interface."),
    "worker": ("entrypoints.cli.worker", "Decide uploaded batches."),
    "webhooks": (
        "entrypoints.cli.webhooks",
        "List subscriptions, and list and retry undelivered webhooks.",
    ),
    "users": ("entrypoints.cli.users", "Manage users."),
    "sessions": ("entrypoints.cli.sessions", "List and end sessions of the web interface."),
    "health": ("entrypoints.cli.health", "Check a process on this machine, for the health checks of containers."),
    "migrate": ("entrypoints.cli.migrate", "Migrate the database to the current schema."),
    "backup": ("entrypoints.cli.backup", "Back up the database and the model, and verify a backup."),
    "restore": ("entrypoints.cli.restore", "Restore a backup into an empty database, and verify it."),
    "archive": ("entrypoints.cli.archive", "Archive a month of decisions, verify it, drop it, and put it back."),
    "demo": ("entrypoints.cli.demo", "Fill an empty installation with a lender's simulated life."),
    "score": ("entrypoints.cli.score", "Decide on every loan application in a file."),
    "reproduce": ("entrypoints.cli.reproduce", "Reproduce a recorded decision and compare every field."),
    "outcomes": ("entrypoints.cli.outcomes", "Import outcomes of loans, and export them for training."),
    "train": ("entrypoints.cli.train", "Train a model from a file of loans."),
    "products": ("entrypoints.cli.products", "Check the definition of a product."),
    "overview": ("entrypoints.cli.overview", "Rebuild the aggregates from which overviews are read."),
    "policies": ("entrypoints.cli.policies", "List, show and activate policies."),
    "audit": ("entrypoints.cli.audit", "Verify the audit trail, and create checkpoints."),
}
T = TypeVar("T")


class LazyCommands(click.Group):
    """Imports a command's module when the command runs: `scoring up` does not wait for LightGBM."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """Write the list in `scoring --help` without importing every command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


def settings_or_exit(*required: str, warn: bool = True, serves: bool = False) -> Settings:
    """Read the settings from the environment; exit with every fault where they are invalid.

    `warn` prints a warning for each deprecated variable; a process that `serves` needs a usable TLS certificate.
    """
    try:
        settings = read_settings(os.environ, required=required, serves=serves)
    except InvalidSettings as invalid:
        lines = "".join(f"  - {fault}\n" for fault in invalid.faults)
        raise click.ClickException(f"Invalid settings; nothing was started:\n{lines}") from invalid
    notes = [*address_notes(settings.database_url), *address_notes(settings.database_pooler_url)]
    for warning in [*deprecations(os.environ), *notes] if warn else ():
        notice(settings, warning, level="warning", prefix="Warning: ")
    return settings


def run_use_case(
    action: Callable[[CommandUseCases], Awaitable[T]], *, errors: tuple[type[Exception], ...] = (), **options: Any
) -> T:
    """Run an action on the database; exit with one line where it raises one of `errors`.

    `options` are those of `run_command`.
    """
    from entrypoints.composition.processes.commands import run_command  # noqa: PLC0415 - slow to import

    try:
        return run_command(settings_or_exit(), action, **options)
    except errors as error:
        raise click.ClickException(str(error)) from error


@click.command(cls=LazyCommands)
@click.version_option(package_name="credit-scoring")
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False),
    help="A file with your access token: the audit trail then names you as the one who ran the command.",
)
def scoring(token_file: str | None) -> None:
    """Credit decisions: a calibrated probability of default, a decision and its reasons, durably recorded."""
    if token_file is not None:
        os.environ[f"{PREFIX}TOKEN{FILE_SUFFIX}"] = token_file


def main() -> None:
    """Run the command line; an operational error is printed as one line, any other keeps its traceback."""
    try:
        scoring(prog_name="scoring")
    except OperationalError as fault:
        click.echo(f"Error: {fault}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
