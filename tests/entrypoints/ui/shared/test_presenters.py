"""Form parsing and presenters, without a browser or NiceGUI."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from application.use_cases.decisions.find_counterfactual import Explanation
from domain.applications.money import ZERO, Money
from domain.decisions.counterfactual import Change, Counterfactual
from domain.models.scorecard import points
from domain.policies.outcome import Confidence, Outcome
from domain.policies.rules import Comparison, Rule
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.ui.applications.application_form import (
    InvalidApplication,
    application_from,
    sample_of,
    suggested_high_end,
)
from entrypoints.ui.decisions.contributions import contributions_of
from entrypoints.ui.decisions.counterfactual_view import counterfactual_view
from entrypoints.ui.decisions.decision_list import decision_row
from entrypoints.ui.decisions.decision_reasons import ReasonItem, failure_text
from entrypoints.ui.decisions.decision_search import InvalidSearch, ListPage, address_of, filter_from
from entrypoints.ui.decisions.decision_view import decision_view
from entrypoints.ui.decisions.pd_scale import pd_scale
from entrypoints.ui.shared.formats import money, percent, signed
from entrypoints.ui.shared.time_zone import UTC_ZONE, Moment, zone_label, zone_named
from support.builders import a_decision, a_decision_record, a_loan_application, a_prediction, a_reason

SAMPLE = sample_of(PERSONAL_LOAN)


def test_numbers_are_formatted_with_units_and_separators():
    assert money(Money(1_000_000)) == "$10,000"
    assert money(Money(33_931)) == "$339.31"
    assert percent(0.123) == "12.3\u202f%"
    assert [signed(value) for value in (12.44, -3.0, -0.04)] == ["+12.4", "\u22123.0", "0.0"]


@pytest.mark.parametrize("typed", ["50000", "50,000", "$50,000", " 50\u202f000 ", "50,000.00", "5e4", "'50000"])
def test_amounts_are_accepted_in_usual_formats(typed: str):
    assert application_from(SAMPLE | {"annual_inc": typed}, PERSONAL_LOAN).applicant["annual_inc"] == 50_000


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        *(
            (text, "Enter a number from 0 to 100,000,000")
            for text in ("fifty", "inf", "٣", "--1", "9" * 400, "-1")
        ),
        *((text, "Looks like a number with a decimal comma") for text in ("5,00", "1,5", "0,155", "1.234,56")),
        ("1.,5", "Enter a number"),
        ("nan", "Required"),
        ("-", "May mean 0 or a missing value: write 0, or leave it empty"),
        ("€50000", "Is in another currency: amounts are in dollars"),
    ],
)
def test_ambiguous_numbers_are_rejected(typed: str, message: str):
    with pytest.raises(InvalidApplication) as refused:
        application_from(SAMPLE | {"annual_inc": typed}, PERSONAL_LOAN)
    assert refused.value.errors["annual_inc"].startswith(message)


@pytest.mark.parametrize(("typed", "read"), [(".5", 0.5), ("15.", 15.0), ("15.%", 15.0), ("15.5", 15.5)])
def test_a_number_may_start_or_end_with_a_decimal_point(typed: str, read: float):
    assert application_from(SAMPLE | {"dti": typed}, PERSONAL_LOAN).applicant["dti"] == read


def test_all_invalid_fields_are_reported_together():
    entries = SAMPLE | {"loan_amnt": "0", "dti": "", "inq_last_6mths": "1.5", "purpose": "yacht", "term": None}
    with pytest.raises(InvalidApplication) as refused:
        application_from(entries, PERSONAL_LOAN)
    assert refused.value.errors == {
        "loan_amnt": "Enter a number from 1 to 1,000,000",
        "dti": "Required",
        "inq_last_6mths": "Enter a whole number from 0 to 100",
        "purpose": "Select an option",
        "term": "Select an option",
    }


def test_a_high_fico_score_below_the_low_score_is_rejected():
    with pytest.raises(InvalidApplication) as refused:
        application_from(SAMPLE | {"fico_range_high": "690"}, PERSONAL_LOAN)
    assert refused.value.errors == {"fico_range_high": "Must be at least the low score"}


def test_a_blank_utilization_means_no_revolving_credit():
    assert application_from(SAMPLE | {"revol_util": " "}, PERSONAL_LOAN).applicant["revol_util"] is None


@pytest.mark.parametrize(("low", "high"), [("700", "704"), ("848", "850"), ("70", None), ("", None), (None, None)])
def test_the_high_fico_score_is_suggested_once_the_low_score_is_complete(low: str | None, high: str | None):
    ends = (PERSONAL_LOAN.field_by_name[name] for name in ("fico_range_low", "fico_range_high"))
    assert suggested_high_end(low, *ends) == high


def test_contributions_add_up_to_the_score_and_are_sorted_by_size():
    prediction = a_prediction()
    shown = contributions_of(a_loan_application(), prediction, PERSONAL_LOAN)
    total = float(shown.start) + sum(bar.points for bar in shown.bars)
    assert total == pytest.approx(points(prediction.log_odds), abs=0.06)
    sizes = [abs(bar.points) for bar in shown.bars]
    assert sizes == sorted(sizes, reverse=True)
    assert len(shown.bars) == 12


def test_bars_of_raised_and_lowered_risk_meet_at_the_zero_line():
    shown = contributions_of(a_loan_application(), a_prediction(), PERSONAL_LOAN)
    for bar in shown.bars:
        edge = bar.start + bar.length if bar.raises_risk else bar.start
        assert edge == pytest.approx(shown.zero, abs=0.02)
        assert 0 <= bar.start <= bar.start + bar.length <= 100.01


def test_zero_contributions_are_drawn_without_division_by_zero():
    prediction = replace(a_prediction(), contributions=(0.0,) * 12)
    assert {bar.length for bar in contributions_of(a_loan_application(), prediction, PERSONAL_LOAN).bars} == {0.0}


@pytest.mark.parametrize("log_odds", [-7.0, -3.0, -1.5, 0.0, 3.0])
def test_the_pd_scale_shows_interval_and_cut_offs_in_order(log_odds: float):
    scale = pd_scale(a_prediction(log_odds=log_odds), POLICY_3)
    assert 0 <= scale.low <= scale.pd <= scale.high <= 100
    assert [zone.outcome for zone in scale.zones] == ["approved", "referred", "declined"]
    assert scale.zones[0].start == 0
    assert scale.zones[-1].end == 100
    assert 3 <= len(scale.ticks) <= 9


def test_a_failed_rule_shows_the_figure_and_its_limit():
    rule = next(rule for rule in POLICY_3.rules if rule.measure == "annual income")
    decision = a_decision(outcome=Outcome.DECLINED, reasons=(a_reason(rule.reason),), failed_rules=(rule.name,))
    view = decision_view(a_decision_record(decision=decision), POLICY_3, PERSONAL_LOAN)
    assert view.reasons[0].detail == f"Annual income: $64,000.50 (minimum ${rule.limit:,.0f})"
    assert view.failed_rules[0].detail.startswith("Actual: $64,000.50.")


@pytest.mark.parametrize(
    ("measure", "comparison", "limit", "text"),
    [
        ("annual income", Comparison.AT_LEAST, 15_000, "Annual income below $15,000"),
        ("loan amount", Comparison.AT_LEAST, 1_000, "Below the minimum loan of $1,000"),
        ("loan amount", Comparison.AT_MOST, 35_000, "Above the maximum loan of $35,000"),
        ("loan to income", Comparison.AT_MOST, 0.4, "Loan-to-income above 40\u202f%"),
        ("debt to income after", Comparison.AT_MOST, 0.43, "Debt-to-income above 43\u202f%"),
        ("FICO", Comparison.AT_LEAST, 660, "FICO score below 660"),
        ("delinquencies in two years", Comparison.AT_MOST, 2, "Delinquencies in two years above 2"),
        ("public records", Comparison.AT_MOST, 1, "Public records above 1"),
    ],
)
def test_a_failed_rule_is_named_as_what_failed(measure: str, comparison: Comparison, limit: float, text: str):
    rule = Rule("any name", measure, comparison, limit, "INCOME_BELOW_MINIMUM", Outcome.DECLINED)
    assert failure_text(rule, PERSONAL_LOAN) == text


def test_a_reason_shared_by_two_rules_shows_the_limit_of_the_decisive_rule():
    declines, refers = (rule for rule in POLICY_3.rules if rule.measure == "loan to income")
    assert declines.reason is refers.reason
    for outcome, limit in ((Outcome.DECLINED, "maximum 50\u202f%"), (Outcome.REFERRED, "maximum 40\u202f%")):
        failed = (declines.name, refers.name)
        decision = a_decision(outcome=outcome, reasons=(a_reason(refers.reason),), failed_rules=failed)
        view = decision_view(a_decision_record(decision=decision), POLICY_3, PERSONAL_LOAN)
        assert limit in view.reasons[0].detail


def test_a_decision_whose_policy_is_not_archived_is_shown_without_limits():
    decision = a_decision(policy_version="0", failed_rules=("income reaches the minimum",))
    view = decision_view(a_decision_record(decision=decision), None, PERSONAL_LOAN)
    assert view.failed_rules == (ReasonItem("Rule “Income reaches the minimum”", ""),)
    assert view.scale.zones == ()


def test_a_score_reason_shows_the_applicants_value():
    decision = a_decision(reasons=(a_reason("OBLIGATIONS"),), failed_rules=())
    view = decision_view(a_decision_record(decision=decision), POLICY_3, PERSONAL_LOAN)
    assert view.reasons[0].detail == "Debt-to-income ratio: 17.42\u202f%"


def test_values_outside_the_training_range_are_flagged():
    view = decision_view(a_decision_record(), POLICY_3, PERSONAL_LOAN)
    assert view.warnings[0] == "Annual income: $64,000.50 is outside the range seen in training."
    assert view.confidence_text == (
        "The outcome would be the same under about 62\u202f% of models refitted on resampled loans. "
        "Unusual applicant: uncertainty is higher than shown."
    )


def test_a_decision_before_outcome_stability_keeps_its_texts():
    decision = a_decision(outcome_stability=None, alternative=None, reasons_of_rules=None)
    record = a_decision_record(decision=decision, prediction=a_prediction(out_of_domain=()))
    view = decision_view(record, POLICY_3, PERSONAL_LOAN)
    assert view.confidence_text == "The 90 % interval spans a cut-off, so the result is borderline."
    assert (view.rule_reasons, len(view.figures)) == (None, 4)


def test_an_outcome_that_a_rule_decides_does_not_depend_on_the_model():
    record = a_decision_record(
        decision=a_decision(outcome_stability=1.0), prediction=a_prediction(out_of_domain=())
    )
    text = decision_view(record, POLICY_3, PERSONAL_LOAN).confidence_text
    assert text == "A policy rule decides, so the outcome does not depend on the model."


def test_an_alternative_is_shown_with_its_terms():
    details = decision_view(a_decision_record(trial=False), POLICY_3, PERSONAL_LOAN).next_action.details
    terms = "at 16.49\u202f% per year, $247.81 per month"
    assert details[-1] == f"$7,000 over 36 months would be approved, {terms}."


@pytest.mark.parametrize(
    ("outcome", "amount", "note"),
    [
        (Outcome.APPROVED, Money(1_200_025), "Full amount"),
        (Outcome.DECLINED, ZERO, "No amount qualifies at this term"),
        (Outcome.REFERRED, Money(850_000), "Maximum at this term (requested $12,000.25)"),
    ],
)
def test_the_recommended_amount_is_explained(outcome: Outcome, amount: Money, note: str):
    decision = a_decision(outcome=outcome, recommended_amount=amount, confidence=Confidence.HIGH)
    view = decision_view(a_decision_record(decision=decision), POLICY_3, PERSONAL_LOAN)
    assert view.figures[2].note == note


def test_the_end_date_is_inclusive():
    criteria = filter_from(
        {"since": "2026-03-14", "until": "2026-03-14", "minimum": "$5,000", "outcome": "declined"}
    )
    assert criteria.since == datetime(2026, 3, 14, tzinfo=UTC)
    assert criteria.until == datetime(2026, 3, 15, tzinfo=UTC)
    assert criteria.minimum_amount == 5000
    assert criteria.outcome is Outcome.DECLINED


def test_days_are_those_of_the_zone_and_times_those_of_a_chart():
    """Lisbon changes its clocks on 29 March 2026; the narrower of both periods applies."""
    days = {"since": "2026-03-29", "until": "2026-03-29", "grade": "C", "requested_by": "marta"}
    criteria = filter_from(days, ZoneInfo("Europe/Lisbon"))
    assert criteria.since == datetime(2026, 3, 29, 0, tzinfo=UTC)
    assert criteria.until == datetime(2026, 3, 29, 23, tzinfo=UTC)
    assert (criteria.grade, criteria.requested_by) == ("C", "marta")
    exact = filter_from(
        days | {"from": "2026-03-29T09:00:00+02:00", "to": "2026-03-31"}, ZoneInfo("Europe/Lisbon")
    )
    assert (exact.since, exact.until) == (datetime(2026, 3, 29, 7, tzinfo=UTC), criteria.until)


def test_a_page_of_the_list_leads_to_the_pages_around_it_and_stays_short():
    page = ListPage()
    for number in range(30):
        page = page.older(f"cursor-{number}")
    assert (page.number, page.cursor, len(page.cursors)) == (31, "cursor-29", 20)
    again = ListPage.of(str(page.number), page.cursors)
    assert again == page
    assert (again.newer.number, again.newer.cursor) == (30, "cursor-28")
    for _ in range(20):
        again = again.newer
    assert again == ListPage()


@pytest.mark.parametrize(
    ("number", "cursors"), [("2", []), ("0", ["a"]), ("x", ["a"]), (None, ["a"]), ("2", [""])]
)
def test_an_address_with_no_page_shows_the_first(number: str | None, cursors: list[str]):
    assert ListPage.of(number, cursors) == ListPage()


def test_the_address_has_the_zone_of_its_days_and_its_page():
    page = ListPage().older("a").older("b")
    address = address_of({"since": "2026-03-14"}, "Europe/Lisbon", page)
    assert address == "/decisions?since=2026-03-14&zone=Europe%2FLisbon&page=3&cursor=a&cursor=b"
    assert address_of({"text": "a"}, "Europe/Lisbon") == "/decisions?text=a"


@pytest.mark.parametrize(
    "name", [None, "", "Mars/Base", "../../etc/passwd", "America", "x" * 99, "Europe/Lisbon\n"]
)
def test_an_unknown_time_zone_is_utc(name: str | None):
    assert zone_named(name) is UTC_ZONE


def test_a_time_has_the_zone_of_the_browser_and_utc():
    at = datetime(2026, 3, 14, 23, 9, tzinfo=UTC)
    assert Moment.of(at, zone_named("Asia/Kolkata")) == Moment("15 Mar 2026, 04:39", "14 Mar 2026, 23:09 UTC")
    assert zone_label(zone_named("America/New_York")) == "New York (America/New_York)"
    assert zone_label(zone_named("Etc/UTC")) == "UTC"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("from", "yesterday"),
        ("from", " 2026-03-14T00:00:00+00:00"),
        ("to", "2026-13-01"),
        ("to", "2026-03-14T00:00:00 00:00"),
        ("pd_from", "nan"),
        ("pd_to", "1.5"),
        ("trial", "maybe"),
    ],
)
def test_a_filter_that_cannot_be_read_is_not_ignored(name: str, value: str):
    with pytest.raises(InvalidSearch) as refused:
        filter_from({name: value, "text": "ann"})
    assert set(refused.value.errors) == {name}


def test_all_invalid_filters_are_reported_together():
    with pytest.raises(InvalidSearch) as refused:
        filter_from({"since": "2026-03-14", "until": "2026-03-13", "minimum": "x", "outcome": "perhaps"})
    assert set(refused.value.errors) == {"until", "minimum", "outcome"}


def test_the_address_contains_only_the_filters_in_use():
    assert address_of({"text": "a b&c", "outcome": "", "since": None}) == "/decisions?text=a+b%26c"
    assert address_of({}) == "/decisions"


def test_a_list_row_shows_the_record():
    row = decision_row((a_decision_record(), PERSONAL_LOAN))
    assert (row.outcome_label, row.amount, row.points) == ("Referred", "$12,000.25", "530")
    assert (row.origin, row.reference, row.trial) == ("API · broker · loan-origination", "LN-2026/0815", True)
    assert row.decided.local == row.decided.utc == "14 Mar 2026, 15:09 UTC"


def test_an_option_for_approval_is_a_sentence_with_loan_terms():
    loan = Change("loan_amnt", 10_000.0, 7_200.0)
    term, debts = Change("term", 60.0, 36.0), Change("dti", 31.5, 12.0)
    inquiries, score = Change("inq_last_6mths", 4.0, 0.0), Change("fico_range_low", 660.0, 700.0)
    found = tuple(
        Counterfactual(changes, 0.13999, "D", 0.122, Money(33_310))
        for changes in ((loan,), (term, debts), (inquiries,), (score,))
    )
    view = counterfactual_view(Explanation(a_decision_record(), found), PERSONAL_LOAN)
    one_left = replace(found[2], changes=(replace(inquiries, instead=1.0),))
    (option,) = counterfactual_view(Explanation(a_decision_record(), (one_left,)), PERSONAL_LOAN).options
    assert option.sentence.startswith("1 credit inquiry in six months instead of 4 would be approved")
    assert [option.sentence for option in view.options] == [
        "A loan of $7,200 instead of $10,000 would be approved (PD 13.99\u202f%).",
        "A term of 36 months instead of 60 months and a debt-to-income ratio of 12\u202f% instead of 31.5\u202f% "
        "would be approved (PD 13.99\u202f%).",
        "No credit inquiries in six months instead of 4 would be approved (PD 13.99\u202f%).",
        "A FICO score of 700 instead of 660 would be approved (PD 13.99\u202f%).",
    ]
    assert {option.terms for option in view.options} == {"Grade D, 12.20\u202f% annual rate, $333.10 per month"}
    assert [bool(option.remark) for option in view.options] == [False, False, True, True]
    assert "not an offer" in view.disclaimer
    assert view.empty_text == ""
