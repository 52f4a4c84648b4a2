"""Monthly partitions of decisions in PostgreSQL."""

import asyncpg
from sqlalchemy import BigInteger, Date, func, literal, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import InsufficientPrivileges, driver_error, transaction
from application.operational_error import OperationalError
from application.ports.decisions.decision_partitions import DecisionPartitions
from application.ports.operations.dependencies import DependencyUnavailable
from domain.month import Month

_NO_LIMIT = 2**62
_LEFT = "left"


class PartitionRefused(OperationalError):
    """The database refuses to create the partition of that month."""


class PostgresDecisionPartitions(DecisionPartitions):
    """Partitions are created by a function of the database (migration 0006) that runs as the tables' owner."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(self, month: Month, *, max_moved: int | None = None) -> bool:
        """Raises PartitionRefused if a privilege is missing or this clock differs too much from the database's."""
        most = literal(_NO_LIMIT if max_moved is None else max_moved, BigInteger)
        query = select(func.make_decisions_month(literal(month.first_day, Date), most))
        try:
            async with transaction(self._engine) as connection:
                return await connection.scalar(query) != _LEFT
        except InsufficientPrivileges as fault:
            raise PartitionRefused(f"the partition of {month} cannot be created: {fault}") from fault
        except DBAPIError as fault:
            cause = driver_error(fault)
            if isinstance(cause, asyncpg.LockNotAvailableError):
                raise DependencyUnavailable(
                    f"the partition of {month} cannot be created while a long query reads decisions"
                ) from fault
            if isinstance(cause, asyncpg.InvalidParameterValueError):
                raise PartitionRefused(f"the partition of {month} cannot be created: {cause}") from fault
            raise
