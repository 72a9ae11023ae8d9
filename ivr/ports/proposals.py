"""The proposals port: whether a caller may be offered something in this call, and what they said."""

from __future__ import annotations

import enum
from collections.abc import Awaitable
from typing import ClassVar, Protocol

from ivr.model.commands import Command


class Trouble(enum.StrEnum):
    """Why a caller is not offered anything now."""

    CASE = "case"  # their own matter is not solved: a case is open, also one of a bad answer
    ORDER = "order"  # nobody knows yet what became of an order of theirs
    NO_CONSENT = "no_consent"
    NO_CALLS = "no_calls"  # they want to hear of nothing that is sold
    REFUSED = "refused"  # they do not want this product


class Proposals(Protocol):
    """Every method raises PortError."""

    def trouble(self, customer: str, ani: str, product: str) -> Awaitable[Trouble | None]:
        """Return why a product is not offered to a customer, who calls from a number; None: it may be."""

    def refused(self, customer: str, product: str) -> Awaitable[None]:
        """Remember that a customer does not want a product."""


class GetTrouble(Command[Proposals, Trouble | None], frozen=True):
    """May this caller be offered this?"""

    port: ClassVar[str] = "proposals"
    answer: ClassVar[object] = Trouble | None
    customer: str
    ani: str
    product: str

    def perform(self, port: Proposals) -> Awaitable[Trouble | None]:
        return port.trouble(self.customer, self.ani, self.product)


class TellRefused(Command[Proposals, None], frozen=True):
    """They do not want it."""

    port: ClassVar[str] = "proposals"
    customer: str
    product: str

    def perform(self, port: Proposals) -> Awaitable[None]:
        return port.refused(self.customer, self.product)
