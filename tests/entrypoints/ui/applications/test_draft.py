"""Drafts of applications: keys of users and of submissions, and what a browser sends."""

from dataclasses import replace

from entrypoints.ui.applications.application_inputs import Submission
from entrypoints.ui.applications.draft import Draft, texts_in, user_key
from support.builders import a_loan_application, an_identity


def test_the_same_submission_of_a_draft_has_the_same_key_in_every_process():
    submission = Submission(a_loan_application(), an_identity())
    draft, restored = Draft("8f14e45f-ceea-4672-a7a0-5b9e1d1f0c11"), Draft("8f14e45f-ceea-4672-a7a0-5b9e1d1f0c11")
    assert draft.key_of(submission) == restored.key_of(submission)
    for other in (
        replace(submission, application=a_loan_application(annual_inc=51_000)),
        replace(submission, identity=an_identity(application_reference="LN-8")),
    ):
        assert draft.key_of(other) != draft.key_of(submission)
    assert Draft.new().key_of(submission) != Draft.new().key_of(submission)


def test_users_have_keys_of_their_own():
    keys = {user_key(secret, name) for secret in (b"one", b"other") for name in ("marta", "olga")}
    assert len(keys) == 4
    assert all(len(bytes.fromhex(key)) == 32 for key in keys)


def test_only_texts_of_known_fields_are_taken_from_a_browser():
    sent = {"income": "52,000", "other": "1", "amount": 9, "term": None, "purpose": "x" * 1000}
    known = ("income", "amount", "term", "purpose")
    assert texts_in(sent, known) == {"income": "52,000", "purpose": "x" * 200}
    assert texts_in("income", known) == texts_in(None, known) == {}
