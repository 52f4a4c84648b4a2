"""Published statistics of applicants: marginal distributions and their dependence.

Source: the loan book that LendingClub published, a random sample of 1,947 loans that were made from 2012 to 2018.
These are aggregates: no figure stands for a person.
"""

from collections.abc import Mapping

PROBABILITIES = (0, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1)
"""The probabilities of the quantiles below."""

QUANTILES: Mapping[str, tuple[float, ...]] = {
    "annual_inc": (
        0.0,
        791.19,
        17000.0,
        29000.0,
        34322.8,
        45000.0,
        67000.0,
        93500.0,
        130000.0,
        161150.0,
        275300.0,
        769125.0,
        1400000.0,
    ),
    "loan_amnt": (
        1000.0,
        1000.0,
        1600.0,
        3200.0,
        5000.0,
        8000.0,
        13000.0,
        20000.0,
        30000.0,
        35000.0,
        40000.0,
        40000.0,
        40000.0,
    ),
    "fico_range_low": (
        660.0,
        660.0,
        660.0,
        660.0,
        665.0,
        675.0,
        690.0,
        720.0,
        745.0,
        765.0,
        800.15,
        827.765,
        840.0,
    ),
    "dti": (0.0, 0.3188, 2.3176, 5.087, 7.277, 11.845, 17.9, 24.705, 30.842, 34.3, 43.3274, 182.5475, 290.38),
    "revol_util": (0.0, 0.0, 1.994, 9.785, 16.74, 30.8, 49.7, 69.675, 84.68, 91.03, 97.903, 103.9779, 128.9),
}
"""Quantiles of numbers: dollars a year, dollars, points, percent, percent."""

COUNTS: Mapping[str, tuple[float, ...]] = {
    "inq_last_6mths": (0.60914, 0.26502, 0.08937, 0.02517, 0.00873, 0.00205, 0.00051),
    "delinq_2yrs": (0.82024, 0.12018, 0.02979, 0.01592, 0.00719, 0.0036, 0.00103, 0.00103, 0.00051, 0.00051),
    "pub_rec": (0.84386, 0.132, 0.01644, 0.00411, 0.00103, 0.00051, 0.00051, 0.00103, 0.00051),
}
"""The shares of 0, 1, 2, ... inquiries, delinquencies and public records."""

EMPLOYMENT: Mapping[str, float] = {
    "< 1 year": 0.08218,
    "1 year": 0.07036,
    "2 years": 0.09091,
    "3 years": 0.06882,
    "4 years": 0.06677,
    "5 years": 0.0642,
    "6 years": 0.04622,
    "7 years": 0.03903,
    "8 years": 0.03544,
    "9 years": 0.03903,
    "10+ years": 0.32255,
}
"""The shares of lengths of employment, the shortest first; the rest is not stated."""

HOME_OWNERSHIP: Mapping[str, float] = {
    "MORTGAGE": 0.49512,
    "RENT": 0.39908,
    "OWN": 0.10478,
    "ANY": 0.00103,
}
PURPOSES: Mapping[str, float] = {
    "debt_consolidation": 0.57268,
    "credit_card": 0.2188,
    "home_improvement": 0.07242,
    "other": 0.05752,
    "major_purchase": 0.01952,
    "medical": 0.01233,
    "car": 0.0113,
    "small_business": 0.01079,
    "vacation": 0.00924,
    "moving": 0.00873,
    "house": 0.00565,
    "renewable_energy": 0.00103,
}
LONG_TERM: Mapping[float, float] = {
    5_000.0: 0.004,
    10_000.0: 0.087,
    15_000.0: 0.338,
    20_000.0: 0.43,
    25_000.0: 0.536,
    40_000.0: 0.51,
}
"""The share of loans over 60 months, by the largest amount of a band."""

ORDER = (
    "fico_range_low",
    "revol_util",
    "inq_last_6mths",
    "annual_inc",
    "loan_amnt",
    "dti",
    "delinq_2yrs",
    "pub_rec",
    "emp_length",
)
RANK_CORRELATIONS: tuple[tuple[float, ...], ...] = (
    (1.0, -0.458, -0.089, 0.098, 0.126, 0.011, -0.197, -0.24, 0.012),
    (-0.458, 1.0, -0.091, 0.047, 0.088, 0.165, -0.023, -0.082, 0.024),
    (-0.089, -0.091, 1.0, 0.036, 0.003, -0.028, 0.003, 0.084, 0.014),
    (0.098, 0.047, 0.036, 1.0, 0.449, -0.186, 0.049, 0.005, 0.182),
    (0.126, 0.088, 0.003, 0.449, 1.0, 0.07, -0.002, -0.052, 0.091),
    (0.011, 0.165, -0.028, -0.186, 0.07, 1.0, -0.008, -0.04, 0.034),
    (-0.197, -0.023, 0.003, 0.049, -0.002, -0.008, 1.0, -0.056, 0.049),
    (-0.24, -0.082, 0.084, 0.005, -0.052, -0.04, -0.056, 1.0, 0.066),
    (0.012, 0.024, 0.014, 0.182, 0.091, 0.034, 0.049, 0.066, 1.0),
)
"""Spearman's rank correlations of the quantities in this order."""
