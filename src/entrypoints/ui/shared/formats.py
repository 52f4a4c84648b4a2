"""How numbers, money and moments are written on the pages. A narrow space that never breaks parts units."""

from datetime import datetime

from domain.applications.money import Money
from entrypoints.counting import counted as counted  # noqa: PLC0414 - pages have their formats from here

NARROW_SPACE = "\u202f"
FIRM_SPACE = "\u00a0"
MINUS = "\u2212"


def capital(text: str) -> str:
    """With a capital first letter, the others as they are."""
    return text[:1].upper() + text[1:]


def money(amount: Money) -> str:
    """$10,000, or $339.31 where there are cents."""
    return f"${amount.cents // 100:,}" if amount.cents % 100 == 0 else str(amount)


def dollars(amount: float) -> str:
    """Money that came as a number of dollars."""
    return money(Money.of(amount))


def rounded_money(amount: Money) -> str:
    """Whole dollars, or millions and billions to two decimals: $845,300, $3.64 m, $16.51 bn."""
    dollars = amount.cents / 100
    for size, unit in ((1e9, "bn"), (1e6, "m")):
        if dollars >= size:
            return f"${dollars / size:,.2f}{NARROW_SPACE}{unit}"
    return f"${dollars:,.0f}"


def number(value: float, decimals: int = 2) -> str:
    """A number with its thousands parted and no idle noughts behind the point: 1,234.5, 35."""
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float, decimals: int = 1) -> str:
    """A share of one as percent, always with the same decimals: 12.3 %."""
    return f"{100 * share:.{decimals}f}{NARROW_SPACE}%"


def percent_range(low: float, high: float) -> str:
    """Two shares of one as percent, on one line: 9.3 to 13.7 %."""
    parts = (f"{100 * low:.1f}", "to", f"{percent(high)}")
    return FIRM_SPACE.join(parts)


def in_percent(value: float) -> str:
    """A figure that is in percent already: 35 %, 15.5 %."""
    return f"{number(value)}{NARROW_SPACE}%"


def signed(value: float, decimals: int = 1) -> str:
    """A number with its sign: +12.4, −3.0, and 0.0 where rounding leaves nothing."""
    size = f"{abs(value):.{decimals}f}"
    if float(size) == 0:
        return size
    return f"{MINUS if value < 0 else '+'}{size}"


def moment(at: datetime) -> str:
    """14 Mar 2026, 15:09 UTC."""
    return f"{at.day} {at:%b %Y, %H:%M} UTC"
