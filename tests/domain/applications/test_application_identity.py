"""The caller's own data about an application is short, visible text, and everything wrong with it is named."""

from typing import Any

import pytest

from domain.applications.application_identity import (
    NO_IDENTITY,
    ApplicationIdentity,
    InvalidApplicationIdentity,
    identity_faults,
)


def faults_of(**given: Any) -> list[tuple[str, str]]:
    return [(fault.field, fault.problem) for fault in identity_faults(given)]


def test_nothing_needs_to_be_given() -> None:
    assert ApplicationIdentity() == NO_IDENTITY
    assert NO_IDENTITY.given() == {}


def test_what_is_given_is_kept_as_it_is() -> None:
    given = {
        "application_reference": "LN-0001 / 7",
        "applicant_reference": "Zoë 顧客 4711",
        "source": "los",
        "channel": "broker",
        "metadata": {
            "branch": "Łódź",
            "priority": 2,
            "share": 0.5,
            "renewal": False,
            "campaign": None,
            "note": "",
        },
    }
    assert ApplicationIdentity(**given).given() == given  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        (" LN-1", "has spaces around it"),
        ("LN-1\n", "has spaces around it"),
        ("LN\t1", "has control or invisible characters"),
        ("LN\x001", "has control or invisible characters"),
        ("LN\u200b1", "has control or invisible characters"),
        ("LN\u00a01", "has control or invisible characters"),
        ("\u202e1-NL", "has control or invisible characters"),
        ("LN\u31641", "has control or invisible characters"),
        ("LN\ufe0f1", "has control or invisible characters"),
        ("LN\ud8001", "has control or invisible characters"),
        ("L" * 129, "is longer than 128 characters"),
        (17, "is not text"),
        (True, "is not text"),
    ],
)
def test_a_reference_that_people_could_not_read_or_search_is_refused(text: Any, problem: str) -> None:
    assert faults_of(application_reference=text) == [("application_reference", problem)]
    assert faults_of(applicant_reference=text) == [("applicant_reference", problem)]


@pytest.mark.parametrize("name", ["source", "channel"])
def test_the_origin_has_at_most_64_characters(name: str) -> None:
    assert ApplicationIdentity(**{name: "x" * 64}).given() == {name: "x" * 64}
    assert faults_of(**{name: "x" * 65}) == [(name, "is longer than 64 characters")]


@pytest.mark.parametrize(
    ("metadata", "problem"),
    [
        ([], "is not an object"),
        ("text", "is not an object"),
        ({"": 1}, "has the name '', which is not 1 to 40 printable characters"),
        ({"a\nb": 1}, r"has the name 'a\nb', which is not 1 to 40 printable characters"),
        ({"a": "x" * 201}, "has a text of more than 200 characters at 'a'"),
        ({"a": "x\x1b[31m"}, "has control or invisible characters at 'a'"),
        ({"a": float("nan")}, "has a number beyond 2^53 at 'a'; write it as text"),
        ({"a": float("-inf")}, "has a number beyond 2^53 at 'a'; write it as text"),
        ({"a": 2**53 + 1}, "has a number beyond 2^53 at 'a'; write it as text"),
        ({"a": 1e300}, "has a number beyond 2^53 at 'a'; write it as text"),
        ({"a": {"b": 1}}, "has neither text, a number, true, false nor null at 'a'"),
        ({"a": [1]}, "has neither text, a number, true, false nor null at 'a'"),
        ({f"a{number}": number for number in range(21)}, "has 21 members"),
        ({f"a{number}": "é" * 100 for number in range(11)}, "is larger than 2 KiB"),
    ],
)
def test_metadata_is_small_and_flat(metadata: Any, problem: str) -> None:
    assert faults_of(metadata=metadata) == [("metadata", problem)]


def test_every_fault_is_named_at_once() -> None:
    given = {"application_reference": "", "source": "x" * 65, "metadata": {"a": [], "b": "\x7f"}}
    assert [name for name, _ in faults_of(**given)] == ["application_reference", "source", "metadata", "metadata"]
    with pytest.raises(
        InvalidApplicationIdentity, match="application_reference is empty, allowed is 1 to 128"
    ) as it:
        ApplicationIdentity(**given)
    assert it.value.faults == tuple(identity_faults(given))
