"""`scoring reproduce`: reproduce a decision with the model and the policy that made it.

Exit codes: 0 where the decision is identical to the last bit, 1 where it differs, 2 where it cannot be reproduced.
"""

import sys
from uuid import UUID

import click

from application.ports.models.version_not_archived import VersionNotArchived
from application.use_cases.decisions.read_decisions import DecisionNotFound, DecisionUnreadable
from domain.access.user import Actor, Role
from entrypoints.cli.main import run_use_case
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.counting import counted

_NOT_REPRODUCIBLE = 2


@click.command("reproduce")
@click.argument("decision_id", type=click.UUID)
def command(decision_id: UUID) -> None:
    """Reproduce a recorded decision and compare every field; list the fields that differ."""
    by = Actor(operating_system_user(), Role.AUDITOR)
    try:
        reproduction = run_use_case(lambda use_cases: use_cases.reproduce(decision_id, by=by))
    except (DecisionNotFound, DecisionUnreadable, VersionNotArchived) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(_NOT_REPRODUCIBLE)
    record, comparison = reproduction.record, reproduction.comparison
    for difference in comparison.differences:
        click.echo(
            f"differs: {difference.field}: recorded {difference.recorded}, reproduced {difference.reproduced}"
        )
    result = (
        "identical to the last bit"
        if comparison.identical
        else counted(len(comparison.differences), "differs", "differ")
    )
    click.echo(
        f"{counted(comparison.compared, 'field', 'fields')} compared, under model {record.model_version} "
        f"and policy {record.decision.policy_version}: {result}."
    )
    sys.exit(0 if comparison.identical else 1)
