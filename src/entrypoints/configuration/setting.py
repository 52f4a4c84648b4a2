"""A setting: one variable of the environment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from entrypoints.configuration.setting_readers import file_content

PREFIX = "SCORING_"
FILE_SUFFIX = "_FILE"


@dataclass(frozen=True, slots=True)
class Setting:
    """How a variable is read, its default, and what it does.

    A value that `holds_secret` may also be given as a file. `deprecated_name` is a former name, which is accepted
    for one release.
    """

    name: str
    read: Callable[[str], Any]
    default: str
    meaning: str
    holds_secret: bool = False
    deprecated_name: str | None = None

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()

    @property
    def file_variable(self) -> str:
        """The variable with the path of a file that has the value."""
        return self.variable + FILE_SUFFIX

    @property
    def deprecated_variable(self) -> str | None:
        return None if self.deprecated_name is None else PREFIX + self.deprecated_name.upper()

    @property
    def accepted_variables(self) -> list[str]:
        """Every variable that gives the value."""
        file = [self.file_variable] if self.holds_secret else []
        return [self.variable, *file, *filter(None, [self.deprecated_variable])]

    def given_in(self, environment: Mapping[str, str]) -> str:
        """The text of the value, from the environment or a file; raises ValueError, which never quotes it."""
        given = self._given_variables(environment)
        if len(given) > 1:
            raise ValueError(f"{given[1]} is set too; set only one of the two")
        if not given:
            return self.default
        value = environment[given[0]].strip()
        if not value.isprintable() and any("\udc80" <= character <= "\udcff" for character in value):
            raise ValueError("is not UTF-8 text")  # bytes that Python keeps as surrogates
        return file_content(value) if self.holds_secret and given[0] == self.file_variable else value

    def label_in(self, environment: Mapping[str, str]) -> str:
        """The variable that gives the value; a former name is followed by the current one."""
        if self._given_variables(environment) == [self.deprecated_variable]:
            return f"{self.deprecated_variable} (now {self.variable})"
        return self.variable

    def deprecation_in(self, environment: Mapping[str, str]) -> str | None:
        """A warning where the former name is used."""
        former = self.deprecated_variable
        if former is None or not environment.get(former, "").strip():
            return None
        return f"{former} is deprecated and will be removed in the next release; use {self.variable}"

    def _given_variables(self, environment: Mapping[str, str]) -> list[str]:
        return [name for name in self.accepted_variables if environment.get(name, "").strip()]
