"""Callers who are asked after their call, or after their case: where that is kept, as an engine needs it."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from ivr.model.session import Session
from ivr.ports.coverage import How, Progress
from ivr.ports.store import StampedEvent

CASE = "case:"
"""How the keys of cases begin that customers are asked about."""


class Offer(msgspec.Struct, frozen=True):
    """A caller who is to be asked `about` a call (its id) or a case (`case:NUMBER:TIMES`).

    `how` is MESSAGE or CALL. A message goes out, or a telephone is rung, from `not_before` to
    `not_after`. `attempt` is the id of the bank's last call, of which there were `tries`.
    """

    about: str
    how: How
    progress: Progress
    survey: str
    language: str
    ani: str
    customer: str
    version: str
    made_at: datetime
    not_before: datetime
    not_after: datetime
    attempt: str = ""
    tries: int = 0


class Known(msgspec.Struct, frozen=True):
    """What a ledger knows of a caller: whether they want not to be asked, and when the last call ended
    about which they were."""

    opted_out: bool = False
    asked_at: datetime | None = None


class Unserved(msgspec.Struct, frozen=True):
    """A call that Asterisk answered, by its own log."""

    call_id: str
    dnis: str
    ani: str
    started_at: datetime
    ended_at: datetime


class Offers(Protocol):
    """The offers, the opt-outs and the open calls of a ledger. What is written is on the disk before a
    method returns. Every method raises PortError."""

    def make(self, offer: Offer) -> Awaitable[bool]:
        """Write an offer down; False: there is one about this already."""

    def due(self, now: datetime) -> Awaitable[tuple[Offer, ...]]:
        """Return the offers that are due now, or have been for too long, the oldest first."""

    def pending(self, since: datetime) -> Awaitable[tuple[Offer, ...]]:
        """Return the offers made since then that nobody has answered, the oldest first."""

    def find(self, about: str) -> Awaitable[Offer | None]:
        """Return the offer about a call or a case."""

    def of_attempt(self, attempt: str) -> Awaitable[Offer | None]:
        """Return the offer for which the bank has made this call."""

    def of_caller(self, ani: str, customer: str, since: datetime) -> Awaitable[tuple[Offer, ...]]:
        """Return the latest offers made to a caller since then that may still be answered, the newest
        first."""

    def change(self, was: Offer, now: Offer) -> Awaitable[bool]:
        """Have an offer be so; False: somebody else has changed it meanwhile."""

    def wish(self, ani: str, customer: str, out: bool, who: str) -> Awaitable[None]:
        """Note that a caller wants not to be asked, or takes that back: at this telephone, however its
        number is written, and as this customer, as far as either is told. What they were offered and
        not told of is called off."""

    def known(self, ani: str, customer: str) -> Awaitable[Known]:
        """Return what is known of a caller, by telephone and as a customer."""

    def said(self, about: str) -> Awaitable[list[StampedEvent]]:
        """Return what was said in surveys about a call or a case, in order."""

    def spoken_of(self, since: datetime, after: int) -> Awaitable[tuple[int, tuple[str, ...]]]:
        """Return the calls and cases about which something was said in surveys after a mark (0: since
        a time), and the next mark."""

    def open_calls(self, before: datetime) -> Awaitable[tuple[Session, ...]]:
        """Return the calls in progress that were saved last before then."""

    def begun(self, since: datetime, before: datetime) -> Awaitable[tuple[str, ...]]:
        """Return the calls that began in this time, have not ended, and are in no session."""

    def lose(self, call_id: str, customer: str, before: datetime) -> Awaitable[bool]:
        """Have a call be over whose end no engine wrote; False: it has ended, or was saved since `before`."""

    def unended(self, calls: Sequence[str]) -> Awaitable[tuple[str, ...]]:
        """Return those of some calls that have not ended."""

    def unserved(self, call: Unserved) -> Awaitable[bool]:
        """Have a call be over that no engine had; False: the ledger has it."""
