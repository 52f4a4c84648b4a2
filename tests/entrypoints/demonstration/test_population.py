"""Synthetic applicants are distributed as published statistics say, and are the same for the same seed."""

import json
import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import correlation, mean

import pytest

from domain.applications.synthetic import is_synthetic
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.demonstration.demonstration import Plan
from entrypoints.demonstration.population import Values, values_of
from entrypoints.demonstration.population_statistics import (
    COUNTS,
    ORDER,
    PROBABILITIES,
    PURPOSES,
    QUANTILES,
    RANK_CORRELATIONS,
)
from entrypoints.demonstration.seasons import at_work, weight

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
STATISTICS = "POPULATION_STATISTICS"
"""The environment variable with the path of the published statistics, where they are at hand."""


@pytest.fixture(scope="module")
def sample() -> list[Values]:
    random = Random(7)
    return [values_of(random) for _ in range(4_000)]


def numbers(sample: list[Values], name: str) -> list[float]:
    return [float(values[name]) for values in sample if values[name] is not None]  # type: ignore[arg-type] # numbers


def quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, round(share * len(ordered)))]


def ranks(found: list[float]) -> list[float]:
    ordered = sorted(found)
    return [(bisect_left(ordered, each) + bisect_right(ordered, each)) / 2 for each in found]


@pytest.mark.parametrize("name", QUANTILES)
def test_numbers_have_the_published_quantiles(sample: list[Values], name: str) -> None:
    ordered = sorted(numbers(sample, name))
    wide = QUANTILES[name][10] - QUANTILES[name][2]
    for share, expected in zip(PROBABILITIES[3:10], QUANTILES[name][3:10], strict=True):
        assert abs(quantile(ordered, share) - expected) < 0.04 * wide, (share, expected)


@pytest.mark.parametrize("name", COUNTS)
def test_counts_have_the_published_shares(sample: list[Values], name: str) -> None:
    found = numbers(sample, name)
    for count, share in enumerate(COUNTS[name][:3]):
        assert found.count(count) / len(found) == pytest.approx(share, abs=0.025)


def test_words_have_the_published_shares(sample: list[Values]) -> None:
    purposes = [values["purpose"] for values in sample]
    for purpose, share in PURPOSES.items():
        assert purposes.count(purpose) / len(sample) == pytest.approx(share, abs=0.025)
    long_term = mean(values["term"] == "60 months" for values in sample)
    assert long_term == pytest.approx(0.287, abs=0.04)


def test_figures_depend_on_each_other_as_published(sample: list[Values]) -> None:
    complete = [values for values in sample if values["revol_util"] is not None]
    for one, other in (("fico_range_low", "revol_util"), ("annual_inc", "loan_amnt"), ("annual_inc", "dti")):
        expected = RANK_CORRELATIONS[ORDER.index(one)][ORDER.index(other)]
        found = correlation(ranks(numbers(complete, one)), ranks(numbers(complete, other)))
        assert found == pytest.approx(expected, abs=0.05), (one, other)


def test_the_embedded_table_is_what_was_published() -> None:
    path = os.environ.get(STATISTICS)
    if path is None or not Path(path).exists():
        pytest.skip(f"{STATISTICS} does not name the file with the published statistics")
    published = json.loads(Path(path).read_text())["random_2012_2018_JGF"]
    assert {name: tuple(published["numeric"][name]["q"]) for name in QUANTILES} == dict(QUANTILES)
    assert published["categorical"]["purpose"] == dict(PURPOSES)
    for short, name in (("inq", "inq_last_6mths"), ("delinq", "delinq_2yrs"), ("pub_rec", "pub_rec")):
        shares = published[f"{short}_pmf"]
        assert {str(n): share for n, share in enumerate(COUNTS[name]) if share} == shares
    places = {"revol_util": "revol_util_n", "emp_length": "emp_yrs"}
    found = [published["corr"]["order"].index(places.get(name, name)) for name in ORDER]
    matrix = published["corr"]["spearman"]
    assert tuple(tuple(matrix[i][j] for j in found) for i in found) == RANK_CORRELATIONS


def test_every_application_is_valid_and_synthetic() -> None:
    for submission in Plan(NOW, 3, 300).submissions(PERSONAL_LOAN):
        for name, value in PERSONAL_LOAN.values_of(submission.application).items():
            assert PERSONAL_LOAN.field_by_name[name].allows(value), (name, value)
        assert is_synthetic(submission.identity)
        assert submission.at < NOW


def test_the_same_seed_makes_the_same_applications_and_another_seed_others() -> None:
    first, again, other = (Plan(NOW, seed, 100).submissions(PERSONAL_LOAN) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    references = [each.identity.application_reference for each in first]
    assert len(set(references)) == len(references)
    applicants = {each.identity.applicant_reference for each in first}
    assert len(applicants) < len(first), "some apply again"


def test_the_plan_covers_six_full_months_and_a_smaller_past() -> None:
    plan = Plan(NOW, 1, 1_000)
    times = [each.at for each in plan.submissions(PERSONAL_LOAN)]
    assert times == sorted(times)
    recent = sum(at >= NOW - timedelta(days=183) for at in times)
    assert recent == pytest.approx(1_030, rel=0.06)
    assert {(at.year, at.month) for at in times} <= {(month.year, month.number) for month in plan.months}


def test_fewer_people_apply_at_weekends_and_over_the_holidays() -> None:
    monday, sunday = date(2026, 6, 1), date(2026, 6, 7)
    assert weight(monday) > 2 * weight(sunday)
    assert weight(date(2026, 12, 7)) < weight(date(2026, 10, 5))


def moments() -> Iterator[datetime]:
    for day in range(1, 15):
        for hour in range(24):
            yield datetime(2026, 6, day, hour, 30, tzinfo=UTC)


def test_people_work_from_monday_to_friday() -> None:
    for moment in moments():
        found = at_work(moment)
        assert found >= moment
        assert found.weekday() < 5
        assert 8 <= found.hour < 18
        assert found - moment < timedelta(days=3)
