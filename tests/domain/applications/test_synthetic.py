"""The source of synthetic applications is reserved, and such applications stay synthetic."""

from uuid import uuid4

import pytest

from domain.applications.application_identity import ApplicationIdentity
from domain.applications.superseding import OtherReference, check_same_application
from domain.applications.synthetic import RESERVED, SYNTHETIC_SOURCE, caller_faults, is_synthetic, unreserved
from support.builders import a_loan_application

SYNTHETIC = ApplicationIdentity(application_reference="LN-1", source=SYNTHETIC_SOURCE)


@pytest.mark.parametrize("source", [SYNTHETIC_SOURCE, SYNTHETIC_SOURCE.upper(), SYNTHETIC_SOURCE.title()])
def test_no_caller_may_state_the_reserved_source(source: str) -> None:
    (fault,) = caller_faults({"source": source, "channel": "branch"})
    assert (fault.field, fault.problem) == ("source", RESERVED)
    assert SYNTHETIC_SOURCE in fault.allowed


def test_other_sources_are_free_and_other_faults_are_named() -> None:
    assert not list(caller_faults({"source": "los"}))
    assert not list(caller_faults({"source": None}))
    assert [fault.field for fault in caller_faults({"source": "", "channel": "x" * 65})] == ["source", "channel"]


def test_a_synthetic_application_that_is_decided_again_states_its_source() -> None:
    assert not list(caller_faults({"source": SYNTHETIC_SOURCE}, supersedes=True))
    assert list(caller_faults({"source": SYNTHETIC_SOURCE.upper()}, supersedes=True))


def test_a_copy_of_a_synthetic_application_is_not_synthetic() -> None:
    copy = unreserved(SYNTHETIC)
    assert (copy.source, copy.application_reference, is_synthetic(SYNTHETIC), is_synthetic(copy)) == (
        None,
        "LN-1",
        True,
        False,
    )
    real = ApplicationIdentity(source="los")
    assert unreserved(real) is real


@pytest.mark.parametrize("earlier", [None, SYNTHETIC_SOURCE])
def test_a_decision_that_supersedes_another_is_synthetic_if_that_one_is(earlier: str | None) -> None:
    later = SYNTHETIC_SOURCE if earlier is None else "los"
    application = a_loan_application()
    with pytest.raises(OtherReference, match="synthetic"):
        check_same_application(
            uuid4(),
            (application, ApplicationIdentity(source=earlier)),
            (application, ApplicationIdentity(source=later)),
        )
    same = (application, ApplicationIdentity(source=earlier))
    check_same_application(uuid4(), same, same)
