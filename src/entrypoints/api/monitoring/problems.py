"""The problems of exceptions about figures."""

from domain.monitoring.period import InvalidPeriod, PeriodNotStarted
from entrypoints.api.http.problem_makers import Problems, invalid_parameter

PROBLEMS: Problems = {
    InvalidPeriod: invalid_parameter("to"),
    PeriodNotStarted: invalid_parameter("from"),
}
