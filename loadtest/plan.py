"""What a load test does: passed to locust's process in its environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

PLAN_VARIABLE = "LOADTEST_PLAN"
CREDENTIALS = (
    "SCORING_LOAD_USER",
    "SCORING_LOAD_PASSWORD",
    "SCORING_LOAD_STAFF_USER",
    "SCORING_LOAD_STAFF_PASSWORD",
)
SCENARIOS = ("single", "keyed", "batch", "reads", "web")
STAFF_SCENARIOS = ("reads", "web")
"""Scenarios that also need a user of the lender's staff."""
DEFAULT_MIX = "single=50,keyed=25,reads=20,batch=1,web=4"


class InvalidMix(ValueError):
    """A mix that names no scenario, or an unknown one, or a weight that is no number."""


@dataclass(frozen=True)
class Plan:
    """The load; without a `rate` (iterations per second of all users), users pause for a second on average."""

    mix: Mapping[str, int]
    users: int
    rate: float | None
    web_host: str
    batch_rows: int
    seed: int

    def environment(self) -> dict[str, str]:
        """The variables for locust's process."""
        return {PLAN_VARIABLE: msgspec.json.encode(self).decode()}

    @staticmethod
    def of_environment() -> "Plan":
        """The plan of this process, which `scripts/load` has started."""
        return msgspec.json.decode(os.environ[PLAN_VARIABLE], type=Plan)


@dataclass(frozen=True)
class User:
    """Credentials of a user of the service; the password is not printed."""

    name: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Users:
    """The calling system (role `service`), and a user of the staff (role `risk-manager`) where one is needed."""

    service: User
    staff: User | None

    def environment(self) -> dict[str, str]:
        """The variables for locust's process."""
        staff = self.staff or User("", "")
        values = (self.service.name, self.service.password, staff.name, staff.password)
        return dict(zip(CREDENTIALS, values, strict=True))

    @staticmethod
    def of(variables: Mapping[str, str]) -> "Users | None":
        """The users named by these variables, or None if the first is not."""
        name, password, staff, staff_password = (variables.get(each, "") for each in CREDENTIALS)
        if not name or not password:
            return None
        return Users(User(name, password), User(staff, staff_password) if staff and staff_password else None)


def read_mix(given: str) -> dict[str, int]:
    """Weights by scenario, from text like `single=50,keyed=25`. Raises InvalidMix."""
    mix: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in given.split(","))):
        name, _, weight = part.partition("=")
        if name not in SCENARIOS or not weight.isdecimal():
            raise InvalidMix(f"{part!r}: write scenario=weight, with a scenario of {', '.join(SCENARIOS)}")
        mix[name] = int(weight)
    mix = {name: weight for name, weight in mix.items() if weight}
    if not mix:
        raise InvalidMix("no scenario has a weight above 0")
    return mix
