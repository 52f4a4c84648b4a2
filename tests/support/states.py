"""Checks that states and audit entries agree, after whatever a test did."""

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.audit.present_states import PostgresPresentStates
from application.use_cases.audit.verify_states import VerifyStates


async def check_states(engine: AsyncEngine) -> None:
    """The state of every case and application is the one that its actions lead to."""
    found = [f"{each.version}: {each.why}" async for each in VerifyStates(PostgresPresentStates(engine))()]
    assert not found, "; ".join(found)
