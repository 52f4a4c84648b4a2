"""No body causes an unexpected error, and fast and thorough decoding agree."""

import json

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.applications import bureau_fields
from domain.applications.application_identity import NAMES
from domain.products.personal_loan import EXAMPLE, PERSONAL_LOAN
from entrypoints.api.decisions.decoding import ApplicationDecoder
from entrypoints.api.http.problems import RequestRejected

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.text(st.characters(), max_size=20),
    st.sampled_from(
        [*EXAMPLE.values(), "LN-1", "a\u200bb", 'say "yes"', " x", "frozen", "found", "2026-03-01", "2026-02-30"]
    ),
)
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)
names = st.one_of(
    st.sampled_from((*PERSONAL_LOAN.field_by_name, *NAMES, *bureau_fields.NAMES)),
    st.text(st.characters(), max_size=10),
)


@st.composite
def altered(draw):
    """The example as JSON, with members changed, dropped, added and repeated, and sometimes with bytes changed."""
    pairs = [(name, value) for name, value in EXAMPLE.items() if draw(st.integers(0, 9))]
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(pairs)))
        pairs[at : at + draw(st.integers(0, 1))] = [(draw(names), draw(values))]
    escaped = draw(st.booleans())
    text = ",".join(
        f"{json.dumps(n, ensure_ascii=escaped)}:{json.dumps(v, ensure_ascii=escaped)}" for n, v in pairs
    )
    body = bytearray(f"{{{text}}}".encode("utf-8", "replace"))
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 3]))):
        body[draw(st.integers(0, len(body) - 1))] = draw(st.integers(0, 255))
    return bytes(body)


READ = ApplicationDecoder(PERSONAL_LOAN)


def outcome_of(read, body):
    try:
        return read(body)
    except RequestRejected as refused:
        return refused.problem


@given(body=altered())
@settings(max_examples=150, deadline=None)
def test_fast_and_thorough_decoding_agree(body):
    fast, thorough = outcome_of(READ, body), outcome_of(READ.read_thoroughly, body)
    assert fast == thorough
    if not isinstance(fast, tuple):
        assert fast.status in (400, 422)
        json.loads(msgspec.json.encode(fast))


@given(body=st.one_of(st.binary(max_size=300), altered()))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_causes_an_unexpected_error(service, body):
    assert service.ask(body).status_code in (200, 400, 422)


@given(query=st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=60))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("prefix", ["", "cursor=", "since=", "minimum_amount=", "text=", "limit="])
def test_no_query_causes_an_unexpected_error(service, prefix, query):
    assert service.get(f"/api/v1/decisions?{prefix}{query}").status_code in (200, 400)


@given(body=st.binary(max_size=200))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_form_causes_an_unexpected_error(service, body):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    form = b"grant_type=password&username=a&password=" + body
    service.attempts._until.clear()  # failed logins must not accumulate
    assert service.client.post("/api/v1/auth/token", content=form, headers=headers).status_code == 400
