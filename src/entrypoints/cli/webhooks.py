"""`scoring webhooks`: subscriptions, undelivered webhooks, and the secrets that webhooks are signed with."""

from uuid import UUID

import click

from application.operational_error import OperationalError
from application.ports.webhooks.subscriptions import SubscriptionNotFound
from application.ports.webhooks.webhooks import DeliveryNotFound
from domain.access.user import Actor, Role
from domain.access.user_name import normalized_username
from entrypoints.cli.main import run_use_case, settings_or_exit
from entrypoints.composition.processes.commands import run_command, webhook_secret
from entrypoints.composition.processes.engines import running_database
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.configuration.settings import Settings
from entrypoints.counting import counted


@click.group("webhooks")
def command() -> None:
    """List and end subscriptions, list and retry undelivered webhooks, and print signing secrets."""


def _operator() -> Actor:
    return Actor(operating_system_user(), Role.RISK_MANAGER)


@command.command("dead-letters")
def dead_letters() -> None:
    """List webhooks whose delivery was abandoned, newest first."""
    deliveries = run_use_case(lambda use_cases: use_cases.list_dead_letters(by=_operator()))
    for delivery in deliveries:
        attempts = counted(delivery.attempts, "attempt", "attempts")
        click.echo(f"{delivery.delivery_id}  {delivery.event}  {delivery.url}  {attempts}; {delivery.last_fault}")
    click.echo(f"{counted(len(deliveries), 'dead letter', 'dead letters')}.")


@command.command("retry")
@click.argument("delivery_id", type=click.UUID)
def retry(delivery_id: UUID) -> None:
    """Retry a dead letter, starting again with the first attempt."""
    run_use_case(
        lambda use_cases: use_cases.retry_dead_letter(delivery_id, by=_operator()), errors=(DeliveryNotFound,)
    )
    click.echo("Queued for delivery.")


@command.command("subscriptions")
def subscriptions() -> None:
    """List the active subscriptions of all services, with the state of their deliveries."""
    found = run_use_case(lambda use_cases: use_cases.list_subscriptions(by=_operator()))
    for state in found:
        each = state.subscription
        numbers = f"{state.pending} pending, {state.undelivered} undelivered"
        click.echo(f"{each.subscription_id}  {each.owner}  {each.host}  {', '.join(each.events)}; {numbers}")
        if state.failing_since is not None:
            click.echo(f"  failing since {state.failing_since:%Y-%m-%d %H:%M} UTC: {state.last_fault}")
    click.echo(f"{counted(len(found), 'subscription', 'subscriptions')}.")


@command.command("end")
@click.argument("subscription_id", type=click.UUID)
def end(subscription_id: UUID) -> None:
    """End a subscription; its messages that wait are not sent any more."""
    run_use_case(
        lambda use_cases: use_cases.end_subscription(subscription_id, by=_operator()),
        errors=(SubscriptionNotFound,),
    )
    click.echo("Ended.")


@command.command("test")
@click.argument("subscription_id", type=click.UUID)
def test(subscription_id: UUID) -> None:
    """Send a test event to a subscription."""
    delivery_id = run_use_case(
        lambda use_cases: use_cases.send_test_event(subscription_id, by=_operator()),
        errors=(SubscriptionNotFound,),
    )
    click.echo(f"Queued for delivery: {delivery_id}.")


@command.command("retry-all")
@click.argument("subscription_id", type=click.UUID)
def retry_all(subscription_id: UUID) -> None:
    """Retry all undelivered messages of a subscription."""
    number = run_use_case(
        lambda use_cases: use_cases.retry_undelivered(subscription_id, by=_operator()),
        errors=(SubscriptionNotFound,),
    )
    click.echo(f"Queued {counted(number, 'message', 'messages')} for delivery.")


@command.command("secret")
@click.argument("user")
def secret(user: str) -> None:
    """Print the secret that signs the webhooks of USER.

    The secret depends on the name only, so that it can be printed before the user is added. Where the database is
    running and has no such user, a warning is printed to standard error.
    """
    settings = settings_or_exit()
    click.echo(webhook_secret(settings, user))
    if warning := _warning_about(settings, user):
        click.echo(f"Warning: {warning}", err=True)


def _warning_about(settings: Settings, user: str) -> str | None:
    addressed = running_database(settings)
    if addressed is None:
        return None
    try:
        users = run_command(addressed, lambda use_cases: use_cases.list_users())
    except OperationalError as fault:
        return f"could not check whether the user {user} exists. {fault}"
    if normalized_username(user) in {each.name for each in users}:
        return None
    return f"there is no user {user}; `scoring users list` lists all names."
