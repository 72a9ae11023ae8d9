"""From the file of an order type to an OrderType, and from flows to flows that know theirs."""

from __future__ import annotations

from msgspec.structs import replace
from pydantic import ValidationError

from ivr.adapters.flowfile.complaints import problems
from ivr.adapters.flowfile.nodes import Entry, Table, index
from ivr.centre.orders.form import TAKEN
from ivr.centre.orders.slots import discover
from ivr.model.codes import Code
from ivr.model.expressions import RESERVED
from ivr.model.flow import FlowSet, Node, services
from ivr.model.hints import closest
from ivr.model.orders import OrderDocument, OrderType, Slot
from ivr.model.place import Place
from ivr.model.problem import Problem


def read_order(tree: Table) -> tuple[OrderType | None, list[Problem]]:
    """Return the order type of a file, and everything that is wrong with it; None if anything is."""
    reader = _OrderReader(tree)
    order = reader.read()
    return (None if reader.problems else order), reader.problems


class _OrderReader:
    def __init__(self, tree: Table) -> None:
        self.problems: list[Problem] = []
        self._tree = tree

    def read(self) -> OrderType | None:
        slots = self._slots()
        try:
            document = OrderDocument.model_validate(self._tree.plain())
        except ValidationError as error:
            self.problems += problems(error, self._tree, OrderDocument)
            return None
        return OrderType(
            name=document.order,
            document=document,
            slots=slots,
            place=self._tree.entries["order"].place,
            places=index(self._tree),
        )

    def _slots(self) -> dict[str, Slot]:
        entry = self._tree.entries.get("slots")
        if entry is None or not isinstance(entry.value, Table):
            return {}
        slots = {name: self._slot(name, slot) for name, slot in entry.value.entries.items()}
        return {name: slot for name, slot in slots.items() if slot is not None}

    def _slot(self, name: str, entry: Entry) -> Slot | None:
        if name in TAKEN or name in RESERVED:
            message = f"no slot can be called `{name}`: that is a word of expressions"
            hint = "give it another name, as `source` for from"
            self._note(Code.HIDDEN_GROUP, entry.place, message, hint)
        kind = self._kind(name, entry)
        if kind is None:
            return None
        try:
            return kind.model_validate(entry.value.plain())
        except ValidationError as error:
            self.problems += problems(error, entry.value, kind)
            return None

    def _kind(self, name: str, entry: Entry) -> type[Slot] | None:
        kinds = discover()
        keys = list(entry.value.entries) if isinstance(entry.value, Table) else []
        found = [key for key in keys if key in kinds]
        if len(found) == 1:
            return kinds[found[0]]
        message = f"`{name}` is {' and '.join(found)}" if found else f"`{name}` is of no kind"
        near = [closest(key, kinds) for key in keys if closest(key, kinds).startswith("did")]
        hint = near[0] if near and not found else f"give it one of {', '.join(kinds)}"
        self._note(Code.NOT_ONE_KIND, entry.place, message, hint)
        return None

    def _note(self, code: Code, place: Place, message: str, hint: str) -> None:
        self.problems.append(Problem(code, place, message, hint))


def bound(flow_set: FlowSet) -> FlowSet:
    """Return the set with every step of its flows bound to the other files, and at the auth level that
    it needs by itself."""
    flows = {
        name: replace(
            flow, steps={step: _bound(node, flow_set) for step, node in flow.steps.items()}
        )
        for name, flow in flow_set.flows.items()
    }
    return replace(flow_set, flows=flows, services=services(flows))


def _bound(node: Node, flow_set: FlowSet) -> Node:
    step = node.step.bound(flow_set)
    return replace(
        node,
        step=step,
        requires=max(node.requires, step.needs()),
        places={**step.places(), **node.places},
        partial=node.partial or not all(name in flow_set.orders for name in step.orders()),
    )
