"""Months of decisions in PostgreSQL: a partition each."""

import asyncpg
from sqlalchemy import BigInteger, Date, func, literal, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import InsufficientPrivileges, transaction
from application.operational_error import OperationalError
from application.ports.decisions.decision_partitions import DecisionPartitions
from application.ports.operations.dependencies import DependencyUnavailable
from domain.month import Month

_ALL = 2**62
_LEFT = "left"


class PartitionRefused(OperationalError):
    """The database does not make that month for us."""


class PostgresDecisionPartitions(DecisionPartitions):
    """Partitions are made by a function of the database (migration 0006), which runs as the tables' owner."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(self, month: Month, *, max_moved: int | None = None) -> bool:
        """Make a partition; raises MonthRefused when we may not, or when our clock is far from the database's."""
        most = literal(_ALL if max_moved is None else max_moved, BigInteger)
        made = select(func.make_decisions_month(literal(month.first_day, Date), most))
        try:
            async with transaction(self._engine) as connection:
                return await connection.scalar(made) != _LEFT
        except InsufficientPrivileges as fault:
            raise PartitionRefused(f"the database does not make {month}: {fault}") from fault
        except DBAPIError as fault:
            cause = fault.orig and fault.orig.__cause__
            if isinstance(cause, asyncpg.LockNotAvailableError):
                raise DependencyUnavailable(
                    f"{month} cannot be made while decisions are read at length"
                ) from fault
            if isinstance(cause, asyncpg.InvalidParameterValueError):
                raise PartitionRefused(f"the database does not make {month}: {cause}") from fault
            raise
