"""What the service can be asked of batches."""

from dataclasses import dataclass
from typing import Self

from application.ports.batches import Batches
from application.ports.clock import Clock
from application.ports.identifiers import Identifiers
from application.use_cases.read_batches import CancelBatch, ListBatches, ReadBatch, ReadBatchOutput
from application.use_cases.submit_batch import SubmitBatch


@dataclass(frozen=True, slots=True)
class BatchUseCases:
    """A part of the catalogue."""

    submit: SubmitBatch
    read: ReadBatch
    list: ListBatches
    output: ReadBatchOutput
    cancel: CancelBatch

    @classmethod
    def over(cls, batches: Batches, clock: Clock, identifiers: Identifiers) -> Self:
        """All of them over one store."""
        return cls(
            submit=SubmitBatch(batches, clock, identifiers),
            read=ReadBatch(batches),
            list=ListBatches(batches),
            output=ReadBatchOutput(batches),
            cancel=CancelBatch(batches, clock),
        )
