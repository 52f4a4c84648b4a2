"""The problems of exceptions about requests of applicants."""

from application.ports.reconsiderations.reconsiderations import ReconsiderationConflict, ReconsiderationUnreadable
from domain.reconsiderations.reconsideration_errors import ReconsiderationError, ReconsiderationNotFound
from entrypoints.api.http.problem_makers import RETRY, Problems, problem, rule_problem

PROBLEMS: Problems = {
    ReconsiderationNotFound: problem(404, "no-such-reconsideration", "Request or link not found"),
    ReconsiderationError: rule_problem("Nothing was done."),
    ReconsiderationConflict: problem(
        409,
        "reconsideration-conflict",
        "Application changed at the same time",
        "The applicant or others changed this application at the same time. Nothing was done. Try again shortly.",
        headers=RETRY,
    ),
    ReconsiderationUnreadable: problem(500, "reconsideration-unreadable", "Requests cannot be read"),
}
