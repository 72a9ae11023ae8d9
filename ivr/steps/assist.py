"""The step type `assist`."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from typing import Any, ClassVar

from pydantic import PrivateAttr

from ivr.centre.errands import (
    PAYMENT_SAID,
    Carrying,
    Ended,
    Identifying,
    Impossible,
    Ordering,
    Settling,
)
from ivr.centre.orders.alike import alike as orders_alike
from ivr.centre.orders.alike import bounds
from ivr.centre.orders.form import ERRAND, WRITTEN
from ivr.centre.orders.names import kept
from ivr.centre.orders.visit import CHANGE, SIGN
from ivr.centre.orders.words import FIXED
from ivr.centre.payments.paying import Paying, PaymentFields
from ivr.centre.payments.paying import alike as payments_alike
from ivr.model.commands import Script, ask
from ivr.model.errors import CallerHungUp, OneCallError, PortError
from ivr.model.expressions import Expression
from ivr.model.flow import REFUSED, FlowSet
from ivr.model.inputfields import InputFields
from ivr.model.orders import OrderType
from ivr.model.outcome import Outcome, Stay
from ivr.model.place import Place
from ivr.model.prompt import BargeIn
from ivr.model.speech import Speech
from ivr.model.step import Context, Step
from ivr.model.values import Value
from ivr.ports.channel import Play
from ivr.ports.errands import IDENTITY, ORDER, PAYMENT, EndErrand, Ending, ErrandEnd, TakeErrand
from ivr.ports.posting import Reason
from ivr.ports.waiting import Errand

_BEGIN, _END = Speech(("assist-begin",)), Speech(("assist-end",))


class Assist(Step, InputFields, PaymentFields):
    """Let the caller do alone with the machine what an agent has prepared: the agent hears nothing.

    An agent has filled in the form of an order type, named a merchant's order to be paid, or wants to
    know who is calling. The caller is authenticated if their level is too low, hears the machine read
    the order back, which no key cuts short, and signs it with the PIN, or pays as by `pay`. What
    the agent filled in is read as keyed entries are: what is missing or not possible goes back to the
    agent, and so does what the caller wants changed. The step ends when the caller may go back to the
    agent, who is told what came of it: lead `done`, and `refused` for who could not be authenticated,
    to the step `queue` that the caller came from.
    """

    verb: ClassVar[str] = "assist"
    outcomes: ClassVar[dict[str, str]] = {
        "done": "It has ended, one way or the other, and the agent is told how.",
    }
    normal: ClassVar[str | None] = "done"
    example: ClassVar[str] = """\
secure:
  assist: {merchants: {M01: merchant-heping}, most: "50000.00"}
  on: {done: agent, refused: agent}
"""

    _orders: Mapping[str, OrderType] = PrivateAttr(default_factory=dict)

    def bound(self, flow_set: FlowSet) -> Assist:
        return self._taking(flow_set.orders)

    def _taking(self, orders: Mapping[str, OrderType]) -> Assist:
        copy = self.model_copy()
        copy._orders = dict(orders)
        return copy

    def run(self, context: Context) -> Script[Outcome | Stay]:
        errand = _kept(context)
        if errand is None:
            errand = yield from _taken(context)
        if errand is None:
            return Outcome("done")
        call_id = context.session.call_id
        try:
            ended = yield from self._next(context, errand)
        except CallerHungUp:
            yield from _tell(call_id, Ending(errand.id, ErrandEnd.HUNG_UP))
            raise
        except OneCallError:
            yield from _tell(call_id, Ending(errand.id, ErrandEnd.FAILED))
            raise
        if isinstance(ended, Stay):
            return ended
        return (yield from _over(call_id, errand.id, ended))

    def _next(self, context: Context, errand: Errand) -> Script[Stay | Ended]:
        carrying = self._carrying(context, errand)
        if _kept(context) is None:
            # Said once, also where the caller is authenticated next.
            yield from ask(Play(context.audible(_BEGIN), bargein=BargeIn.NONE, flush=True))
            kept = {"id": errand.id, "task": errand.kind, "errand": errand.name}
            return Stay({ERRAND: {**kept}, WRITTEN: {**errand.form}}, carrying.level)
        return (yield from carrying.visit(context))

    def _carrying(self, context: Context, errand: Errand) -> Carrying:
        rules = context.rules(self.properties())
        kind = self._orders.get(errand.name)
        if errand.kind == ORDER and kind is not None:
            return Ordering(kind, rules)
        if errand.kind == PAYMENT:
            return Settling(Paying(self, rules, errand.name))
        return Identifying() if errand.kind == IDENTITY else Impossible(errand.name)

    def exits(self) -> Mapping[str, str]:
        return {**self.outcomes, REFUSED: "The caller could not be authenticated."}

    def orders(self) -> tuple[str, ...]:
        return tuple(self._orders)

    def keeps(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for kind in self._orders.values():
            for name, type_ in kept(kind).items():
                found[name] = type_ if found.get(name, type_) == type_ else "any"
        return found

    def places(self) -> Mapping[str, Place]:
        return {
            name: place for kind in self._orders.values() for name, place in kind.places.items()
        }

    def calendars(self) -> Iterator[str]:
        for kind in self._orders.values():
            if kind.document.open is not None:
                yield kind.document.open.calendar

    def speeches(self) -> Iterator[Speech]:
        yield from chain.from_iterable(kind.speeches() for kind in self._orders.values())
        yield from (*FIXED, _BEGIN, _END, PAYMENT_SAID)
        yield from self.words(charge=True)

    def expressions(self) -> Iterator[Expression]:
        yield from chain.from_iterable(kind.expressions() for kind in self._orders.values())
        if self.most is not None:
            yield self.most

    def wants(self) -> Iterator[tuple[Expression, Collection[str]]]:
        yield from super().wants()
        yield from chain.from_iterable(kind.wants() for kind in self._orders.values())

    def alike(self, form: Mapping[str, Any], scope: Mapping[str, Value]) -> Hashable:
        kind = self._orders.get(form[ERRAND]["errand"])
        order = orders_alike(kind, form, scope) if kind is not None else None
        return self.apart(form), order, payments_alike(form)

    def apart(self, form: Mapping[str, Any]) -> Hashable:
        return tuple(form[ERRAND].values()) if form else ()

    def about(self, form: Mapping[str, Any]) -> Assist:
        name = form[ERRAND]["errand"] if form else None
        return self._taking({one: kind for one, kind in self._orders.items() if one == name})

    def entries(self) -> Iterator[str]:
        for amount in chain.from_iterable(map(bounds, self._orders.values())):
            yield str(amount.minor // 100)
            yield str(amount.minor // 100 + 1)

    def compares(self) -> Mapping[str, Collection[str]]:
        reasons = [reason.value for reason in Reason]
        kinds = (ORDER, PAYMENT, IDENTITY)
        names = tuple(self._orders)
        return {"stage": (CHANGE, SIGN), "reason": reasons, "task": kinds, "errand": names}


def _kept(context: Context) -> Errand | None:
    """Return the errand that the caller is on, as far as it is not in the form."""
    found = context.session.frame.form.get(ERRAND)
    if not isinstance(found, Mapping):
        return None
    return Errand(str(found["id"]), str(found["task"]), str(found["errand"]))


def _taken(context: Context) -> Script[Errand | None]:
    try:
        return (yield from ask(TakeErrand(context.session.call_id)))
    except PortError:
        return None


def _over(call_id: str, errand: str, ended: Ended) -> Script[Outcome]:
    """Tell the agent how it ended, and the caller that they go back. More is not needed for that: to a
    proof all errands end alike."""
    yield from _tell(call_id, Ending(errand, ended.how, ended.reference, ended.about))
    return (yield from _left(ended.failures))


def _left(failures: int) -> Script[Outcome]:
    yield from ask(Play(_END.audible({}), flush=True))
    return Outcome("done", failures=failures)


def _tell(call_id: str, ending: Ending) -> Script[None]:
    """Tell how it ended; where that fails, coming back to the queue tells it."""
    with suppress(PortError):
        yield from ask(EndErrand(call_id, ending))
