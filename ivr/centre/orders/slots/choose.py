"""The slot `choose`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from ivr.centre.customers import customer_number
from ivr.centre.orders.asking import Offered, pick
from ivr.centre.orders.form import ITEM, scope_with
from ivr.model.commands import Script, ask
from ivr.model.errors import EvaluationError
from ivr.model.expressions import Expression
from ivr.model.hints import closest
from ivr.model.orders import Shown, Slot
from ivr.model.orders.slot import Filled
from ivr.model.problem import BadValue
from ivr.model.properties import InputRules
from ivr.model.speech import Speech
from ivr.model.step import Context
from ivr.model.values import Money, Scalar
from ivr.ports.channel import Play
from ivr.ports.clock import Now
from ivr.ports.posting import SOURCES, GetItems, Item

_ABSENT: Mapping[str, Scalar] = {"text": "", "number": 0, "truth": False, "money": Money(0)}


def _source(name: str) -> str:
    if name not in SOURCES:
        raise BadValue(f"the bank offers no `{name[:64]}`", closest(name, SOURCES))
    return name


class ChooseSlot(Slot):
    """One of the customer's things, as the bank knows them: an account, a payee, a fund.

    Its value is a group: `id`, and what the bank tells of such a thing. Eight are offered at a time; 9
    leads to the next ones. A single one is taken without asking.
    """

    kind: ClassVar[str] = "choose"
    level: ClassVar[int] = 2

    choose: Annotated[str, AfterValidator(_source)] = Field(
        description=f"Of what: {', '.join(SOURCES)}.", examples=["accounts"]
    )
    item: Speech = Field(
        description="How each is offered; the key is added. Reads `item.…`.",
        examples=[["account-ending", {"digits": "{{ item.tail }}"}]],
    )
    where: Expression | None = Field(
        None,
        description="Only such are offered.",
        examples=["{{ item.balance > money('0') }}"],
    )
    other: Shown | None = Field(
        None,
        description="One more, the last. In its value all but the id is empty: texts, 0, false, 0.00.",
        examples=[{"id": "new", "item": "payee-new"}],
    )
    only: bool = Field(True, description="Whether a single one is taken without asking (true).")
    empty: Speech = Field(
        default=Speech(("order-nothing",)),
        description="Said where there is none; the order then ends with `failed`.",
    )

    def fields(self) -> Mapping[str, str]:
        return {"id": "text", **SOURCES[self.choose]}

    def ask(self, context: Context, rules: InputRules) -> Script[Filled]:
        customer = customer_number(context.session)
        if customer is None:
            raise EvaluationError("nobody is identified whose things could be chosen from")
        now = yield from ask(Now())
        items = yield from ask(GetItems(self.choose, customer, now))
        offered = self._offered(context, items)
        if not offered:
            yield from ask(Play(context.audible(self.empty)))
            return Filled(ended="failed")
        if len(offered) == 1 and self.only and self.other is None:
            return Filled(offered[0].value)
        return (yield from pick(context, rules, self.prompt, offered, self.invalid))

    def _offered(self, context: Context, items: tuple[Item, ...]) -> list[Offered]:
        found = []
        for item in items:
            value: dict[str, Scalar] = {"id": item.id, **item.fields}
            scope = scope_with(context, {ITEM: value})
            if self.where is None or self.where.evaluate(scope) is True:
                found.append(Offered(value, self.item.audible(scope)))
        if self.other is not None:
            empty = {name: _ABSENT[kind] for name, kind in SOURCES[self.choose].items()}
            value = {"id": self.other.id, **empty}
            found.append(Offered(value, context.audible(self.other.item)))
        return found

    def speeches(self) -> Iterator[Speech]:
        yield from super().speeches()
        yield from (self.item, self.empty)
        if self.other is not None:
            yield self.other.item

    def wants(self) -> Iterator[tuple[Expression, Collection[str]]]:
        yield from super().wants()
        if self.where is not None:
            yield self.where, ("truth",)
