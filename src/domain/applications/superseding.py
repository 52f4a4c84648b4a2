"""Why a decision supersedes an earlier one on the same loan application."""

from enum import Enum


class SupersedesReason(Enum):
    """Why an application is decided again."""

    CORRECTION = "correction"
    NEW_BUREAU_DATA = "new_bureau_data"
    RECONSIDERATION = "reconsideration"
    RESUBMISSION = "resubmission"
