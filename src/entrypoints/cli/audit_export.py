"""`scoring audit export` and `verify-export`: evidence on decisions, and its verification."""

import os
import sys
from datetime import UTC
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from application.catalog import CommandUseCases
from application.ports.audit.evidence_package import SealedPackage
from application.ports.decisions.decision_archive import DecisionFilter, FinalOutcomeFilter
from application.use_cases.audit.export_evidence import (
    EvidenceSelection,
    ExportNotRecorded,
    SelectionEmpty,
    SelectionTooLarge,
)
from application.use_cases.decisions.read_decisions import DecisionNotFound
from domain.access.user import Actor, Role
from domain.policies.outcome import Outcome
from entrypoints.cli.main import run_use_case
from entrypoints.composition.processes.commands import evidence_verifier
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.counting import counted

_TIME = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"])


@click.command("export")
@click.argument("decision_ids", nargs=-1, type=click.UUID)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The zip file to write."
)
@click.option("--outcome", type=click.Choice([outcome.value for outcome in Outcome]), help="Only this outcome.")
@click.option(
    "--final-outcome",
    type=click.Choice([outcome.value for outcome in FinalOutcomeFilter]),
    help="Only this final outcome: a person's if a person decided, else the system's.",
)
@click.option("--since", type=_TIME, help="Only decisions since this time (UTC).")
@click.option("--until", type=_TIME, help="Only decisions before this time (UTC).")
@click.option("--grade", help="Only this grade.")
@click.option("--requested-by", help="Only decisions that this user requested.")
@click.option("--text", help="Only decisions that the search of the list finds with this text.")
def export(decision_ids: tuple[UUID, ...], output: Path, **given: Any) -> None:
    """Export evidence on decisions as a zip file that can be verified offline.

    Give identifiers of decisions, or options that select at most 1,000. The export is recorded on the
    audit trail. Decisions that no checkpoint covers yet get one, if the key of the last checkpoint is set here.
    Only its owner can read the file (mode 0600), since it contains applicants' data.
    """
    criteria = {name: value for name, value in given.items() if value is not None}
    if bool(decision_ids) == bool(criteria):
        raise click.UsageError("Give identifiers of decisions, or options that select decisions.")
    for name in ("since", "until"):
        if name in criteria:
            criteria[name] = criteria[name].replace(tzinfo=UTC)
    if "outcome" in criteria:
        criteria["outcome"] = Outcome(criteria["outcome"])
    if "final_outcome" in criteria:
        criteria["final_outcome"] = FinalOutcomeFilter(criteria["final_outcome"])
    selection = EvidenceSelection(DecisionFilter(**criteria), decision_ids)
    if output.exists():
        raise click.ClickException(f"{output} exists already; nothing was exported.")

    async def run(use_cases: CommandUseCases) -> tuple[int, SealedPackage]:
        exported = await use_cases.export_evidence(selection, by=Actor(operating_system_user(), Role.AUDITOR))
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            async for chunk in exported.package.content:
                file.write(chunk)
        return exported.decisions, exported.package

    expected = (DecisionNotFound, SelectionTooLarge, SelectionEmpty, ExportNotRecorded, OSError)
    count, package = run_use_case(run, errors=expected, statement_timeout=None)
    click.echo(f"{output}: {counted(count, 'decision', 'decisions')}, {package.size:,} bytes")
    click.echo(f"SHA-256 {package.sha256}")


@click.command("verify-export")
@click.argument("export_file", metavar="EXPORT", type=click.Path(exists=True, path_type=Path))
@click.option("--key", "keys", multiple=True, help="The public key, obtained from elsewhere. Repeatable.")
def verify_export(export_file: Path, keys: tuple[str, ...]) -> None:
    """Verify an export with this installation's copy of its verify.py.

    The exit code is 0 only if everything is unchanged and signed with a given key, 1 if something was changed, and
    3 if not everything is proven.
    """
    sys.exit(evidence_verifier([str(export_file), *(part for key in keys for part in ("--key", key))]))
