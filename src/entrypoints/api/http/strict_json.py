"""JSON read without forgiving or forgetting anything: duplicates are kept, NaN is seen, depth has an end.

Slower than msgspec and used only to say what is wrong with a body that msgspec would not take.
"""

import json
from dataclasses import dataclass

from entrypoints.api.http.problems import malformed

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LONGEST_WHOLE_NUMBER = 19


@dataclass(frozen=True, slots=True)
class Members:
    """A JSON object: its members as they stand, in their order, duplicates included."""

    pairs: list[tuple[str, object]]


@dataclass(frozen=True, slots=True)
class NoNumber:
    """NaN, Infinity or -Infinity: words that some programs write where JSON has no number."""

    word: str


def read_json(body: bytes) -> object:
    """The body's value; raises a refusal that says where it stops being JSON."""
    if not body.strip():
        raise malformed("the body is empty")
    if body.startswith(_BYTE_ORDER_MARK):
        raise malformed("the body starts with a byte order mark; send UTF-8 without one")
    try:
        return json.loads(
            body.decode(), object_pairs_hook=Members, parse_constant=NoNumber, parse_int=_whole_number
        )
    except UnicodeDecodeError as fault:
        raise malformed(f"the body is not UTF-8 at byte {fault.start}") from None
    except json.JSONDecodeError as fault:
        raise malformed(f"{fault.msg} at line {fault.lineno}, column {fault.colno}") from None
    except RecursionError:
        raise malformed("the body is nested too deeply; a loan application is one flat object") from None


def _whole_number(digits: str) -> int | float:
    # Python refuses to read whole numbers of thousands of digits; as floats they are merely too large.
    return int(digits) if len(digits) <= _LONGEST_WHOLE_NUMBER else float(digits)
