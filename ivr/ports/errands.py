"""Errands: what a caller does alone with the machine, and an agent has prepared.

They are a part of the waiting port: whoever has an errand is on the floor, and their agent is kept.
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Iterator
from typing import ClassVar, Protocol

import msgspec

from ivr.model.commands import Command
from ivr.model.world import EXAMPLE_TEXT, Answer, World
from ivr.ports.waiting import Errand

ORDER, PAYMENT, IDENTITY = "order", "payment", "identity"
"""The kinds of errands: a dictated order, a merchant's order that is paid, and showing who one is."""


class ErrandEnd(enum.StrEnum):
    """How an errand ended. What was authorised is done even if the caller has hung up."""

    POSTED = "posted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    PAID = "paid"
    DECLINED = "declined"
    IDENTIFIED = "identified"
    CHANGE = "change"  # the caller wants something changed
    INCOMPLETE = "incomplete"  # the form lacks something, or something in it is not possible
    CANCELLED = "cancelled"
    FAILED = "failed"  # too many wrong entries, or not authenticated
    NO_INPUT = "no_input"
    UNAVAILABLE = "unavailable"  # the bank, the ledger or the gateway; nothing has happened
    UNSAFE = "unsafe"  # no card can be keyed safely on this call
    LOCKED = "locked"
    CLOSED = "closed"
    HUNG_UP = "hung_up"


class Ending(msgspec.Struct, frozen=True):
    """How the errand with this `id` ended: the `reference` of what was authorised, and what of the form
    it is `about` (a slot) or why (a reason)."""

    id: str
    how: ErrandEnd
    reference: str = ""
    about: str = ""


class Errands(Protocol):
    """Errands of callers. Every method but `keyed` raises PortError."""

    def errand(self, call_id: str) -> Awaitable[Errand | None]:
        """Return the errand that a caller is on, the same until it has ended."""

    def errand_over(self, call_id: str, ending: Ending) -> Awaitable[None]:
        """Tell how it ended. Telling twice is telling once; of another errand it is nothing.

        An errand is over as well when its caller hangs up, or comes back to the queue without it.
        """

    def keyed(self, call_id: str, what: str, count: int) -> None:
        """Tell that a caller is keying a secret (`pin`, `pan` …), and how many keys it has by now.

        Nobody may keep that: the rhythm of a secret is a hint at it.
        """


class TakeErrand(Command[Errands, Errand | None], frozen=True):
    """What is the caller to do?"""

    port: ClassVar[str] = "waiting"
    answer: ClassVar[object] = Errand | None
    call_id: str

    def answers(self, world: World) -> Iterator[Answer]:
        yield Answer(value=None, sure=False)
        yield Answer(value=Errand(EXAMPLE_TEXT, IDENTITY, ""), sure=False)
        yield Answer(value=Errand(EXAMPLE_TEXT, PAYMENT, EXAMPLE_TEXT), sure=False)
        for name in world.texts.get("errand", ()):
            yield Answer(value=Errand(EXAMPLE_TEXT, ORDER, name), sure=False)
        yield from self.failures()

    def perform(self, port: Errands) -> Awaitable[Errand | None]:
        return port.errand(self.call_id)


class EndErrand(Command[Errands, None], frozen=True):
    """Tell how an errand ended."""

    port: ClassVar[str] = "waiting"
    call_id: str
    ending: Ending

    def perform(self, port: Errands) -> Awaitable[None]:
        return port.errand_over(self.call_id, self.ending)
