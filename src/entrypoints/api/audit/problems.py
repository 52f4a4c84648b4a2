"""The problems of exceptions about the audit trail and evidence."""

from application.use_cases.audit.export_evidence import ExportNotRecorded, SelectionEmpty, SelectionTooLarge
from application.use_cases.audit.read_verifications import VerificationNotFound
from entrypoints.api.http.problem_makers import RETRY, Problems, Resources, problem

_verification_not_found = problem(404, "no-such-verification", "Verification not found")
RESOURCES: Resources = (("/api/v1/audit/verifications/", "verification", _verification_not_found),)

PROBLEMS: Problems = {
    VerificationNotFound: _verification_not_found,
    SelectionTooLarge: problem(422, "selection-too-large", "Too many decisions"),
    SelectionEmpty: problem(422, "selection-empty", "No decision matches"),
    ExportNotRecorded: problem(
        503,
        "export-not-recorded",
        "Export not recorded",
        "The export could not be recorded on the audit trail, so it was not handed over. Ask the operators of the "
        "service: its log says why.",
        headers=RETRY,
    ),
}
