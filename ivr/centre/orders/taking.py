"""Taking an order, visit by visit, whoever dictates it: from beginning it to telling what came of it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ivr.centre.orders.authorising import authorise, confirm
from ivr.centre.orders.dictating import begin
from ivr.centre.orders.form import ORDER, TERMS, VISIT, next_slot
from ivr.centre.orders.pricing import price
from ivr.centre.orders.settling import OUTCOMES, Settling
from ivr.centre.orders.visit import CHANGE, SIGN, Over, begun_in, cancel, form_of
from ivr.centre.orders.words import TOO_OFTEN, UNAVAILABLE
from ivr.model.commands import Script, ask
from ivr.model.errors import CallerHungUp, EvaluationError, PortError, StepDeadline
from ivr.model.orders import OrderType
from ivr.model.outcome import Stay
from ivr.model.prompt import Audible, BargeIn
from ivr.model.properties import InputRules
from ivr.model.step import Context
from ivr.ports.channel import Play
from ivr.ports.orders import Order

Fill = Callable[[Context, OrderType, str, InputRules], Script[Stay | Over]]
Change = Callable[[Context, OrderType, InputRules], Script[Stay | Over]]


class Taken(msgspec.Struct, frozen=True):
    """How an order ended: an outcome of the step, and the order as it stands if it was authorised.
    `about` is the slot that it ended for, if there is one."""

    outcome: str
    order: Order | None = None
    failures: int = 0
    about: str = ""


class Taking(msgspec.Struct, frozen=True):
    """How orders of a `kind` are taken: `fill` has a slot filled, `change` what the caller wants changed."""

    kind: OrderType
    rules: InputRules
    fill: Fill
    change: Change

    def visit(self, context: Context) -> Script[Stay | Taken]:
        """Ask the next thing, or end. Who is gone before the order is authorised has ordered nothing."""
        begun = begun_in(context)
        ended = yield from self._tried(context, begun)
        if isinstance(ended, Stay):
            return ended
        if isinstance(ended, Order):
            return (yield from _settled(Settling.of(context, self.kind), ended))
        heard = context.audible(ended.say) if ended.say is not None else ()
        return (
            yield from _given_up(
                begun, heard, Taken(ended.outcome, None, ended.failures, ended.about)
            )
        )

    def _tried(self, context: Context, begun: str) -> Script[Stay | Over | Order]:
        try:
            return (yield from self._next(context))
        except PortError:
            return Over("unavailable", UNAVAILABLE)
        except (CallerHungUp, StepDeadline, EvaluationError):
            yield from cancel(begun)
            raise

    def _next(self, context: Context) -> Script[Stay | Over | Order]:
        form, kind = form_of(context), self.kind
        if ORDER not in form:
            return (yield from begin(context, kind))
        slot = next_slot(kind, form, context.session.scope())
        if slot is not None:
            return (yield from self.fill(context, kind, slot, self.rules))
        if form[VISIT]["rounds"] >= context.rounds:  # read back, or a slot opened again
            return Over("failed", TOO_OFTEN)
        if TERMS not in form:
            return (yield from price(context, kind))
        stage = form[VISIT]["stage"]
        if stage == CHANGE:
            return (yield from self.change(context, kind, self.rules))
        if stage == SIGN:
            return (yield from authorise(context, kind, self.rules))
        return (yield from confirm(context, kind, self.rules))


def _settled(settling: Settling, order: Order) -> Script[Taken]:
    settled = yield from settling.settle(order)
    return Taken(OUTCOMES.get(settled.state, "unknown"), settled)


def _given_up(begun: str, heard: tuple[Audible, ...], taken: Taken) -> Script[Taken]:
    """Take back what was begun, and tell why. Of the order no more is needed than is given: to a
    proof all orders end alike."""
    yield from cancel(begun)
    if heard:
        yield from ask(Play(heard, bargein=BargeIn.NONE, flush=True))
    return taken
