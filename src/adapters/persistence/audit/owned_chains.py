"""Chains of audit entries of this process, each used by one writer at a time, so that writers never wait."""

from uuid import uuid4

from domain.audit.entry import ChainHead


class OwnedChains:
    """The ends of this process's chains, as many as it has concurrent writers.

    A writer takes a chain for one transaction, and gives it back where it knows whether that was committed. After
    a lost connection it does not: the chain then ends with its last known entry or the next, and both are valid.
    """

    def __init__(self) -> None:
        self._free: list[ChainHead] = []

    def take(self) -> ChainHead:
        """The end of a chain that no other writer uses."""
        return self._free.pop() if self._free else ChainHead(uuid4())

    def give_back(self, head: ChainHead) -> None:
        """Let others use a chain again, whose committed end this is."""
        self._free.append(head)
