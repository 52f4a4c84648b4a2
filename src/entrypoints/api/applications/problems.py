"""The problems of exceptions about the life of applications."""

from application.ports.applications.applications import ApplicationConflict
from application.ports.decisions.decision_ledger import ApplicationReferenceTaken
from application.use_cases.applications.change_application import ApplicationChanged
from application.use_cases.applications.read_applications import ApplicationNotFound
from application.use_cases.applications.supersede_decision import SupersededDecisionNotFound
from domain.applications.application_action import InvalidWithdrawal
from domain.applications.application_life import ApplicationRuleViolation
from domain.applications.superseding import SUPERSEDES, SupersedingRefused
from entrypoints.api.http.problem_makers import (
    RETRY,
    Problems,
    Resources,
    invalid_field,
    problem,
    rule_problem,
    sentence,
)
from entrypoints.api.http.problems import FieldError, RequestRejected, invalid, shown_text


def _reference_taken(error: ApplicationReferenceTaken) -> RequestRejected:
    scope, text = shown_text(error.reference.scope), shown_text(error.reference.text)
    if error.decision_id is None:
        act = "Ask the users of that source, or give this application a reference of its own."
    else:
        act = (
            f"Decision {error.decision_id} is the newest one on it. To decide that application again, send "
            "this identifier as supersedes, and supersedes_reason. Otherwise give this application a reference "
            "of its own."
        )
    detail = f'The reference "{text}" of "{scope}" belongs to another application. Nothing was recorded. {act}'
    return RequestRejected(
        409,
        "application-reference-taken",
        "Application reference taken",
        detail,
        decision_id=error.decision_id,
    )


def _superseding_refused(error: SupersedingRefused) -> RequestRejected:
    title = error.rule.replace("-", " ").capitalize()
    return RequestRejected(
        409, error.rule, title, f"{sentence(error)} Nothing was recorded.", decision_id=error.decision_id
    )


def _superseded_not_found(error: SupersededDecisionNotFound) -> RequestRejected:
    allowed = "the newest decision on the application, as GET /api/v1/applications/{id} lists it"
    fault = FieldError(SUPERSEDES, str(error), allowed)
    return invalid("invalid-application", "Invalid loan application", [fault])


_application_not_found = problem(404, "no-such-application", "Application not found")
RESOURCES: Resources = (("/api/v1/applications/", "application", _application_not_found),)

PROBLEMS: Problems = {
    ApplicationReferenceTaken: _reference_taken,
    ApplicationNotFound: _application_not_found,
    ApplicationRuleViolation: rule_problem("Nothing was done."),
    SupersedingRefused: _superseding_refused,
    SupersededDecisionNotFound: _superseded_not_found,
    ApplicationChanged: problem(412, "application-changed", "Application changed"),
    ApplicationConflict: problem(
        409,
        "application-conflict",
        "Application changed at the same time",
        "Others change this application at the same time. Nothing was done. Try again shortly.",
        headers=RETRY,
    ),
    InvalidWithdrawal: invalid_field("text"),
}
