"""The order type as it was loaded."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import msgspec

from ivr.model.expressions import Expression
from ivr.model.orders.document import EVERY, OrderDocument, Part
from ivr.model.orders.slot import Slot
from ivr.model.place import Place
from ivr.model.speech import Speech


class OrderType(msgspec.Struct, frozen=True):
    """An order type: what its file says, and its slots by name, in the order they are asked for.

    `places` are those of its keys and texts, as in a flow's Node.
    """

    name: str
    document: OrderDocument
    slots: Mapping[str, Slot]
    place: Place
    places: Mapping[str, Place] = {}

    def __hash__(self) -> int:
        return hash((self.name, self.place))

    @property
    def pin(self) -> bool:
        """Whether it is authorised by a PIN."""
        return self.document.level > 1 or self.document.posting is not None

    def parts(self, language: str) -> tuple[Part, ...]:
        """Return the read-back in a language; none at all where it is not written in that one."""
        written = self.document.read_back
        return written.get(language, written.get(EVERY, ()))

    def speeches(self) -> Iterator[Speech]:
        """Yield all that its file has callers hear."""
        document = self.document
        for slot in self.slots.values():
            yield slot.name
            yield from slot.speeches()
        for parts in document.read_back.values():
            yield from (part.say for part in parts)
        yield from (limit.say for limit in document.limits)
        yield from document.refusals.values()
        hours = document.open
        yield from (
            one for one in (document.done, hours and hours.say, hours and hours.next_day) if one
        )

    def expressions(self) -> Iterator[Expression]:
        """Yield the expressions outside its speeches."""
        yield from (expression for expression, _ in self.wants())
        yield from self.arguments().values()

    def wants(self) -> Iterator[tuple[Expression, Collection[str]]]:
        """Yield its expressions of which not every type will do, with the types that do."""
        document = self.document
        for slot in self.slots.values():
            yield from slot.wants()
        for parts in document.read_back.values():
            yield from ((part.when, ("truth",)) for part in parts if part.when is not None)
        for limit in document.limits:
            yield limit.most, ("money",)
            if limit.when is not None:
                yield limit.when, ("truth",)
        if document.level_above is not None:
            yield document.level_above.amount, ("money",)
        if document.amount is not None:
            yield document.amount, ("money",)

    def arguments(self) -> Mapping[str, Expression]:
        """Return the expressions that give what is posted, by the operation's name for it."""
        given = self.document.posting.with_ if self.document.posting is not None else {}
        return {name: one for name, one in given.items() if isinstance(one, Expression)}

    def place_of(self, *names: str) -> Place:
        """Return the place of the first key or `=text` that its file has, else its own."""
        return next((self.places[name] for name in names if name in self.places), self.place)
