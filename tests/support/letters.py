"""Contents of letters for tests."""

from datetime import date
from zoneinfo import ZoneInfo

from domain.applications.money import Money
from domain.notices.content import (
    Addressee,
    ApplicantPage,
    DisclosedScore,
    NoticeContent,
    OfferedTerms,
    RequestedInformation,
    RequestedLoan,
)
from domain.notices.letterhead import Contact, Letterhead
from domain.notices.notice_kind import NoticeKind
from domain.policies.reasons import AdverseActionReason

CHICAGO = ZoneInfo("America/Chicago")
LETTERHEAD = Letterhead(
    creditor=Contact("Prairie Loans, Inc.", ("1 Main Street", "Springfield, IL 62701"), "(217) 555-0100"),
    signatory="Credit Department",
    regulator=Contact(
        "Federal Trade Commission",
        ("Equal Credit Opportunity", "600 Pennsylvania Avenue NW", "Washington, DC 20580"),
    ),
    agency=Contact("Example Bureau", ("P.O. Box 1000", "Chester, PA 19016"), "(800) 555-0199"),
)
REASONS = (
    AdverseActionReason(
        "EXCESSIVE_OBLIGATIONS", "Debt payments including this loan are excessive in relation to income"
    ),
    AdverseActionReason("CREDIT_BUREAU_SCORE", "Credit history as summarised by the credit bureau's score"),
    AdverseActionReason("REVOLVING_CREDIT", "Share of available revolving credit in use"),
    AdverseActionReason("AMOUNT_REQUESTED", "Amount of credit requested"),
)
INQUIRIES = AdverseActionReason("INQUIRIES", "Number of recent inquiries on the credit bureau report")
SCORE = DisclosedScore(
    points=521,
    created_on=date(2026, 11, 2),
    lowest=351,
    highest=632,
    provider="Prairie Loans, Inc.",
    key_factors=(*REASONS, INQUIRIES),
)
LOAN = RequestedLoan("Personal loan", Money.of(18_000), 60, date(2026, 11, 2), "APP-2026-00017")
OFFER = OfferedTerms(
    Money.of(9_500), 36, 0.1149, Money.of(313.23), date(2026, 12, 4), ("Send a payslip of November",)
)
INFORMATION = RequestedInformation(
    "Two payslips of the last three months.\nA statement of your bank account.",
    date(2026, 11, 5),
    date(2026, 11, 19),
)
ADDRESSEE = Addressee("Maria Alvarez", ("12 Elm Street, Apt. 4", "Springfield, IL 62702"))
PAGE = ApplicantPage("https://loans.example.com/applicant/" + "Aa0-Il1_" * 8, date(2027, 1, 5))

DECLINED = NoticeContent(
    kind=NoticeKind.ADVERSE_ACTION,
    dated=date(2026, 11, 6),
    letterhead=LETTERHEAD,
    loan=LOAN,
    reasons=REASONS,
    score=SCORE,
    addressee=ADDRESSEE,
    applicant_page=PAGE,
)
COUNTER_OFFER = NoticeContent(
    kind=NoticeKind.COUNTER_OFFER,
    dated=date(2026, 11, 6),
    letterhead=LETTERHEAD,
    loan=LOAN,
    reasons=REASONS[1:],
    score=SCORE,
    offer=OFFER,
    addressee=ADDRESSEE,
)
INCOMPLETE = NoticeContent(
    kind=NoticeKind.INCOMPLETE,
    dated=date(2026, 11, 6),
    letterhead=LETTERHEAD,
    loan=LOAN,
    information=INFORMATION,
    addressee=ADDRESSEE,
)
CLOSED = NoticeContent(
    kind=NoticeKind.ADVERSE_ACTION,
    dated=date(2026, 11, 23),
    letterhead=LETTERHEAD,
    loan=LOAN,
    closed_incomplete=True,
    reasons=(AdverseActionReason("INFORMATION_NOT_PROVIDED", "Information requested was not provided"),),
    information=INFORMATION,
    addressee=ADDRESSEE,
)
