"""The slot `option`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field

from ivr.centre.orders.asking import KEYS, Offered, pick
from ivr.model.commands import Script
from ivr.model.orders import Shown, Slot
from ivr.model.orders.slot import Filled
from ivr.model.problem import BadValue
from ivr.model.properties import InputRules
from ivr.model.speech import Speech
from ivr.model.step import Context
from ivr.model.values import type_of


def _by_keys(value: Any) -> Any:
    """Make texts of the keys: YAML reads an unquoted 1 as a number."""
    return {str(key): shown for key, shown in value.items()} if isinstance(value, dict) else value


def _in_order(options: dict[str, Shown]) -> dict[str, Shown]:
    if tuple(options) != KEYS[: len(options)] or not options:
        raise BadValue("the keys of options are 1, 2, 3 … 8, in order", "1: {id: …, item: …}")
    ids = [shown.id for shown in options.values()]
    if len(set(ids)) < len(ids) or len(set(map(type_of, ids))) > 1:
        raise BadValue("options need ids of one type, each its own", "id: …")
    return options


class OptionSlot(Slot):
    """One of a few choices that are always the same. Its value is a group with the `id` of the choice."""

    kind: ClassVar[str] = "option"

    option: Annotated[dict[str, Shown], BeforeValidator(_by_keys), AfterValidator(_in_order)] = (
        Field(
            description="The keys 1 to 8, in order → the choices.",
            examples=[{1: {"id": "flight", "item": "travel-flight"}}],
        )
    )

    def fields(self) -> Mapping[str, str]:
        return {"id": type_of(next(iter(self.option.values())).id)}

    def ask(self, context: Context, rules: InputRules) -> Script[Filled]:
        offered = [
            Offered({"id": shown.id}, context.audible(shown.item)) for shown in self.option.values()
        ]
        return (yield from pick(context, rules, self.prompt, offered, self.invalid))

    def speeches(self) -> Iterator[Speech]:
        yield from super().speeches()
        yield from (shown.item for shown in self.option.values())
