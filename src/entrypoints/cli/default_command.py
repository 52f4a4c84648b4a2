"""A group of commands whose first one need not be named: `scoring backup verify FOLDER`."""

import click


class DefaultCommandGroup(click.Group):
    """Runs the command "create" unless the first argument names another."""

    DEFAULT = "create"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = [self.DEFAULT, *args]
        return super().parse_args(ctx, args)
