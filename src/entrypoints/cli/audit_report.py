"""`scoring audit report`: the report of a past verification."""

import json
from uuid import UUID

import click

from application.catalog import CommandUseCases
from application.use_cases.audit.read_verifications import VerificationNotFound, VerificationReport
from domain.access.user import Actor, Role
from entrypoints.cli.main import run_use_case
from entrypoints.configuration.operating_system_user import operating_system_user


@click.command("report")
@click.argument("verification_id", type=click.UUID, required=False)
def command(verification_id: UUID | None) -> None:
    """Print the report of a verification as JSON, that of the last one if no identifier is given.

    `scoring audit events --kind 'audit trail verified' --json` prints the identifiers. The exit code is 1 if
    there is no report, or if it is not the one that the audit trail states.
    """
    by = Actor(operating_system_user(), Role.AUDITOR)

    async def read(use_cases: CommandUseCases) -> VerificationReport:
        wanted = verification_id
        if wanted is None:
            page = await use_cases.list_verifications(by=by, limit=1)
            if not page.verifications:
                raise VerificationNotFound("the audit trail was never verified")
            wanted = page.verifications[0].event.event_id
        return await use_cases.read_verification(wanted, by=by)

    found = run_use_case(read, errors=(VerificationNotFound,))
    if found.document is not None:
        click.echo(found.document.decode() if not found.content else json.dumps(dict(found.content), indent=2))
    if found.fault:
        raise click.ClickException(f"verification {found.verification.event.event_id}: {found.fault}")
