"""Escaping of untrusted text in the log, so that it cannot start a line or control a terminal."""

import re

_OTHER_THAN_PRINTABLE_ASCII = re.compile(r"[^ -~]")
_OTHER_THAN_PRINTABLE_ASCII_OR_LINE_FEED = re.compile(r"[^\n -~]")


def printable(text: str) -> str:
    r"""Escape every character that Unicode does not call printable: `\x1b`, `\n`, `\u2028`."""
    return _OTHER_THAN_PRINTABLE_ASCII.sub(_escape, text)


def printable_json(lines: str) -> str:
    r"""Do the same in lines of JSON, as `\u001b`; line feeds stay, since JSON has them only between values."""
    if lines.isascii() and "\x7f" not in lines:  # the usual case; JSON itself escapes ASCII control characters
        return lines
    return _OTHER_THAN_PRINTABLE_ASCII_OR_LINE_FEED.sub(_escape_in_json, lines)


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return character if character.isprintable() else character.encode("unicode_escape").decode()


def _escape_in_json(match: re.Match[str]) -> str:
    character = match[0]
    if character.isprintable():
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
