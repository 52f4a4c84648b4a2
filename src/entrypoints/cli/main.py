"""The command `scoring` and its sub-commands."""

import os
import sys
from importlib import import_module

import click

from application.operational_error import OperationalError
from entrypoints.configuration.settings import InvalidSettings, Settings, read_settings

COMMANDS = {
    "up": (
        "entrypoints.cli.up",
        "Run API, web interface and a worker, with engines of our own where none are given.",
    ),
    "serve": ("entrypoints.cli.serve", "Run one face: the API or the web interface."),
    "worker": ("entrypoints.cli.worker", "Decide batches that were handed in."),
    "webhooks": ("entrypoints.cli.webhooks", "Look after webhooks that did not arrive."),
    "users": ("entrypoints.cli.users", "Look after who can log in."),
    "sessions": ("entrypoints.cli.sessions", "List and end sessions of the web interface."),
    "migrate": ("entrypoints.cli.migrate", "Bring the database to the newest form."),
    "score": ("entrypoints.cli.score", "Decide on every loan application in a file."),
    "reproduce": ("entrypoints.cli.reproduce", "Make a decision on record again, and compare every bit."),
    "train": ("entrypoints.cli.train", "Train a model from a file of loans."),
    "audit": ("entrypoints.cli.audit", "Verify the audit trail, or sign how far it goes."),
}


class CommandsOnDemand(click.Group):
    """Imports a command's module when the command is called: `scoring up` need not wait for LightGBM."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All there are, in the order above."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command of this name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """The list in `scoring --help`, without importing every command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


def settings_or_exit(*required: str) -> Settings:
    """The settings of the environment; names every fault and ends the program where they are wrong."""
    try:
        return read_settings(os.environ, required=required)
    except InvalidSettings as refused:
        lines = "".join(f"  - {fault}\n" for fault in refused.faults)
        raise click.ClickException(f"the settings are wrong, nothing was started:\n{lines}") from refused


@click.command(cls=CommandsOnDemand)
@click.version_option(package_name="credit-scoring")
def scoring() -> None:
    """Credit decisions: a calibrated probability of default, a decision and its reasons, on record."""


def main() -> None:
    """Run the command line. What the operator can mend is said in one line; anything else keeps its traceback."""
    try:
        scoring(prog_name="scoring")
    except OperationalError as fault:
        click.echo(f"Error: {fault}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
