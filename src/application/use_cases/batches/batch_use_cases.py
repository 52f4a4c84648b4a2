"""The use cases for batches."""

from dataclasses import dataclass
from typing import Self

from application.ports.batches.batches import Batches
from application.ports.cases.final_decisions import FinalDecisions
from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from application.use_cases.audit.event_factory import EventFactory
from application.use_cases.audit.record_event import RecordEvent
from application.use_cases.batches.read_batches import CancelBatch, ListBatches, ReadBatch, ReadBatchOutput
from application.use_cases.batches.submit_batch import SubmitBatch


@dataclass(frozen=True, slots=True)
class BatchUseCases:
    """The batch part of `UseCases`."""

    submit: SubmitBatch
    read: ReadBatch
    list: ListBatches
    output: ReadBatchOutput
    cancel: CancelBatch

    @classmethod
    def over(
        cls,
        batches: Batches,
        clock: Clock,
        identifiers: Identifiers,
        *,
        plain_webhooks: bool = False,
        record: RecordEvent | None = None,
        final_decisions: FinalDecisions | None = None,
    ) -> Self:
        """All use cases over one store."""
        return cls(
            submit=SubmitBatch(batches, clock, identifiers, plain_webhooks),
            read=ReadBatch(batches),
            list=ListBatches(batches),
            output=ReadBatchOutput(batches, record, final_decisions),
            cancel=CancelBatch(batches, EventFactory(clock, identifiers)),
        )
