"""Readers of settings: each converts text into a value, or raises ValueError, which never quotes a secret."""

import ipaddress
import math
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from domain.access.password_policy import MIN_PASSWORD_LENGTH
from domain.month import Month
from domain.products.personal_loan import PERSONAL_LOAN
from domain.products.product_definition import ProductDefinition
from domain.products.stored_product import UnreadableProduct, read_product
from entrypoints.configuration.secret_strength import check_secret

PROJECT = Path(__file__).resolve().parents[3]
MAX_PORT = 65_535
_OWN_PATHS = frozenset(
    {
        *("account", "api", "assets", "audit", "batches", "decisions", "docs", "health", "login", "logout"),
        *("overview", "schema", "users", "_nicegui", "_nicegui_ws"),
    }
)


def text(given: str) -> str:
    return given


def optional_text(given: str) -> str | None:
    """Text; None when empty."""
    return given or None


def folder(given: str) -> Path:
    """A folder, which need not exist."""
    path = Path(given).expanduser()
    path = path if path.is_absolute() else PROJECT / path
    if path.exists() and not path.is_dir():
        raise ValueError(f"{path} is not a folder")
    return path


def existing_folder(given: str) -> Path:
    """A folder that exists."""
    path = folder(given)
    if not path.is_dir():
        raise ValueError(f"there is no folder {path}")
    return path


def existing_folder_if_any(given: str) -> Path | None:
    """A folder that exists; None when empty."""
    return existing_folder(given) if given else None


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """A reader of whole numbers in this range, both ends included."""

    def read(given: str) -> int:
        if not given.isdecimal() or not lowest <= int(given) <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest}, not {given!r}")
        return int(given)

    return read


def rate(given: str) -> float:
    """A number from 0 to 1."""
    try:
        value = float(given)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise ValueError(f"must be a number from 0 to 1, not {given!r}")
    return value


def one_of(*choices: str) -> Callable[[str], str]:
    """A reader of one of these words, case-insensitive."""

    def read(given: str) -> str:
        if given.lower() not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}, not {given!r}")
        return given.lower()

    return read


def address(*schemes: str) -> Callable[[str], str | None]:
    """A reader of URLs with one of these schemes; None when empty."""

    def read(given: str) -> str | None:
        if not given:
            return None
        parts = urlsplit(given)
        if parts.scheme not in schemes or not (parts.netloc or parts.path or parts.query):
            raise ValueError(f"must be a URL that begins with {' or '.join(f'{s}://' for s in schemes)}")
        try:
            _ = parts.port
        except ValueError:
            raise ValueError(f"the port of the URL must be a whole number up to {MAX_PORT}") from None
        return given

    return read


def password(given: str) -> str | None:
    """A password of the minimum length or more; None when empty."""
    if given and len(given) < MIN_PASSWORD_LENGTH:
        raise ValueError(f"must have at least {MIN_PASSWORD_LENGTH} characters")
    return given or None


def secret(given: str) -> str | None:
    """A secret key that is hard to guess; None when empty."""
    if given:
        check_secret(given)
    return given or None


def secrets(given: str) -> tuple[str, ...]:
    """Comma-separated secret keys."""
    words = tuple(word.strip() for word in given.split(",") if word.strip())
    for word in words:
        check_secret(word)
    return words


def existing_file(given: str) -> Path | None:
    """A file that exists; None when empty."""
    file = Path(given).expanduser()
    file = file if file.is_absolute() else PROJECT / file
    if given and not file.is_file():
        raise ValueError(f"there is no file {file}")
    return file if given else None


def file_path(given: str) -> Path | None:
    """The path of a file, which is read later; None when empty."""
    file = Path(given).expanduser()
    return (file if file.is_absolute() else PROJECT / file) if given else None


def file_content(given: str) -> str:
    """The text of a file, without leading and trailing white space."""
    file = Path(given).expanduser()
    file = file if file.is_absolute() else PROJECT / file
    try:
        content = file.read_text().strip()
    except OSError as fault:
        raise ValueError(f"the file {file} cannot be read: {fault.strerror}") from fault
    except UnicodeDecodeError:
        raise ValueError(f"the file {file} is not UTF-8 text") from None
    if not content:
        raise ValueError(f"the file {file} is empty")
    return content


def optional_file_content(given: str) -> str | None:
    """The text of a file; None when empty."""
    return file_content(given) if given else None


def file_to_append(given: str) -> Path | None:
    """A file, which need not exist, in a folder that does; None when empty."""
    if not given:
        return None
    file = Path(given).expanduser()
    file = file if file.is_absolute() else PROJECT / file
    if not file.parent.is_dir():
        raise ValueError(f"there is no folder {file.parent}")
    if file.is_dir():
        raise ValueError(f"{file} is a folder")
    return file


def product(given: str) -> ProductDefinition:
    """The product whose definition is in a file; the personal loan when empty."""
    if not given:
        return PERSONAL_LOAN
    try:
        return read_product(file_content(given))
    except UnreadableProduct as fault:
        raise ValueError(f"the file {given} is not a valid product definition: {fault}") from fault


def public_keys(given: str) -> tuple[bytes, ...]:
    """Comma-separated Ed25519 public keys in hexadecimal."""
    words = [word.strip() for word in given.split(",") if word.strip()]
    for word in words:
        if not re.fullmatch("[0-9A-Fa-f]{64}", word):
            raise ValueError(
                f"a public key has 64 hexadecimal digits (`scoring audit key` prints it), not {word!r}"
            )
    return tuple(bytes.fromhex(word) for word in words)


def months(given: str) -> tuple[Month, ...]:
    """Months such as 2024-12, separated by commas."""
    return tuple(Month.read(each.strip()) for each in given.split(",") if each.strip())


def networks(given: str) -> tuple[str, ...]:
    """Comma-separated IP addresses and networks."""
    words = tuple(word.strip() for word in given.split(",") if word.strip())
    for word in words:
        try:
            ipaddress.ip_network(word)
        except ValueError as fault:
            raise ValueError(f"must be addresses and networks like 10.0.0.0/8: {fault}") from None
    return words


def root_path(given: str) -> str:
    """A path such as /scoring, without a slash at the end; empty for the root."""
    path = given.rstrip("/")
    if path and not re.fullmatch("(/[A-Za-z0-9_-]+)+", path):
        raise ValueError("must be a path such as /scoring: letters, digits, - and _ in each part")
    if path.split("/")[1:2] and path.split("/")[1] in _OWN_PATHS:
        raise ValueError(f"must not begin with a path of the service itself, such as /{path.split('/')[1]}")
    return path


def yes_or_no(given: str) -> bool:
    return one_of("yes", "no")(given) == "yes"


port = whole_number(1, MAX_PORT)


def port_if_any(given: str) -> int | None:
    """A port; None when empty or 0."""
    return None if given in {"", "0"} else port(given)
