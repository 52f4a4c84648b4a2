"""Responses of the health checks."""

from typing import Annotated, Literal

from msgspec import Meta, Struct


class LivenessResponse(Struct, frozen=True):
    """The process responds."""

    status: Literal["alive"]
    version: str


class DependencyStatus(Struct, frozen=True):
    """Whether a dependency of the service works."""

    name: Annotated[str, Meta(examples=["database"])]
    status: Literal["up", "down"]


class ReadinessResponse(Struct, frozen=True):
    """Whether this process can decide on loan applications, and the state of every dependency."""

    status: Annotated[
        Literal["ready", "not ready", "leaving"],
        Meta(description="leaving: the process stops soon, use another. ready does not require the cache."),
    ]
    dependencies: list[DependencyStatus]
