"""Strict JSON: duplicate members and NaN are kept, so that they can be reported, and depth is limited.

Slower than msgspec, and used only to find the errors of a body that msgspec rejected.
"""

import json
from dataclasses import dataclass

from entrypoints.api.http.problems import malformed

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LONGEST_WHOLE_NUMBER = 19


@dataclass(frozen=True, slots=True)
class Members:
    """The members of a JSON object in their order, with duplicates."""

    pairs: list[tuple[str, object]]


@dataclass(frozen=True, slots=True)
class NonFinite:
    """NaN, Infinity or -Infinity, which some programs write although they are not JSON."""

    word: str


def read_json(body: bytes) -> object:
    """The value of a body; raises RequestRejected with the position where it is not JSON."""
    if not body.strip():
        raise malformed("The body is empty.")
    if body.startswith(_BYTE_ORDER_MARK):
        raise malformed("The body starts with a byte order mark. Send UTF-8 without one.")
    try:
        return json.loads(
            body.decode(), object_pairs_hook=Members, parse_constant=NonFinite, parse_int=_whole_number
        )
    except UnicodeDecodeError as error:
        raise malformed(f"The body is not UTF-8 at byte {error.start}.") from None
    except json.JSONDecodeError as error:
        raise malformed(f"{error.msg} at line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise malformed("The body is nested too deeply. A loan application is one flat object.") from None


def plain(value: object) -> object:
    """A value with objects as dicts; raises ValueError with the name of a member that is given twice."""
    if isinstance(value, Members):
        names = [name for name, _ in value.pairs]
        repeated = next((name for name in names if names.count(name) > 1), None)
        if repeated is not None:
            raise ValueError(f"has the member {repeated[:40]!a} more than once")
        return {name: plain(each) for name, each in value.pairs}
    return [plain(each) for each in value] if isinstance(value, list) else value


def _whole_number(digits: str) -> int | float:
    # Python refuses to parse integers of thousands of digits; as floats they are only too large.
    return int(digits) if len(digits) <= _LONGEST_WHOLE_NUMBER else float(digits)
