"""Where a person sets or corrects what a letter lacks."""

from domain.notices.completeness import SETTING

_SETTINGS = {
    "name of the lender": "SCORING_CREDITOR_NAME",
    "address of the lender": "SCORING_CREDITOR_ADDRESS",
    "telephone number of the lender": "SCORING_CREDITOR_PHONE",
    "name of the authority that the ECOA notice names": "SCORING_REGULATOR_NAME",
    "address of the authority that the ECOA notice names": "SCORING_REGULATOR_ADDRESS",
    "name of the consumer reporting agency": "SCORING_AGENCY_NAME",
    "address of the consumer reporting agency": "SCORING_AGENCY_ADDRESS",
    "telephone number of the consumer reporting agency": "SCORING_AGENCY_PHONE",
    "name of the provider of the score": "SCORING_SCORE_PROVIDER",
}


def setting_for(missing: str) -> str:
    """The setting that supplies a missing item; "" if it does not come from one."""
    what = missing.removeprefix("the ").removesuffix(f", {SETTING}")
    return _SETTINGS.get(what, "")
