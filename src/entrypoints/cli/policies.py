"""`scoring policies`: list, show and activate policies."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from application.catalog import CommandUseCases
from application.operational_error import OperationalError
from application.ports.models.version_not_archived import ArchivedForOtherProduct, VersionNotArchived
from application.use_cases.policies.read_policies import NoPolicyInForce
from domain.access.user import Actor, PermissionDenied, Role
from domain.policies.activation import PolicyAlreadyInForce, PolicyVersionTaken
from domain.policies.scoring_policy import InvalidPolicyVersion, ScoringPolicy
from domain.policies.stored_policy import in_present_schema
from entrypoints.cli.main import run_use_case
from entrypoints.composition.policy_files import PolicyFileInvalid, policy_of_file
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.counting import counted

_OTHER_PRODUCT = (
    "Set SCORING_PRODUCT as the running service has it. To change the product of this database, stop the service, "
    "and use --change-product"
)


_LONG = "(long text)"


class _OtherProduct(OperationalError):
    """The policy in force is for another product."""


_ERRORS = (
    VersionNotArchived,
    NoPolicyInForce,
    PolicyFileInvalid,
    _OtherProduct,
    PolicyVersionTaken,
    PolicyAlreadyInForce,
    PermissionDenied,
)


@click.group("policies")
def command() -> None:
    """List, show and activate policies.

    The policy in force decides on new applications. Decisions that were made before keep the policy that made
    them.
    """


@command.command("list")
def list_activations() -> None:
    """List which policies were in force, the current one first."""
    activations = run_use_case(lambda use_cases: use_cases.list_policy_activations())
    for place, each in enumerate(activations):
        since = each.at.isoformat(sep=" ", timespec="seconds")
        state = "in force since" if place == 0 else "activated at"
        click.echo(f"policy {each.version}  {each.fingerprint[:16]}  {state} {since} by {each.by}")
    click.echo(f"{counted(len(activations), 'activation', 'activations')}.")


@command.command("show")
@click.argument("version", required=False)
@click.option(
    "--as",
    "new_version",
    metavar="NEW",
    help="Print it in this release's schema, with the version NEW, to be activated.",
)
def show(version: str | None, *, new_version: str | None) -> None:
    """Print the policy with this VERSION, by default the one in force, as JSON.

    Save the text to a file, edit it, give it another version, and put it in force with `scoring policies
    activate`. A policy of an earlier schema decides as it did when it was written; with --as, it has what this
    release adds: rules on bureau data, and the terms by which people review.
    """
    policy = run_use_case(lambda use_cases: use_cases.read_policy(version), errors=_ERRORS)
    if new_version is not None:
        try:
            policy = in_present_schema(policy, new_version)
        except InvalidPolicyVersion as fault:
            raise click.BadParameter(str(fault), param_hint="--as") from fault
    click.echo(json.dumps(json.loads(policy.document), indent=2, ensure_ascii=False))


@command.command("activate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--change-product",
    is_flag=True,
    help="Replace a policy for another product; processes that decide on that product stop deciding.",
)
def activate(file: Path, *, change_product: bool) -> None:
    """Put the policy in FILE in force.

    FILE is JSON as `scoring policies show` prints it, with a version that no other policy has. Every process
    decides by it within 5 seconds; a worker finishes its batch by the policy with which it began. The audit trail
    records who activated it: with a token, a risk manager; otherwise the account of the operating system.
    """

    async def run(use_cases: CommandUseCases) -> tuple[ScoringPolicy | None, ScoringPolicy]:
        role = use_cases.person.role if use_cases.person else Role.RISK_MANAGER
        by = Actor(operating_system_user(), role)
        policy = policy_of_file(file, use_cases.read_product_in_force())
        try:
            before = await use_cases.read_policy()
        except ArchivedForOtherProduct as fault:
            if not change_product:
                raise _OtherProduct(f"{file}: {fault}. {_OTHER_PRODUCT}") from fault
            before = None
        except (NoPolicyInForce, VersionNotArchived):  # such as one whose document was altered
            before = None
        await use_cases.activate_policy(policy, by=by)
        return before, policy

    before, policy = run_use_case(run, errors=_ERRORS)
    if before is not None:
        for change in _changes(json.loads(before.document), json.loads(policy.document)):
            click.echo(change)
    click.echo(
        f"Policy {policy.version} is in force (fingerprint {policy.fingerprint[:16]}). "
        "All processes decide by it within 5 seconds."
    )


def _changes(before: Any, after: Any, place: str = "") -> Iterator[str]:
    """The differences between two documents, one line each; items of lists by what identifies them."""
    if isinstance(before, list) and isinstance(after, list):
        before, after = ({_identity(each): each for each in items} for items in (before, after))
    if not (isinstance(before, dict) and isinstance(after, dict)):
        if before != after:
            shown = f"{_shown(before)} → {_shown(after)}"
            yield f"  {place}: {'the text changed' if shown == f'{_LONG} → {_LONG}' else shown}"
        return
    for name in dict.fromkeys((*before, *after)):
        yield from _changes(before.get(name), after.get(name), f"{place} / {name}" if place else str(name))


def _identity(item: Any) -> str:
    """What identifies a rule, a grade, a limit of authority, or a reason or its outcome, in its list."""
    if not isinstance(item, dict):
        return str(item)
    if "role" in item:
        return f"{item['role']}, grade {item['grade']}"
    return str(item.get("name", item.get("code")))


def _shown(content: Any) -> str:
    if content is None:
        return "(none)"
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return text if len(text) <= 80 and "\n" not in text else _LONG
