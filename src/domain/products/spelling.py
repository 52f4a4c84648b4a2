"""How people and programs write values: one vocabulary for forms, requests and files.

Text that has one meaning is read. Text that could have two is refused, with what to write instead.
"""

import re
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache

from domain.products.fields import ChoiceField, NumberField

MISSING_WORDS = frozenset(
    {
        *(
            "",
            ".",
            "\\n",
            "blank",
            "(blank)",
            "missing",
            "(missing)",
            "nil",
            "none",
            "not available",
            "not provided",
        ),
        *("na", "n/a", "n.a", "n.a.", "#na", "#n/a", "#n/a n/a", "<na>", "na()", "nan", "-nan", "nat"),
        *("null", "(null)", "[null]", "<null>", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan"),
    }
)
"""Words for a missing value, in lower case, as spreadsheets, databases and programs for statistics write them."""
NOT_GIVEN = "n/a"
"""The choice that a missing value means, where a field has it."""
_DASHES = frozenset({"-", "--", "---"})
_SPREADSHEET_ERRORS = frozenset({"#value!", "#ref!", "#name?", "#num!", "#div/0!", "#null!", "#spill!", "#calc!"})
_CURRENCIES = ("us$", "usd", "$")
_OTHER_CURRENCIES = re.compile("[€£¥₹₽₩]|\\b(?:eur|gbp|jpy|cad|aud|chf|inr)\\b|[a-z]\\$")

_CLEANED = (
    dict.fromkeys([0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065)])
    | dict.fromkeys([0xFEFF])
    | dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000], " ")
    | dict.fromkeys([*range(0x2010, 0x2015), 0x2212, 0xFE63, 0xFF0D], "-")
    | dict.fromkeys([0x2018, 0x2019, 0x2BC, 0x2032], "'")
    | dict.fromkeys([0x201C, 0x201D, 0x201E, 0x2033], '"')
)
"""Invisible characters disappear; other spaces, minus signs and quotation marks become those of ASCII."""
_QUOTED = re.compile(r"=?\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|'(?P<marked_as_text>[^']*)", re.DOTALL)
_BETWEEN_WORDS = re.compile(r"(?<=[^\s_-])[\s_-]+(?=[^\s_\d-])|(?<=[^\s_\d-])[\s_-]+(?=\d)")
"""Between two digits a space is kept: "3 6" is not 36."""


class DecimalMark(Enum):
    """The character before the decimals of a number."""

    POINT = "point"
    COMMA = "comma"


class UnreadableText(ValueError):
    """The text has no meaning, or more than one: `problem` says which, `remedy` what to do about it, if known."""

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(f"{problem}: {remedy}" if remedy else problem)
        self.problem = problem
        self.remedy = remedy


def clean(text: str) -> str:
    """The text without invisible characters, surrounding spaces and surrounding quotation marks."""
    text = (text if text.isascii() else text.translate(_CLEANED)).strip()
    quoted = _QUOTED.fullmatch(text) if text[:1] in {'"', "'", "="} else None
    return text if quoted is None else next(part for part in quoted.groups() if part is not None).strip()


def is_missing(text: str) -> bool:
    """Whether the text means that there is no value."""
    return clean(text).casefold() in MISSING_WORDS


def read_number(text: str, field: NumberField, mark: DecimalMark = DecimalMark.POINT) -> float | None:
    """The number in the text, which may be out of the field's limits; None if it means a missing value.

    Read are groups of three digits, a dollar sign where the field is money, and a percent sign where it is a
    percentage. Raises UnreadableText.
    """
    cleaned = clean(text).casefold()
    if cleaned in MISSING_WORDS:
        return None
    if cleaned in _DASHES:
        raise UnreadableText("may mean 0 or a missing value", "write 0, or leave it empty")
    if cleaned in _SPREADSHEET_ERRORS:
        raise UnreadableText("is an error of a spreadsheet", "correct its formula")
    digits = _without_unit(cleaned, field)
    for notation in (mark, *(other for other in DecimalMark if other is not mark)):
        number = _number(digits, notation)
        if number is not None and notation is not mark:
            raise _other_mark(mark)
        if number is not None:
            return number
    raise UnreadableText(f"is not {field.kind}")


def read_choice(text: str, field: ChoiceField) -> str | None:
    """The choice in the text, whatever its letter case; None if the text means a missing value.

    Spaces, underscores and hyphens between words are alike. Raises UnreadableText.
    """
    choice, missing = choice_of(text, field), is_missing(text)
    if missing and choice not in {None, NOT_GIVEN, clean(text)}:
        raise UnreadableText(
            f"may mean the choice {choice} or a missing value", f"write {choice}, or leave it empty"
        )
    if missing and choice is None:
        return NOT_GIVEN if NOT_GIVEN in field.choices else None
    if choice is None:
        raise UnreadableText("is not recognized")
    return choice


def choice_of(text: str, field: ChoiceField) -> str | None:
    """The only choice that differs from the text in letter case, spaces, underscores and hyphens at most.

    The number alone is enough where every choice begins with its own, such as a term of months.
    """
    cleaned = clean(text)
    return cleaned if cleaned in field.choices else _choices_by_key(field).get(_key(cleaned))


@lru_cache(maxsize=256)
def _choices_by_key(field: ChoiceField) -> Mapping[str, str]:
    """The choice of each key that only one choice has."""
    found: dict[str, str | None] = {}
    for choice, spelling in _spellings(field):
        key = _key(spelling)
        found[key] = choice if found.get(key, choice) == choice else None
    return {key: choice for key, choice in found.items() if choice is not None}


def _spellings(field: ChoiceField) -> list[tuple[str, str]]:
    """Each choice with its spellings: `36 months`, and 36, 36.0 and `36.0 months` if all choices are like it."""
    spellings = [(choice, choice) for choice in field.choices]
    numbers = {choice: f"{number:.0f}" for choice, number in field.number_by_choice.items()}
    if numbers and all(re.fullmatch(rf"{re.escape(number)}\D*", choice) for choice, number in numbers.items()):
        for choice, number in numbers.items():
            unit = choice.removeprefix(number)
            spellings += [(choice, number), (choice, f"{number}.0"), (choice, f"{number}.0{unit}")]
    return spellings


def _key(text: str) -> str:
    return _BETWEEN_WORDS.sub("", text.casefold())


def _without_unit(text: str, field: NumberField) -> str:
    """The digits and their sign, without the unit of the field."""
    if field.unit == "%":
        return text.removesuffix("%").rstrip()
    if not field.is_money:
        return text
    if _OTHER_CURRENCIES.search(text) and not text.startswith("us$"):
        raise UnreadableText("is in another currency", "amounts are in dollars")
    sign = text[:1] if text[:1] in {"-", "+"} else ""
    digits = text.removeprefix(sign).lstrip()
    for currency in _CURRENCIES:
        if digits.startswith(currency) or digits.endswith(currency):
            return sign + digits.removeprefix(currency).removesuffix(currency).strip()
    return text


_PLAIN = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|[-+]?inf(?:inity)?", re.ASCII)
_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}(?P<mark>[,' ])\d{3}(?:(?P=mark)\d{3})*(?:\.\d*)?", re.ASCII)
_SWAPPED = str.maketrans(",.", ".,")


def _number(digits: str, mark: DecimalMark) -> float | None:
    """The number with this decimal mark; the other mark, spaces or apostrophes may separate groups of three."""
    written = digits if mark is DecimalMark.POINT else digits.translate(_SWAPPED)
    if not _PLAIN.fullmatch(written):
        grouped = _GROUPED.fullmatch(written)
        if grouped is None:
            return None
        written = written.replace(grouped["mark"], "")
    return float(written)


def _other_mark(mark: DecimalMark) -> UnreadableText:
    names = {DecimalMark.POINT: ("a point", "commas"), DecimalMark.COMMA: ("a comma", "points")}
    decimals, groups = names[mark]
    other = "comma" if mark is DecimalMark.POINT else "point"
    return UnreadableText(
        f"looks like a number with a decimal {other}",
        f"write {decimals} before decimals, and {groups} only before groups of three digits",
    )
