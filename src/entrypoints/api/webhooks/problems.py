"""The problems of exceptions about webhook subscriptions."""

from application.ports.webhooks.subscriptions import SubscriptionNotFound, TooManySubscriptions
from domain.webhooks.subscription import InvalidSubscription
from domain.webhooks.webhook_url import InvalidWebhookUrl
from entrypoints.api.http.problem_makers import Problems, Resources, invalid_parameter, problem
from entrypoints.api.http.problems import FieldError, RequestRejected, invalid


def _invalid_subscription(error: InvalidSubscription) -> RequestRejected:
    faults = [FieldError(name, fault) for name, fault in error.faults.items()]
    return invalid("invalid-body", "Invalid body", faults)


_subscription_not_found = problem(404, "no-such-subscription", "Subscription not found")
RESOURCES: Resources = (("/api/v1/webhook-subscriptions/", "subscription", _subscription_not_found),)

PROBLEMS: Problems = {
    InvalidWebhookUrl: invalid_parameter("webhook_url"),
    InvalidSubscription: _invalid_subscription,
    TooManySubscriptions: problem(409, "too-many-subscriptions", "Too many subscriptions"),
    SubscriptionNotFound: _subscription_not_found,
}
