"""Errands, each carried out by the code of the steps that callers use by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec
from msgspec.structs import replace

from ivr.centre.levels import PIN
from ivr.centre.orders.taking import Taking
from ivr.centre.orders.written import change, fill
from ivr.centre.payments.paying import Paying
from ivr.model.commands import Script, ask
from ivr.model.orders import OrderType
from ivr.model.outcome import Outcome, Stay
from ivr.model.prompt import Audible, Prompted, Spoken
from ivr.model.properties import InputRules
from ivr.model.speech import Speech
from ivr.model.step import Context
from ivr.ports.channel import Play
from ivr.ports.errands import ErrandEnd

_PAID: Mapping[str, ErrandEnd] = {
    "success": ErrandEnd.PAID,
    "payment_declined": ErrandEnd.DECLINED,
    "unknown": ErrandEnd.UNKNOWN,
    "too_many_failed_attempts": ErrandEnd.FAILED,
    "caller_interrupted_with_star": ErrandEnd.CANCELLED,
    "validation_error": ErrandEnd.INCOMPLETE,
    "payment_connector_error": ErrandEnd.UNAVAILABLE,
    "refused": ErrandEnd.UNSAFE,
}
"""How an errand ends, by the outcome of its payment."""
_SAID: Mapping[ErrandEnd, str] = {
    ErrandEnd.PAID: "payment-done",
    ErrandEnd.UNKNOWN: "payment-unknown",
    ErrandEnd.FAILED: "payment-failed",
    ErrandEnd.CANCELLED: "payment-cancelled",
    ErrandEnd.UNAVAILABLE: "payment-unavailable",
    ErrandEnd.UNSAFE: "payment-not-safe",
}
"""What the caller is told of it; why a card was declined has been said."""
_REFERENCE = "order-number-is"
PAYMENT_SAID = Speech((*_SAID.values(), _REFERENCE))
"""All that may be said of how a payment ended."""


class Ended(msgspec.Struct, frozen=True):
    """How an errand ended: see `ivr.ports.errands.Ending`. `failures` counts towards the call's limit."""

    how: ErrandEnd
    reference: str = ""
    about: str = ""
    failures: int = 0


class Carrying(Protocol):
    """How an errand of one kind is carried out, from `level` on."""

    @property
    def level(self) -> int: ...

    def visit(self, context: Context) -> Script[Stay | Ended]:
        """Ask the next thing, or end."""


class Ordering(msgspec.Struct, frozen=True):
    """A dictated order: what the agent has written is read, read back, and signed."""

    kind: OrderType
    rules: InputRules

    @property
    def level(self) -> int:
        return self.kind.document.level

    def visit(self, context: Context) -> Script[Stay | Ended]:
        taken = yield from Taking(self.kind, self.rules, fill, change).visit(context)
        if isinstance(taken, Stay):
            return replace(taken, level=max(taken.level, self.level))
        order = taken.order
        about = taken.about or (order.reason if order is not None else "")
        reference = order.reference if order is not None else ""
        return Ended(ErrandEnd(taken.outcome), reference, about, taken.failures)


class Settling(msgspec.Struct, frozen=True):
    """A merchant's order that is paid."""

    paying: Paying
    level: int = 0

    def visit(self, context: Context) -> Script[Stay | Ended]:
        paid = yield from self.paying.visit(context)
        if not isinstance(paid, Outcome):
            assert isinstance(paid, Stay)  # noqa: S101  (a payment goes nowhere else)
            return paid
        told = [paid.variables.get(name, "") for name in self.paying.fields.told()]
        ended = Ended(_PAID[paid.name], str(told[0]), str(told[2]), paid.failures)
        amount = (Spoken("money", told[1]),) if ended.how is ErrandEnd.PAID else ()
        return (yield from _said(ended, amount))


def _said(ended: Ended, amount: tuple[Audible, ...]) -> Script[Ended]:
    """Tell the caller what has become of a payment."""
    if ended.how in _SAID:
        heard: tuple[Audible, ...] = (Prompted(_SAID[ended.how]), *amount)
        if ended.reference:
            heard += (Prompted(_REFERENCE), Spoken("digits", ended.reference))
        yield from ask(Play(heard, flush=True))
    return ended


class Identifying(msgspec.Struct, frozen=True):
    """Showing who one is: whoever comes to be at this level has done so."""

    level: int = PIN

    def visit(self, context: Context) -> Script[Stay | Ended]:
        yield from ()
        return Ended(ErrandEnd.IDENTIFIED)


class Impossible(msgspec.Struct, frozen=True):
    """An errand of a kind, or of an order type, that there is not."""

    about: str
    level: int = 0

    def visit(self, context: Context) -> Script[Stay | Ended]:
        yield from ()
        return Ended(ErrandEnd.INCOMPLETE, about=self.about)
