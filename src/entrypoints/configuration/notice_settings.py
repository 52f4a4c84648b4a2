"""Settings of notices to applicants: what every letter states, and the lender's time zone."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.notices.content import LONGEST_LINE, MOST_LINES
from domain.printable import is_visible
from entrypoints.configuration.setting import Setting
from entrypoints.configuration.setting_readers import one_of, whole_number

_REQUIRED = "Without it no notice can be issued."


def line(given: str) -> str:
    """One line of a letter."""
    if len(given) > LONGEST_LINE or not is_visible(given):
        raise ValueError(f"must be at most {LONGEST_LINE} visible characters")
    return given


def lines(given: str) -> tuple[str, ...]:
    """The lines of an address, separated by semicolons."""
    parts = tuple(line(part.strip()) for part in given.split(";") if part.strip())
    if len(parts) > MOST_LINES:
        raise ValueError(f"must have at most {MOST_LINES} lines, separated by semicolons")
    return parts


def time_zone(given: str) -> ZoneInfo:
    """A time zone of the IANA database."""
    try:
        return ZoneInfo(given)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"must be a time zone such as America/New_York, not {given!r}") from None


NOTICE_SETTINGS = (
    Setting("creditor_name", line, "", f"The lender's name on letters to applicants. {_REQUIRED}"),
    Setting(
        "creditor_address",
        lines,
        "",
        f"The lender's postal address, its lines separated by semicolons: `1 Main Street; Springfield, IL 62701`. "
        f"{_REQUIRED}",
    ),
    Setting("creditor_phone", line, "", f"Telephone number at which applicants reach the lender. {_REQUIRED}"),
    Setting(
        "creditor_signatory",
        line,
        "",
        "Person or department that signs letters. Empty: the lender's name.",
    ),
    Setting(
        "regulator_name",
        line,
        "",
        "Federal agency that the ECOA notice of letters names, by appendix A of Regulation B (12 CFR 1002). "
        "Without it no adverse action notice can be issued.",
    ),
    Setting(
        "regulator_address",
        lines,
        "",
        "Address of that agency, its lines separated by semicolons. Without it no adverse action notice can be "
        "issued.",
    ),
    Setting(
        "agency_name",
        line,
        "",
        "Consumer reporting agency from which the lender has its credit reports. Without it no notice of a "
        "decline or counter-offer can be issued.",
    ),
    Setting(
        "agency_address",
        lines,
        "",
        "Address of the consumer reporting agency, its lines separated by semicolons. Without it no notice of a "
        "decline or counter-offer can be issued.",
    ),
    Setting(
        "agency_phone",
        line,
        "",
        "Toll-free telephone number of the consumer reporting agency. Without it no notice of a decline or "
        "counter-offer can be issued.",
    ),
    Setting(
        "score_provider",
        line,
        "",
        "Company that letters name as the provider of the score used. Empty: the lender, whose model computes it.",
    ),
    Setting(
        "notice_days",
        whole_number(1, 365),
        "30",
        "Calendar days after the complete application was received, or closed as incomplete, in which an adverse "
        "action notice is due (12 CFR 1002.9(a)(1)).",
    ),
    Setting(
        "notice_counter_offer_days",
        whole_number(1, 365),
        "30",
        "Calendar days after the complete application was received in which a counter-offer's notice is due. It "
        "states the adverse action too (comment 9(a)(1)-6).",
    ),
    Setting(
        "notice_incomplete_days",
        whole_number(1, 365),
        "30",
        "Calendar days after the application was received in which a notice of incompleteness is due "
        "(12 CFR 1002.9(c)), if the answer is not expected earlier.",
    ),
    Setting("letter_paper", one_of("letter", "a4"), "letter", "Paper size of letters: `letter` or `a4`."),
    Setting(
        "time_zone",
        time_zone,
        "UTC",
        "The lender's time zone, such as `America/New_York`, in which the days of notices count and end.",
    ),
)
