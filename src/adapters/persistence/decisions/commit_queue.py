"""Where decisions wait to be written together: bounded, and closed while there is nobody to write them."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from adapters.persistence.decisions.chained_writer import Documented
from adapters.persistence.decisions.claims import FirstRecord
from application.ports.decisions.decision_ledger import CommitUnconfirmed, LedgerUnavailable
from application.ports.decisions.idempotency import Claim, KeyReused, OriginalResponseUnavailable
from domain.decisions.decision_record import DecisionRecord


class Party:
    """Callers who came together and are told together, once it is known of each what became of it.

    None of them waits longer than `until`, by the event loop's clock.
    """

    __slots__ = ("_left", "_outcomes", "told", "until")

    def __init__(self, size: int, loop: asyncio.AbstractEventLoop, until: float) -> None:
        self._outcomes: list[DecisionRecord | Exception] = [_UNTOLD] * size
        self._left = size
        self.until = until
        self.told: asyncio.Future[Sequence[DecisionRecord | Exception]] = loop.create_future()

    def tell(self, place: int, outcome: DecisionRecord | Exception) -> None:
        """Say what became of one of them; the first word counts."""
        if self._outcomes[place] is not _UNTOLD:
            return
        self._outcomes[place] = outcome
        self._left -= 1
        if not self._left and not self.told.done():
            self.told.set_result(self._outcomes)

    def gone(self, place: int) -> bool:
        """Whether there is nothing to be told any more: it was, or they went away."""
        return self._outcomes[place] is not _UNTOLD or self.told.done()


_UNTOLD = LookupError("nobody knows yet")


@dataclass(slots=True, eq=False)
class Waiting:
    """One decision that waits until it is on record, or until the first one under the claim is; with its place in
    the party that it came with.

    Once it was taken to be written, who gives up does not know whether it was.
    """

    documented: Documented
    party: Party
    place: int
    claim: Claim | None = None
    taken: bool = False

    @property
    def gone(self) -> bool:
        """Whether nobody waits for it any more."""
        return self.party.gone(self.place)

    @property
    def record(self) -> DecisionRecord:
        """The decision."""
        return self.documented[0]

    def succeed(self, first: DecisionRecord | None = None) -> None:
        """Let the caller answer: with this decision, or with the first one."""
        self.party.tell(self.place, first or self.documented[0])

    def fail(self, why: Exception) -> None:
        """Tell the caller that nothing may be answered."""
        self.party.tell(self.place, why)

    def settle(self, first: FirstRecord) -> None:
        """Tell the caller what stands in the claim's place already."""
        assert self.claim is not None  # noqa: S101 - nothing stands in the place of no claim
        try:
            self.succeed(first.answer(self.claim))
        except (KeyReused, OriginalResponseUnavailable) as why:
            self.fail(why)

    def lose_patience(self) -> None:
        """Tell the caller that the time is up."""
        if self.taken:
            self.fail(CommitUnconfirmed("the database did not confirm the record in time"))
        else:
            self.fail(LedgerUnavailable("its turn to be recorded did not come in time"))


def apart(batch: Sequence[Waiting]) -> tuple[list[Waiting], list[Waiting]]:
    """Those that can be written together, and those that make the same claim as one of them."""
    places: set[tuple[str, str]] = set()
    together: list[Waiting] = []
    repeats: list[Waiting] = []
    for waiting in batch:
        place = None if waiting.claim is None else waiting.claim.place
        (repeats if place in places else together).append(waiting)
        if place is not None:
            places.add(place)
    return together, repeats


class _Entered(NamedTuple):
    """A party, and those of it who were let in."""

    party: Party
    come: Sequence[Waiting]


class CommitQueue:
    """At most `most` decisions wait, each for `patience` seconds; whoever comes in vain is told at once."""

    def __init__(self, most: int, patience: float) -> None:
        self._most = most
        self._patience = patience
        self._waiting: deque[Waiting] = deque()
        self._entered: deque[_Entered] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._stir = asyncio.Event()
        self._turned_away = ""
        self.closed = asyncio.Event()

    def enter(
        self, entries: Sequence[tuple[Documented, Claim | None]]
    ) -> "asyncio.Future[Sequence[DecisionRecord | Exception]]":
        """Wait for being written, together; who comes in vain is told LedgerUnavailable."""
        loop = asyncio.get_running_loop()
        party = Party(len(entries), loop, until=loop.time() + self._patience)
        come = [Waiting(documented, party, place, claim) for place, (documented, claim) in enumerate(entries)]
        room = max(0, self._most - len(self._waiting))
        refused = self._refused
        for waiting in come if refused else come[room:]:
            waiting.fail(
                LedgerUnavailable(refused or f"{self._most} decisions are waiting to be recorded already")
            )
        if not refused and room:
            self._let_in(party, come[:room])
        return party.told

    @property
    def _refused(self) -> str:
        """Why nobody is let in, if nobody is."""
        return "the ledger is closed" if self.closed.is_set() else self._turned_away

    def _let_in(self, party: Party, come: Sequence[Waiting]) -> None:
        self._waiting.extend(come)
        while self._entered and self._entered[0].party.told.done():
            self._entered.popleft()
        self._entered.append(_Entered(party, come))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_at(party.until, self._lose_patience)
        self._stir.set()

    def _lose_patience(self) -> None:
        """Tell those whose time is up, whether they wait here or are being written, and look again in time.

        They came in their order and all wait equally long: one timer does for everybody.
        """
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._entered:
            party, come = self._entered[0]
            if not party.told.done() and party.until > loop.time():
                self._timer = loop.call_at(party.until, self._lose_patience)
                return
            self._entered.popleft()
            for waiting in come:
                waiting.lose_patience()

    async def somebody(self) -> bool:
        """Return True once somebody waits; False when the room is closed and empty."""
        while not self._waiting and not self.closed.is_set():
            self._stir.clear()
            await self._stir.wait()
        return bool(self._waiting)

    def take(self, most: int) -> list[Waiting]:
        """Whoever still waits, the first first; those who gave up are left out."""
        taken: list[Waiting] = []
        while self._waiting and len(taken) < most:
            waiting = self._waiting.popleft()
            if not waiting.gone:
                waiting.taken = True
                taken.append(waiting)
        return taken

    def turn_away(self, why: str) -> None:
        """Send away everybody who waits, and everybody who comes, until `welcome`."""
        self._turned_away = why
        for waiting in self._waiting:
            waiting.fail(LedgerUnavailable(why))
        self._waiting.clear()

    def welcome(self) -> None:
        """Let people wait again."""
        self._turned_away = ""

    def close(self) -> None:
        """Let nobody in any more; who waits is still served."""
        self.closed.set()
        self._stir.set()
