"""State shared by the steps of a scenario."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from acceptance.answers import Answer


@dataclass
class ScenarioState:
    """Each applicant's form by name, the person that pronouns refer to, and the responses so far.

    A response is None if the request was refused. `refusal` says why the last change was refused; empty if it was
    made.
    """

    forms: dict[str, dict[str, Any]] = field(default_factory=dict)
    person: str = ""
    responses: list[Answer | None] = field(default_factory=list)
    logged_in: bool = False
    password_accepted: bool = False
    generated_password: str | None = None
    evidence: bytes = b""
    refusal: str = ""

    @property
    def form(self) -> dict[str, Any]:
        return self.forms[self.person]

    @property
    def answers(self) -> list[Answer]:
        """The responses; fails if a request was refused."""
        answers = [response for response in self.responses if response is not None]
        assert len(answers) == len(self.responses)
        return answers

    @property
    def answer(self) -> Answer:
        """The last response."""
        return self.answers[-1]


@pytest.fixture
def state() -> ScenarioState:
    return ScenarioState()
