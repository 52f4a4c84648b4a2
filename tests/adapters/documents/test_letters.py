"""Letters to applicants: what they state, that the same letter is the same bytes, and what cannot be made."""

import asyncio
import os
import re
import signal
import sys
import time
import zlib
from dataclasses import replace
from html import unescape
from itertools import islice
from pathlib import Path

import pytest

from adapters.documents.letter_values import TEMPLATE, letter_values
from adapters.documents.letters import RenderedLetters
from adapters.documents.render_process import CharactersMissing, render_html, render_pdf
from adapters.documents.rendering import DocumentProcess
from application.ports.notices.letters import Letter, LetterFailed
from domain.notices.completeness import NoticeIncomplete, missing_items
from domain.notices.content import Addressee, NoticeContent
from domain.notices.letterhead import Letterhead, Paper
from domain.policies.reasons import AdverseActionReason
from support.letters import (
    ADDRESSEE,
    CLOSED,
    COUNTER_OFFER,
    DECLINED,
    INCOMPLETE,
    LETTERHEAD,
    OFFER,
    REASONS,
    SCORE,
)
from support.random_declines import drafting, random_declines

ECOA = (
    "The federal Equal Credit Opportunity Act prohibits creditors from discriminating against credit "
    "applicants on the basis of race, color, religion, national origin, sex, marital status, age (provided the "
    "applicant has the capacity to enter into a binding contract); because all or part of the applicant's "
    "income derives from any public assistance program; or because the applicant has in good faith exercised "
    "any right under the Consumer Credit Protection Act. The federal agency that administers compliance with "
    "this law concerning this creditor is Federal Trade Commission, Equal Credit Opportunity, 600 Pennsylvania "
    "Avenue NW, Washington, DC 20580."
)
"""12 CFR 1002.9(b)(1), word for word."""
LENDER = ("Prairie Loans, Inc.", "1 Main Street Springfield, IL 62701", "Telephone (217) 555-0100")
AGENCY = (
    "Example Bureau P.O. Box 1000 Chester, PA 19016 Toll-free telephone (800) 555-0199",
    "The reporting agency played no part in our decision and is unable to supply specific",
    "a free copy of your report from the reporting agency, if you request it no later than 60 days",
    "you have the right to dispute the matter with the reporting agency",
)
SCORE_USED = (
    "Your credit score 521",
    "Date of the score November 2, 2026",
    "Range of scores from a low of 351 to a high of 632",
    "Provider of the score Prairie Loans, Inc.",
    "Number of recent inquiries on the credit bureau report",
)


def html(content: NoticeContent) -> str:
    return render_html(TEMPLATE, letter_values(content))


def text(content: NoticeContent) -> str:
    """What a reader reads, with single spaces."""
    body = re.sub(r"<style>.*?</style>", "", html(content), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def items_after(heading: str, content: NoticeContent) -> list[str]:
    """The items of the list below a heading."""
    _, found, rest = html(content).partition(f"<h2>{heading}</h2>")
    assert found
    return [unescape(item) for item in re.findall(r"<li>(.*?)</li>", rest.split("</ol>")[0])]


def letter(content: NoticeContent) -> Letter:
    return asyncio.run(RenderedLetters().render(content))


def test_a_decline_states_everything_that_the_law_asks_for() -> None:
    stated = text(DECLINED)
    for part in (*LENDER, *AGENCY, *SCORE_USED, ECOA, "why we have denied credit to you", "November 6, 2026"):
        assert part in stated
    assert "Dear Maria Alvarez:" in stated
    assert "$18,000.00, 60 months" in stated
    assert items_after("Principal reasons for our decision", DECLINED) == [reason.text for reason in REASONS]
    assert "https://loans.example.com/applicant/" in stated
    assert "It works until January 5, 2027." in stated


def test_a_counter_offer_states_the_offer_its_end_and_why_not_the_requested_loan() -> None:
    stated = text(COUNTER_OFFER)
    for part in (*LENDER, *AGENCY, *SCORE_USED, ECOA):
        assert part in stated
    for part in (
        "Amount $9,500.00",
        "Term 36 months",
        "Annual interest rate 11.49%",
        "Monthly payment $313.23",
        "You can accept until December 4, 2026",
        "Send a payslip of November",
        "please notify us no later than December 4, 2026",
        "why we are unable to offer you credit on the terms that you requested",
    ):
        assert part in stated
    heading = "Principal reasons why we cannot offer the terms that you requested"
    assert items_after(heading, COUNTER_OFFER) == [reason.text for reason in REASONS[1:]]
    assert "denied" not in stated


def test_a_counter_offer_that_has_ended_is_a_decline() -> None:
    stated = text(replace(COUNTER_OFFER, dated=OFFER.until.replace(day=5)))
    assert "which you could accept until December 4, 2026. That offer has ended." in stated
    assert "please notify us" not in stated
    assert "Principal reasons for our decision" in stated


def test_a_request_states_what_is_missing_the_date_and_what_follows() -> None:
    stated = text(INCOMPLETE)
    for part in (
        *LENDER,
        "Two payslips of the last three months. A statement of your bank account.",
        "We need to receive this information by November 19, 2026",
        "If we do not receive it by that date, we will regrettably be unable to give further consideration",
    ):
        assert part in stated
    assert "Fair Credit" not in stated
    assert "Principal reasons" not in stated


def test_a_closed_application_states_what_did_not_arrive() -> None:
    stated = text(CLOSED)
    assert ECOA in stated
    assert items_after("Principal reasons for our decision", CLOSED) == ["Information requested was not provided"]
    assert "On November 5, 2026 we asked for the following, by November 19, 2026:" in stated
    assert "Fair Credit" not in stated
    assert "Information that we did not receive" not in text(replace(CLOSED, information=None))


def test_the_letters_of_a_thousand_random_declines_state_the_reasons_of_the_record() -> None:
    made = 0
    for decline in islice(random_declines(seed=9), 1_040):
        content = drafting().content(decline.basis, dated=OFFER.until.replace(year=2026, month=3, day=16))
        if missing_items(content):
            continue
        offers = decline.by == "counter-offer"
        heading = "why we cannot offer the terms that you requested" if offers else "for our decision"
        stated = items_after(f"Principal reasons {heading}", content)
        record = decline.basis.record
        assert stated == [reason.text for reason in content.reasons]
        assert decline.basis.final or stated == [reason.text for reason in record.decision.reasons]
        made += 1
    assert made >= 1_000


def test_only_what_is_complete_becomes_a_letter() -> None:
    incomplete = replace(DECLINED, letterhead=Letterhead(), reasons=())
    with pytest.raises(NoticeIncomplete) as refused:
        letter(incomplete)
    assert refused.value.missing == missing_items(incomplete)


def test_the_same_letter_is_the_same_bytes_in_every_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times, places and the seed of hashes are not part of it."""
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    made = letter(COUNTER_OFFER)
    assert made.html.decode() == html(COUNTER_OFFER)
    assert made.pdf == render_pdf(html(COUNTER_OFFER), accessible=True)
    assert made.pdf != render_pdf(html(DECLINED), accessible=True)


def test_a_letter_can_be_read_by_screen_readers() -> None:
    page = html(replace(DECLINED, addressee=Addressee("Александр Солженицын", ("Αθήνα", "محمد"))))
    content = inflated(render_pdf(page, accessible=True))
    for part in (b"/MarkInfo", b"/StructTreeRoot", b"/Lang", b"pdfuaid", b"/TH", b"/H1"):
        assert part in content
    assert '<html lang="en-US">' in page
    levels = re.findall(r"<h(\d)", page)
    assert levels[0] == "1"
    assert set(levels[1:]) == {"2"}
    assert page.count("<th ") == page.count('<th scope="row">') > 0


def inflated(pdf: bytes) -> bytes:
    """The PDF with its streams decompressed."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL)
    return pdf + b"".join(zlib.decompress(stream) for stream in streams if stream.startswith(b"x"))


@pytest.mark.parametrize(("paper", "width"), [(Paper.LETTER, b"612"), (Paper.A4, b"595.27")])
def test_a_letter_fits_the_lenders_paper(paper: Paper, width: bytes) -> None:
    page = html(replace(DECLINED, letterhead=replace(LETTERHEAD, paper=paper)))
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) [\d.]+\]", inflated(render_pdf(page, accessible=True)))
    assert len(boxes) == 2
    assert all(box.startswith(width) for box in boxes)


def test_characters_that_no_font_can_show_are_refused_and_named() -> None:
    """The character is for private use, so that no installed font has it."""
    page = html(DECLINED).replace("Maria", "\U0010fff0")
    with pytest.raises(CharactersMissing, match=r"\(U\+10FFF0\)"):
        render_pdf(page, accessible=True)
    assert render_pdf(page)


def test_a_synthetic_letter_says_so_on_every_page() -> None:
    stated = html(replace(DECLINED, synthetic=True))
    assert '<div class="watermark" aria-hidden="true">SYNTHETIC</div>' in stated
    assert "This letter is about a made-up application." in stated
    assert "SYNTHETIC" not in html(DECLINED)


def test_a_preview_says_so_in_print_and_is_no_issued_letter() -> None:
    preview = html(replace(DECLINED, preview=True))
    assert '<div class="watermark" aria-hidden="true">PREVIEW</div>' in preview
    assert "watermark" not in html(DECLINED).partition("</style>")[2]
    assert ">SYNTHETIC</div>" in html(replace(DECLINED, preview=True, synthetic=True))


def test_no_text_can_be_markup_or_style() -> None:
    creditor = replace(LETTERHEAD.creditor, name='A"; } body { display: none </style><script>x')
    hostile = replace(
        DECLINED,
        letterhead=replace(LETTERHEAD, creditor=creditor),
        loan=replace(DECLINED.loan, reference='"\\";}*{display:none}</style><img src=x>'),
        addressee=Addressee("<b>Maria</b>", ("</address><script>",)),
        reasons=(AdverseActionReason("OTHER", "</li><script>alert(1)</script>"),),
    )
    page = html(hostile)
    for tag in ("<script", "<img", "<b>"):
        assert tag not in page
    style = page.partition("<style>")[2].partition("</style>")[0]
    assert "</style>" in page
    assert style.count("{") == html(DECLINED).partition("<style>")[2].partition("</style>")[0].count("{")
    assert items_after("Principal reasons for our decision", hostile) == ["</li><script>alert(1)</script>"]


def test_without_an_addressee_the_lender_adds_the_address() -> None:
    assert "Dear Applicant:" in text(replace(DECLINED, addressee=None))


def test_a_score_that_nothing_lowered_says_so() -> None:
    stated = text(replace(DECLINED, score=replace(SCORE, key_factors=())))
    assert "No factor adversely affected your credit score." in stated


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("raise SystemExit('no template')", "the letter could not be made; the service's log says why"),
        (
            "import adapters.documents.render_process as r\n"
            "def missing(html, **options): raise OSError('no pango')\n"
            "r.render_pdf = missing; r.main()",
            "Pango is not installed on the server",
        ),
        (
            "import sys; sys.stdin.readline(); print('2\\nokno_font 山 (U+5C71)', flush=True)",
            r"no font on the server has these characters: 山 \(U\+5C71\)\. Install one that has them, or",
        ),
        (
            "import sys; sys.stdin.readline(); print('2\\nok', end='', flush=True); sys.exit('crashed')",
            "the PDF of the letter could not be made; the service's log says why",
        ),
        (
            "import sys, time; sys.stdin.readline(); print('2\\nok', end='', flush=True); time.sleep(600)",
            "it was not finished within 2 s",
        ),
    ],
)
def test_a_letter_that_cannot_be_rendered_says_what_is_wrong(program: str, message: str) -> None:
    seconds = 2 if "sleep" in program else 60
    letters = RenderedLetters(DocumentProcess((sys.executable, "-c", program), seconds=seconds))
    with pytest.raises(LetterFailed, match=message):
        asyncio.run(letters.render(replace(DECLINED, addressee=ADDRESSEE)))


def test_one_process_renders_several_letters_and_is_replaced_after_it_ended(tmp_path: Path) -> None:
    """It ends after a while without a letter, which must not be noticed."""
    seen = tmp_path / "processes"
    program = (
        "import os, pathlib, adapters.documents.render_process as r\n"
        f"pathlib.Path({str(seen)!r}).open('a').write(f'{{os.getpid()}}\\n')\n"
        "r.render_pdf = lambda html, **options: b'%PDF' + html.encode(); r.main()"
    )
    letters = RenderedLetters(DocumentProcess((sys.executable, "-c", program)))
    one, two = (asyncio.run(letters.render(each)) for each in (DECLINED, CLOSED))
    assert one.pdf != two.pdf
    (process,) = seen.read_text().split()
    os.kill(int(process), signal.SIGKILL)
    assert asyncio.run(letters.render(DECLINED)) == one
    assert len(seen.read_text().split()) == 2
    del letters
    deadline = time.monotonic() + 10
    while any(running(int(each)) for each in seen.read_text().split()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(running(int(each)) for each in seen.read_text().split())


def test_a_process_that_became_large_is_not_kept(tmp_path: Path) -> None:
    seen = tmp_path / "processes"
    program = (
        "import os, pathlib, adapters.documents.render_process as r\n"
        f"pathlib.Path({str(seen)!r}).open('a').write(f'{{os.getpid()}}\\n')\n"
        "r.KEPT_MB = 0; r.render_pdf = lambda html, **options: b'%PDF' + html.encode(); r.main()"
    )
    letters = RenderedLetters(DocumentProcess((sys.executable, "-c", program)))
    one, two = (asyncio.run(letters.render(each)) for each in (DECLINED, DECLINED))
    assert one == two
    assert len(set(seen.read_text().split())) == 2


def running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
