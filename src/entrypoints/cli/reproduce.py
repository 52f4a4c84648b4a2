"""`scoring reproduce`: a decision made again with the model and the policy that made it.

Exit codes: 0 when it comes out the same to the last bit, 1 when it does not, 2 when it cannot be made again.
"""

import asyncio
import sys
from uuid import UUID

import click

from application.ports.models.version_not_archived import VersionNotArchived
from application.use_cases.decisions.read_decisions import DecisionNotFound
from entrypoints.cli.main import settings_or_exit
from entrypoints.composition.engines import engines_in_use_or_own
from entrypoints.composition.versions import reproduce_decision
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.counting import counted

_IMPOSSIBLE = 2


@click.command("reproduce")
@click.argument("decision_id", type=click.UUID)
def command(decision_id: UUID) -> None:
    """Make a decision on record again, and compare every bit; every field that differs is named."""
    with engines_in_use_or_own(settings_or_exit(), cache=False) as settings:
        try:
            reproduction = asyncio.run(reproduce_decision(settings, decision_id, operating_system_user()))
        except (DecisionNotFound, VersionNotArchived) as fault:
            click.echo(f"Error: {fault}", err=True)
            sys.exit(_IMPOSSIBLE)
    record, comparison = reproduction.record, reproduction.comparison
    for one in comparison.differences:
        click.echo(f"differs: {one.field}: recorded {one.recorded}, now {one.reproduced}")
    verdict = (
        "identical to the last bit"
        if comparison.identical
        else counted(len(comparison.differences), "differs", "differ")
    )
    click.echo(
        f"{counted(comparison.compared, 'field', 'fields')} compared, under model {record.model_version} "
        f"and policy {record.decision.policy_version}: {verdict}."
    )
    sys.exit(0 if comparison.identical else 1)
