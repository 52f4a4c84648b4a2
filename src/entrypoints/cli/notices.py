"""Notices of a long-running command about itself, in the format of the log."""

import json
from datetime import UTC, datetime

import click

from entrypoints.configuration.settings import Settings


def notice(settings: Settings, text: str, *, level: str = "info", prefix: str = "") -> None:
    """Write one line to standard error: `prefix` and the text, or JSON if the log is JSON."""
    if settings.log_format == "json":
        time = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        click.echo(json.dumps({"event": text, "logger": "scoring", "level": level, "time": time}), err=True)
    else:
        click.echo(prefix + text, err=True)
