"""The caller's reference of an application, which only one application has."""

from typing import NamedTuple


class ApplicationReference(NamedTuple):
    """A reference and its scope: the source of the application, or the caller's name where no source is given."""

    scope: str
    text: str
