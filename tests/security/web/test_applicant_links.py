"""Attacks on the links of applicants: guessed, altered, expired, of others, and used for anything else."""

import asyncio
import base64
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import pytest

from adapters.security.derived_keys import Purpose, derived_key
from adapters.security.link_tokens import TOKEN_LENGTH, HmacLinkTokens
from application.ports.access.credentials import InvalidToken
from domain.access.user import APPLICANT, PermissionDenied, Role
from support.applicant_app import FROM_THE_PAGE
from support.applicant_site import UMA, ApplicantSite
from support.applicants import WEAK
from support.builders import A_MOMENT

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.fixture(scope="module")
def site() -> ApplicantSite:
    return ApplicantSite()


@pytest.fixture(scope="module")
def decision_id(site: ApplicantSite) -> UUID:
    return site.decide()


@pytest.fixture(scope="module")
def path(site: ApplicantSite, decision_id: UUID) -> str:
    return site.link(decision_id)


@pytest.fixture(scope="module")
def not_valid(site: ApplicantSite) -> httpx.Response:
    """The answer to a link that never was one."""
    return site.open("/applicant/x")


def looks_the_same(answer: httpx.Response, expected: httpx.Response) -> bool:
    def seen(each: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
        return each.status_code, each.content, dict(each.headers)

    return seen(answer) == seen(expected)


def test_a_token_has_a_signature_of_256_bits_under_a_key_of_its_own() -> None:
    tokens = [HmacLinkTokens(derived_key(b"s" * 32, purpose)) for purpose in Purpose]
    link_id = uuid4()
    made = [each.sign(link_id, A_MOMENT) for each in tokens]
    assert len(set(made)) == len(Purpose)
    assert {len(each) for each in made} == {TOKEN_LENGTH}
    for signer, token in zip(tokens, made, strict=True):
        assert [each.read(token).authentic for each in tokens] == [each is signer for each in tokens]


def test_a_token_of_the_key_before_is_still_read() -> None:
    old, new = b"o" * 32, b"n" * 32
    token = HmacLinkTokens(old).sign(uuid4(), A_MOMENT)
    assert HmacLinkTokens(new, [old]).read(token).authentic
    assert not HmacLinkTokens(new).read(token).authentic


def test_no_flipped_bit_of_a_token_is_authentic() -> None:
    tokens = HmacLinkTokens(b"k" * 32)
    token = tokens.sign(uuid4(), A_MOMENT)
    content = base64.urlsafe_b64decode(token)
    for place in range(len(content) * 8):
        flipped = bytearray(content)
        flipped[place // 8] ^= 1 << (place % 8)
        assert not tokens.read(base64.urlsafe_b64encode(flipped).decode()).authentic


def test_no_other_character_in_a_token_is_authentic() -> None:
    tokens = HmacLinkTokens(b"k" * 32)
    token = tokens.sign(uuid4(), A_MOMENT)
    others = {*ALPHABET, *"+/=.% \n\0é\u200b"}
    for place, character in enumerate(token):
        for other in others - {character}:
            assert not tokens.read(token[:place] + other + token[place + 1 :]).authentic


def test_altered_links_get_one_plain_answer(site: ApplicantSite, path: str, not_valid: httpx.Response) -> None:
    token = path.rpartition("/")[2]
    content = bytearray(base64.urlsafe_b64decode(token))
    flipped = []
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 0x80
        flipped.append(base64.urlsafe_b64encode(changed).decode())
    cut = [token[:length] for length in (1, 16, 71)]
    longer = [f"{token}A", f"{token}=", f"{token}{token}", f"A{token}", "A" * 72, "A" * 4000]
    spelled = [token.swapcase(), token[::-1], token.replace(token[0], "+", 1), f"%00{token}", f"{token}%20"]
    for each in (*flipped, *cut, *longer, *spelled):
        assert looks_the_same(site.open(f"/applicant/{each}"), not_valid), each
    assert not_valid.status_code == 404
    assert "This link is not valid" in not_valid.text


def test_a_forged_expiry_opens_nothing(site: ApplicantSite, decision_id: UUID, not_valid: httpx.Response) -> None:
    """Also one that is signed, but not that of the stored link."""
    made = asyncio.run(site.lender.use_cases.reconsiderations.make_link(decision_id, by=UMA))
    tokens = HmacLinkTokens(b"l" * 32)
    later = tokens.sign(made.link.link_id, made.link.expires_at + timedelta(days=365))
    unknown = tokens.sign(uuid4(), made.link.expires_at)
    for token in (later, unknown):
        assert looks_the_same(site.open(f"/applicant/{token}"), not_valid)


def test_expired_and_revoked_links_look_like_any_other(not_valid: httpx.Response) -> None:
    site = ApplicantSite()
    decision_id = site.decide()
    use_cases = site.lender.use_cases.reconsiderations
    revoked, expiring = site.link(decision_id), site.link(decision_id)
    links = asyncio.run(use_cases.read(decision_id, by=UMA)).links
    asyncio.run(use_cases.revoke_link(decision_id, links[-1].link_id, by=UMA))
    assert looks_the_same(site.open(revoked), not_valid)
    assert site.open(expiring).status_code == 200
    site.wait(timedelta(days=60))
    assert looks_the_same(site.open(expiring), not_valid)
    assert looks_the_same(site.post(expiring), not_valid)
    found = asyncio.run(use_cases.read(decision_id, by=UMA))
    assert not found.requests


def test_a_link_opens_its_own_application_only(site: ApplicantSite) -> None:
    mine, other = site.decide(**{**WEAK, "annual_inc": 19_500}), site.decide(**{**WEAK, "annual_inc": 18_700})
    shown = site.open(site.link(mine)).text
    assert "19,500" in shown
    assert "18,700" not in shown
    path = site.link(mine)
    for query in (f"?application_id={other}", f"?token={site.link(other)[11:]}"):
        assert "18,700" not in site.open(path + query).text
    site.post(path, application_id=str(other), decision_id=str(other), link_id=str(other))
    assert not asyncio.run(site.lender.use_cases.reconsiderations.read(other, by=UMA)).requests


def test_a_token_is_no_access_token(site: ApplicantSite, path: str) -> None:
    token = path.rpartition("/")[2]
    for text in (token, f"a.{token}.b", base64.b64encode(token.encode()).decode()):
        with pytest.raises(InvalidToken):
            site.lender.use_cases.identify_caller(text)


def test_an_access_token_is_no_link(site: ApplicantSite, not_valid: httpx.Response) -> None:
    issued = site.lender.tokens.issue(UMA).token
    assert looks_the_same(site.open(f"/applicant/{issued}"), not_valid)


def test_the_actor_of_applicants_may_do_nothing_else(site: ApplicantSite, decision_id: UUID) -> None:
    use_cases = site.lender.use_cases
    for attempt in (
        use_cases.read_decision(decision_id, by=APPLICANT),
        use_cases.applications.read(decision_id, by=APPLICANT),
        use_cases.reconsiderations.read(decision_id, by=APPLICANT),
        use_cases.reconsiderations.make_link(decision_id, by=APPLICANT),
        use_cases.cases.open_review(decision_id, "Please.", by=APPLICANT),
    ):
        with pytest.raises(PermissionDenied):
            asyncio.run(attempt)
    assert not Role.APPLICANT.permissions


@pytest.mark.parametrize(
    "tricky",
    [
        "/applicant/../applicant/{t}/x",
        "/applicant/{t}/",
        "/applicant/{t}/..",
        "/applicant//{t}",
        "/applicant/{t}%2F..%2F{t}",
        "/applicant/%2e%2e/{t}",
        "/applicant/{t};x=1",
        "/applicant/{t}%00",
        "/APPLICANT/{t}",
        "/applicant/",
    ],
)
def test_no_other_spelling_of_the_path_shows_anything(site: ApplicantSite, path: str, tricky: str) -> None:
    answer = site.open(tricky.replace("{t}", path.rpartition("/")[2]))
    assert answer.status_code in {404, 405}
    assert "20,000" not in answer.text


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_no_other_method_does_anything(site: ApplicantSite, path: str, method: str) -> None:
    answer = site.request(method, path, headers=FROM_THE_PAGE)
    assert answer.status_code in {403, 404, 405}
    assert "20,000" not in answer.text


def test_head_shows_nothing_and_a_query_sends_nothing(site: ApplicantSite, path: str) -> None:
    assert site.request("HEAD", path).content == b""
    assert site.open(f"{path}?kind=human_review&form=abc&step=send").status_code == 200
    assert "You asked for a person" not in site.open(path).text


@pytest.mark.parametrize(
    "host", ["evil.example", "loans.example.com.evil.example", "loans.example.com:1", "[::1]"]
)
def test_the_host_header_is_never_repeated(site: ApplicantSite, path: str, host: str) -> None:
    answer = site.open(path, headers={"Host": host, "X-Forwarded-Host": host, "X-Forwarded-Prefix": "/evil"})
    assert "evil" not in answer.text + str(answer.headers)
    sent = site.request("POST", path, headers={"Host": host, **FROM_THE_PAGE}, data={"kind": "x"})
    assert "evil" not in sent.text + str(sent.headers)


def test_another_site_cannot_send_the_form(site: ApplicantSite, path: str) -> None:
    form = {"kind": "human_review", "form": "abc", "step": "send"}
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "same-site"},
    ):
        assert site.request("POST", path, data=form, headers=headers).status_code == 403
    assert "You asked for a person" not in site.open(path).text


def test_only_small_forms_are_read(site: ApplicantSite, path: str) -> None:
    large = {"kind": "human_review", "form": "abc", "step": "send", "text": "x" * 20_000}
    refused = site.request("POST", path, data=large, headers=FROM_THE_PAGE)
    assert refused.status_code == 413
    assert refused.headers["Referrer-Policy"] == "no-referrer", "the address of the page is a secret here too"
    for headers, content in (
        ({"Content-Type": "application/json"}, b"{}"),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x--"),
        ({"Content-Type": "text/plain"}, b"kind=human_review"),
    ):
        answer = site.request("POST", path, headers={**FROM_THE_PAGE, **headers}, content=content)
        assert answer.status_code == 415
    many = {f"field-{number}": "1" for number in range(900)}
    answer = site.post(path, "review", kind="correction", **many)
    assert answer.status_code == 400
    assert answer.text.count("This cannot be corrected here.") == 1


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "{{ 7919 * 7907 }}",
        '"><img src=x onerror=alert(1)>',
        "\u202e gpj",
        "\x00",
        "\x1b[2J",
    ],
)
def test_what_is_entered_is_text_or_refused(site: ApplicantSite, path: str, text: str) -> None:
    answer = site.post(path, "review", kind="correction", text=text, **{"field-annual_inc": text})
    assert "<script>" not in answer.text
    assert "<img" not in answer.text
    assert "62615533" not in answer.text
    sent = site.post(path, "review", text=text)
    assert sent.status_code == (200 if text.isprintable() else 400)


def test_the_answer_is_kept_by_nobody_and_runs_nothing(site: ApplicantSite, path: str) -> None:
    for answer in (site.open(path), site.open("/applicant/x"), site.post(path, "review")):
        headers = answer.headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-robots-tag"].startswith("noindex")
        assert headers["x-frame-options"] == "DENY"
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'; form-action")
        assert "set-cookie" not in headers
        assert "<script" not in answer.text
        assert "style=" not in answer.text


def test_concurrent_and_repeated_submits_are_one_request() -> None:
    site = ApplicantSite()
    decision_id = site.decide()
    path = site.link(decision_id)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: site.post(path, form="twice").status_code, range(8)))
    assert set(answers) == {303}
    assert site.post(path, form="other").status_code == 409
    assert len(asyncio.run(site.lender.use_cases.reconsiderations.read(decision_id, by=UMA)).requests) == 1


def test_a_form_is_no_use_with_another_link() -> None:
    """The number of a form counts within its link, so that nobody can find or block a request of others."""
    site = ApplicantSite()
    first, second = site.decide(), site.decide()
    for decision_id in (first, second):
        assert site.post(site.link(decision_id), form="same").status_code == 303
        assert len(asyncio.run(site.lender.use_cases.reconsiderations.read(decision_id, by=UMA)).requests) == 1


def test_requests_are_limited_by_address_and_by_link() -> None:
    site = ApplicantSite()
    site.limit(burst=5)
    path = site.link(site.decide())
    statuses = [site.open("/applicant/x", client="198.51.100.1").status_code for _ in range(6)]
    assert statuses == [404] * 5 + [429]
    limited = site.open(path, client="198.51.100.1")
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "1")
    opened = [site.open(path, client=f"198.51.100.{number}").status_code for number in range(10, 16)]
    assert opened == [200] * 5 + [429]
    network = [site.open("/applicant/x", client=f"2001:db8::{number}").status_code for number in range(1, 7)]
    assert network[-1] == 429


def test_every_text_is_verified_in_about_the_same_time() -> None:
    """A short or misspelled token takes the same path as one with a wrong signature, within a factor of three."""
    tokens = HmacLinkTokens(b"k" * 32)
    token = tokens.sign(uuid4(), A_MOMENT)
    wrong_first, wrong_last = "B" + token[1:], token[:-1] + ("A" if token[-1] != "A" else "B")

    def seconds(text: str) -> float:
        taken = []
        for _ in range(300):
            began = time.perf_counter()
            tokens.read(text)
            taken.append(time.perf_counter() - began)
        return statistics.median(taken)

    usual = seconds(token)
    for text in (wrong_first, wrong_last, "x", "x" * 4000, "é" * 72, token + "A"):
        assert usual / 3 < seconds(text) < usual * 3, quote(text[:20])


def test_every_kind_of_invalid_link_is_looked_up_once(site: ApplicantSite, path: str) -> None:
    """So the work, and with it the time, says nothing about what is wrong."""
    store = site.lender.use_cases.reconsiderations.applicant_page.open_link.store
    calls: list[UUID] = []
    original = store.find_link

    async def counted(link_id: UUID):
        calls.append(link_id)
        return await original(link_id)

    store.find_link = counted
    try:
        token = path.rpartition("/")[2]
        for text in ("x", token[:-1] + "A", HmacLinkTokens(b"l" * 32).sign(uuid4(), A_MOMENT)):
            calls.clear()
            site.open(f"/applicant/{text}")
            assert len(calls) == 1
    finally:
        store.find_link = original
