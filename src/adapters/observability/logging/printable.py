"""Text in a log that may come from a stranger: no character of it starts a line or moves a terminal's cursor."""

import re

_ALL_BUT_PLAIN = re.compile(r"[^ -~]")
_ALL_BUT_PLAIN_LINES = re.compile(r"[^\n -~]")


def printable(text: str) -> str:
    r"""The text with every character escaped that Unicode does not call printable: `\x1b`, `\n`, `\u2028`."""
    return _ALL_BUT_PLAIN.sub(_escaped, text)


def printable_json(lines: str) -> str:
    r"""The same for lines of JSON, as `\u001b`: there only line feeds stand outside strings."""
    if lines.isascii() and "\x7f" not in lines:  # what every line pays; JSON itself escapes the rest of ASCII
        return lines
    return _ALL_BUT_PLAIN_LINES.sub(_escaped_in_json, lines)


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    return character if character.isprintable() else character.encode("unicode_escape").decode()


def _escaped_in_json(found: re.Match[str]) -> str:
    character = found[0]
    if character.isprintable():
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
