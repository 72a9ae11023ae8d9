"""The limits of an order type, and the hours in which its orders are taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time

from ivr.centre.hours import Status, overridden, state
from ivr.model.commands import Script, ask
from ivr.model.errors import EvaluationError
from ivr.model.orders import Limit, OrderType
from ivr.model.step import Context
from ivr.model.values import Money, Value
from ivr.ports.orders import Allowance, Per
from ivr.ports.overrides import GetOverrides

Scope = Mapping[str, Value]


def amount_of(order: OrderType, scope: Scope) -> Money:
    """Return what an order comes to, without the fee; nothing where that is not written.

    Raises EvaluationError.
    """
    written = order.document.amount
    value = written.evaluate(scope) if written is not None else Money(0)
    if not isinstance(value, Money):
        raise EvaluationError(f"the amount of `{order.name}` is no amount")
    return value


def broken(order: OrderType, scope: Scope, amount: Money) -> Limit | None:
    """Return the first limit that an amount is above, whatever else was ordered.

    Raises EvaluationError.
    """
    return next((one for one, most in _holding(order, scope) if amount.minor > most.minor), None)


def allowances(
    order: OrderType, scope: Scope, now: datetime, began: datetime
) -> tuple[tuple[Limit, Allowance], ...]:
    """Return the smallest limits of a call and of a day that hold, for the day of `now` and the call that
    `began` then. Raises EvaluationError."""
    midnight = datetime.combine(now.date(), time(0), now.tzinfo)
    found = []
    for per, since in ((Per.CALL, began), (Per.DAY, midnight)):
        holding = [pair for pair in _holding(order, scope) if pair[0].per == per]
        if holding:
            limit, most = min(holding, key=lambda pair: pair[1].minor)
            found.append((limit, Allowance(per, most, since)))
    return tuple(found)


def _holding(order: OrderType, scope: Scope) -> Iterator[tuple[Limit, Money]]:
    for limit in order.document.limits:
        if limit.when is None or limit.when.evaluate(scope) is True:
            most = limit.most.evaluate(scope)
            if not isinstance(most, Money):
                raise EvaluationError(f"a limit of `{order.name}` is no amount")
            yield limit, most


def level_needed(order: OrderType, amount: Money, scope: Scope) -> int:
    """Return the auth level that an order of this amount needs. Raises EvaluationError."""
    above = order.document.level_above
    if above is None:
        return order.document.level
    most = above.amount.evaluate(scope)
    if not isinstance(most, Money):
        raise EvaluationError(f"`level_above` of `{order.name}` has no amount")
    return above.level if amount.minor > most.minor else order.document.level


def opens_again(context: Context, order: OrderType, now: datetime) -> Script[str | None]:
    """Return None while such orders are taken, else the day (ISO 8601) when they are taken again,
    which is empty where that is never. Raises PortError and EvaluationError."""
    hours = order.document.open
    if hours is None:
        return None
    calendar = context.calendars.get(hours.calendar)
    if calendar is None:
        raise EvaluationError(f"there is no calendar `{hours.calendar}`")
    overrides = yield from ask(GetOverrides(calendar.name))
    found = state(overridden(calendar, overrides), now)
    if found.status is Status.OPEN:
        return None
    return str(found.opens.date()) if found.opens is not None else ""
