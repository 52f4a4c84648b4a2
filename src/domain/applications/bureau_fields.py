"""The names of the fields about the credit bureau's data, which every application has beside its product's."""

from collections.abc import Mapping
from types import MappingProxyType

BUREAU_STATUS, BUREAU_REPORT_DATE = NAMES = ("bureau_status", "bureau_report_date")
ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        BUREAU_STATUS: ("credit_bureau_status", "bureau_result", "credit_file_status"),
        BUREAU_REPORT_DATE: (
            "bureau_date",
            "credit_bureau_report_date",
            "credit_report_date",
            "bureau_pull_date",
            "credit_pull_date",
        ),
    }
)
"""Other names of columns in files."""
