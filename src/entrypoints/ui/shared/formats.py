"""Formats of numbers, money and times. Units follow a narrow no-break space."""

from datetime import date, datetime

from domain.applications.money import Money
from entrypoints.counting import counted as counted  # noqa: PLC0414 - pages import all formats from here

NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"


def capital(text: str) -> str:
    """The text with an upper-case first letter; the other letters are unchanged."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text with an upper-case first letter and a full stop."""
    return f"{capital(text).rstrip('.')}."


def money(amount: Money) -> str:
    """$10,000, or $339.31 if there are cents."""
    return f"${amount.cents // 100:,}" if amount.cents % 100 == 0 else str(amount)


def dollars(amount: float) -> str:
    """A number of dollars as money."""
    return money(Money.of(amount))


def rounded_money(amount: Money) -> str:
    """Whole dollars, or millions and billions to two decimals: $845,300, $3.64 m, $16.51 bn."""
    value = amount.cents / 100
    for size, unit in ((1e9, "bn"), (1e6, "m")):
        if value >= size:
            return f"${value / size:,.2f}{NARROW_SPACE}{unit}"
    return f"${value:,.0f}"


def number(value: float, decimals: int = 2) -> str:
    """A number with thousands separators and no trailing zeros: 1,234.5, 35."""
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def compact_number(value: int) -> str:
    """A round number for an axis: 500, 20k, 1.5m."""
    for size, unit in ((1_000_000, "m"), (1_000, "k")):
        if value >= size:
            return f"{value / size:g}{unit}"
    return str(value)


def percent(share: float, decimals: int = 1) -> str:
    """A fraction as a percentage with fixed decimals: 0.123 is 12.3 %."""
    return f"{100 * share:.{decimals}f}{NARROW_SPACE}%"


def percent_range(low: float, high: float) -> str:
    """Two fractions as a percentage range that does not wrap: 9.3 to 13.7 %."""
    parts = (f"{100 * low:.1f}", "to", f"{percent(high)}")
    return NO_BREAK_SPACE.join(parts)


def in_percent(value: float) -> str:
    """A figure already in percent, without trailing zeros: 35 %, 15.5 %."""
    return f"{number(value)}{NARROW_SPACE}%"


def signed(value: float, decimals: int = 1) -> str:
    """A number with its sign: +12.4, −3.0; 0.0 if it rounds to zero."""
    size = f"{abs(value):.{decimals}f}"
    if float(size) == 0:
        return size
    return f"{MINUS if value < 0 else '+'}{size}"


def day(at: date) -> str:
    """14 Mar 2026, in the zone of the time."""
    return f"{at.day} {at:%b %Y}"


def day_and_time(at: datetime) -> str:
    """14 Mar 2026, 15:09, in the zone of the time."""
    return f"{day(at)}, {at:%H:%M}"


def timestamp(at: datetime) -> str:
    """14 Mar 2026, 15:09 UTC."""
    return f"{day_and_time(at)} UTC"
