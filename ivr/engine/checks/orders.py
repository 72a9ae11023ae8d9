"""Checks of order types: what a caller signs is what is heard, and what the bank is given."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from ivr.centre.orders.form import ORDER, TERMS, groups, groups_read
from ivr.centre.orders.names import fields, kept
from ivr.centre.orders.slots.choose import ChooseSlot
from ivr.engine.checks.subflows import raised
from ivr.engine.checks.variables import SECRET_WORDS
from ivr.engine.checks.world import Check, World, each_node
from ivr.model.codes import Code
from ivr.model.expressions import Expression, called
from ivr.model.flow import AUTHENTICATE, Flow, Node
from ivr.model.orders import OrderType, Part
from ivr.model.orders.document import EVERY
from ivr.model.problem import Problem, Severity
from ivr.model.values import Money, type_of
from ivr.ports.posting import OPERATIONS

MONEY_LEVEL = 2
"""No money moves for a caller who has not shown a PIN."""


def each_order(check: Callable[[World, OrderType], Iterator[Problem]]) -> Check:
    """Make a check of a function over one order type."""

    def run(world: World) -> Iterator[Problem]:
        for order in world.flow_set.orders.values():
            yield from check(world, order)

    return run


@each_node
def orders_exist(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR328: a step takes orders of a type that is not there."""
    known = world.flow_set.orders
    for name in node.step.orders():
        if name not in known and name not in world.broken:
            hint = world.closest(name, known) or f"write orders/{name}.yaml"
            message = f"there is no order type `{name}`"
            yield Problem(Code.UNKNOWN_ORDER, node.place_of(f"={name}"), message, hint)


@each_order
def orders_are_taken(world: World, order: OrderType) -> Iterator[Problem]:
    """IVR403: no step takes orders of this type."""
    if world.whole() and not any(order.name in node.step.orders() for _, node in world.nodes()):
        message, hint = f"no step takes orders of type `{order.name}`", f"write order: {order.name}"
        yield Problem(Code.UNUSED_FLOW, order.place, message, hint, Severity.WARNING)


@each_order
def posting_is_complete(world: World, order: OrderType) -> Iterator[Problem]:
    """IVR329: the bank has no such operation, or is not given what it takes."""
    posting = order.document.posting
    if posting is None:
        return
    operation = OPERATIONS.get(posting.operation)
    if operation is None:
        message = f"the bank has no operation `{posting.operation}`"
        hint = world.closest(posting.operation, OPERATIONS)
        place = order.place_of("posting.operation")
        yield Problem(Code.WRONG_POSTING, place, message, hint)
        return
    for name in posting.with_.keys() - operation.takes.keys():
        message = f"`{posting.operation}` takes no `{name}`"
        place = order.place_of(f"posting.with.{name}")
        yield Problem(Code.WRONG_POSTING, place, message, world.closest(name, operation.takes))
    for name, kind in operation.takes.items():
        yield from _given(order, posting.operation, name, kind)


def _given(order: OrderType, operation: str, name: str, kind: str) -> Iterator[Problem]:
    given = order.document.posting.with_ if order.document.posting is not None else {}
    if name not in given:
        message = f"`{operation}` is not given `{name}`"
        hint = f'write {name}: "{{{{ … }}}}", {called({kind})}'
        yield Problem(Code.WRONG_POSTING, order.place_of("posting.with"), message, hint)
        return
    value = given[name]
    known = {one: frozenset({of}) for one, of in kept(order).items() if of != "any"}
    if isinstance(value, Expression):
        types = value.infer(known).types
    else:
        types = frozenset({type_of(value)})
    if types and kind not in types:
        message = f"`{name}` of `{operation}` is {called({kind})}, and this is {called(types)}"
        place = order.place_of(f"posting.with.{name}")
        yield Problem(Code.WRONG_POSTING, place, message, f"give it {called({kind})}")


@each_order
def all_is_read_back(world: World, order: OrderType) -> Iterator[Problem]:
    """IVR330: a slot, the amount or the fee is not heard in a read-back."""
    for language, parts in order.document.read_back.items():
        place = order.place_of(f"read_back.{language}", "read_back")
        heard = _heard(parts)
        said, asked = groups(heard), groups(one.when for one in parts if one.when)
        missing = {
            f"the slot `{name}`": _example(order, name)
            for name, slot in order.slots.items()
            if name not in said and not (slot.decides and name in asked)
        }
        if order.document.posting is not None and not _reads(heard, f"{TERMS}.fee"):
            missing["the fee"] = '{money: "{{ terms.fee }}"}'
        amount = order.document.amount
        if amount is not None and not any(_reads(heard, name) for name in amount.names):
            missing["the amount"] = f'{{money: "{amount.source}"}}'
        for what, item in missing.items():
            message = f"{what} is not read back{f' in {language}' if language != EVERY else ''}"
            yield Problem(Code.NOT_READ_BACK, place, message, f"say it: {item}")


def _heard(parts: Collection[Part]) -> list[Expression]:
    return [expression for part in parts for expression in part.say.expressions()]


def _reads(expressions: Collection[Expression], name: str) -> bool:
    return any(name in expression.names for expression in expressions)


def _example(order: OrderType, name: str) -> str:
    types = order.slots[name].fields()
    if "" in types:
        return f'{{{"money" if types[""] == "money" else "digits"}: "{{{{ {name} }}}}"}}'
    field = "tail" if "tail" in types else "id"
    return f'{{digits: "{{{{ {name}.{field} }}}}"}}'


@each_order
def slots_are_known(world: World, order: OrderType) -> Iterator[Problem]:
    """IVR331: a slot that is not there is opened again, or a slot reads one that is asked for later."""
    named = {f"reopens.{reason}": slot for reason, slot in order.document.reopens.items()}
    for limit in order.document.limits:
        if limit.reopen is not None:
            named[f"limits.{limit.reopen}"] = limit.reopen
    for where, slot in named.items():
        if slot not in order.slots:
            place = order.place_of(f"={slot}", where)
            message = f"there is no slot `{slot}`"
            yield Problem(Code.UNKNOWN_SLOT, place, message, world.closest(slot, order.slots))
    later = {*order.slots, TERMS, ORDER}
    for name, slot_ in order.slots.items():
        for read in sorted(groups_read(slot_) & later):
            message = f"`{name}` reads `{read}`, which is known only after it"
            hint = (
                f"ask for `{read}` before it" if read in order.slots else "read it in the read-back"
            )
            yield Problem(Code.UNKNOWN_SLOT, order.place_of(f"slots.{name}"), message, hint)
        later.discard(name)


@each_order
def items_are_told(world: World, order: OrderType) -> Iterator[Problem]:
    """IVR309: what is offered is described by something that the bank does not tell of it."""
    for name, slot in order.slots.items():
        if not isinstance(slot, ChooseSlot):
            continue
        told = fields("item", slot.fields())
        where = [slot.where] if slot.where is not None else []
        for expression in (*slot.item.expressions(), *where):
            for read in sorted(expression.names):
                if read.startswith("item.") and read not in told:
                    message = f"the bank tells no `{read}` of `{slot.choose}`"
                    place = order.place_of(f"={expression.source}", f"slots.{name}")
                    yield Problem(Code.UNSET_VARIABLE, place, message, world.closest(read, told))


@each_order
def levels_are_enough(world: World, order: OrderType) -> Iterator[Problem]:
    """IVR332: money would move, or the bank tell of it, below the level that this needs."""
    level, why = order.document.level, ""
    if order.document.posting is not None and level < MONEY_LEVEL:
        why = "an order that moves money"
    elif needy := [name for name, slot in order.slots.items() if slot.level > level]:
        why = f"`{needy[0]}`"
    if why:
        message = f"{why} needs level {MONEY_LEVEL}"
        yield Problem(
            Code.LOW_LEVEL, order.place_of("level"), message, f"write level: {MONEY_LEVEL}"
        )


@each_order
def higher_levels_are_reached(world: World, order: OrderType) -> Iterator[Problem]:
    """IVR317: a level above which no caller is raised is wanted from some amount on."""
    above, guard = order.document.level_above, world.flows.get(AUTHENTICATE)
    if above is None or guard is None or not world.whole():
        return
    highest = raised(world, guard)
    if highest < above.level:
        message = f"the flow `{AUTHENTICATE}` raises no caller to level {above.level}"
        hint = f"the highest it raises a caller to is {highest}"
        yield Problem(Code.NO_AUTHENTICATION, order.place_of("level_above.level"), message, hint)


@each_order
def limits_can_be_kept(world: World, order: OrderType) -> Iterator[Problem]:
    """IVR333: every amount that can be keyed is above a limit."""
    amount = order.document.amount
    slot = order.slots.get(next(iter(amount.names), "")) if amount is not None else None
    bounds = (
        [bound for bound, types in slot.wants() if "money" in types] if slot is not None else []
    )
    least = _written(bounds[0]) if bounds else None
    for limit in order.document.limits:
        most = _written(limit.most)
        if least is not None and most is not None and most.minor < least.minor:
            message = f"no order is at most {most}: the least that can be keyed is {least}"
            place = order.place_of("limits")
            yield Problem(Code.IDLE_LIMIT, place, message, "raise the limit, or lower the least")


def _written(field: Expression) -> Money | None:
    """Return an amount that is written out."""
    if field.names:
        return None
    value = field.evaluate({})
    return value if isinstance(value, Money) else None


@each_order
def nothing_is_secret(world: World, order: OrderType) -> Iterator[Problem]:
    """IVR327: a slot is a secret by its name; an order is kept for years, with all its slots."""
    for name in order.slots:
        if not SECRET_WORDS.isdisjoint(name.split("_")):
            message = f"`{name}` looks like a secret, and orders are kept with all their slots"
            hint = "leave it out; the PIN is asked for after the read-back by itself"
            yield Problem(Code.OPEN_SECRET, order.place_of(f"slots.{name}"), message, hint)


@each_node
def read_back_in_every_language(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR319: a flow speaks a language in which an order type of it is not read back."""
    if "languages" in flow.unread:
        return
    for name in node.step.orders():
        order = world.flow_set.orders.get(name)
        for language in flow.languages if order is not None else ():
            if order is not None and not order.parts(language):
                message = f"`{name}` is not read back in {language}, which `{flow.name}` speaks"
                hint = f"write read_back: {{{language}: […]}}"
                yield Problem(Code.WRONG_LANGUAGE, order.place_of("read_back"), message, hint)


CHECKS: tuple[Check, ...] = (
    orders_exist,
    orders_are_taken,
    posting_is_complete,
    all_is_read_back,
    slots_are_known,
    items_are_told,
    levels_are_enough,
    higher_levels_are_reached,
    limits_can_be_kept,
    nothing_is_secret,
    read_back_in_every_language,
)
