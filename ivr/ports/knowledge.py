"""The knowledge port: what anybody may ask the bank: branches and their hours, fees."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import ClassVar, Protocol

import msgspec

from ivr.model.commands import Command
from ivr.model.values import Money


class Branch(msgspec.Struct, frozen=True):
    """A branch and its opening hours today, `HH:MM`; both None when it is closed all day."""

    number: str
    name: str
    opens: str | None
    closes: str | None


class Fee(msgspec.Struct, frozen=True):
    """What a service costs: `share` in hundredths of a percent of the amount, `least` at the least, and
    `most` at the most (0: no more than the share). A tariff of steps is told by its ends; what an order
    costs exactly is in its terms."""

    service: str
    share: int
    least: Money
    most: Money


class Knowledge(Protocol):
    """What is no secret. Every method raises PortError."""

    def branch(self, number: str, day: str) -> Awaitable[Branch | None]:
        """Return a branch with its hours on a day (ISO date), or None if there is none."""

    def fee(self, service: str) -> Awaitable[Fee | None]:
        """Return what a service costs, or None when it is not known."""


class GetBranch(Command[Knowledge, Branch | None], frozen=True):
    """Where and when is this branch open?"""

    port: ClassVar[str] = "knowledge"
    answer: ClassVar[object] = Branch | None
    number: str
    day: str

    def perform(self, port: Knowledge) -> Awaitable[Branch | None]:
        return port.branch(self.number, self.day)


class GetFee(Command[Knowledge, Fee | None], frozen=True):
    """What does this service cost?"""

    port: ClassVar[str] = "knowledge"
    answer: ClassVar[object] = Fee | None
    service: str

    def perform(self, port: Knowledge) -> Awaitable[Fee | None]:
        return port.fee(self.service)
