"""The form algorithm: in order, nothing twice, and nothing that stands on what was taken back."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ivr.centre.orders.form import TERMS, cleared, flat, next_slot
from ivr.model.orders import OrderType
from ivr.model.values import Money
from tests.centre.orders.kit import form, order_type

_IDS = ("a", "b")
_SLOT = """\
  {name}:
    option: {{1: {{id: a, item: a}}, 2: {{id: b, item: b}}}}
    prompt: which
    name: the-{name}
{when}"""


class Filling(RuleBasedStateMachine):
    """A caller who fills slots and takes back any of them, at any time, in any order."""

    order: OrderType
    needs: dict[str, tuple[str, str]]

    @initialize(data=st.data())
    def made(self, data: st.DataObject) -> None:
        """Make an order type in which a slot may ask what an earlier one holds."""
        self.needs, slots = {}, ""
        for number in range(data.draw(st.integers(1, 6))):
            name, when = f"s{number}", ""
            if number and data.draw(st.booleans()):
                other = f"s{data.draw(st.integers(0, number - 1))}"
                wanted = data.draw(st.sampled_from(_IDS))
                self.needs[name] = (other, wanted)
                when = f"    when: \"{{{{ known({other}.id) and {other}.id == '{wanted}' }}}}\"\n"
            slots += _SLOT.format(name=name, when=when)
        self.order = order_type(
            f"order: any\nslots:\n{slots}case: {{kind: a, owner: b}}\nread_back: [x]\n"
        )
        self.form: dict[str, Any] = {}

    def holds(self, name: str) -> bool:
        """Whether a slot is to be asked for, said without expressions."""
        other, wanted = self.needs.get(name, ("", ""))
        return not other or self.form.get(other) == {"id": wanted}

    @rule(data=st.data())
    def fill(self, data: st.DataObject) -> None:
        name = next_slot(self.order, self.form, self.form)
        missing = [one for one in self.order.slots if one not in self.form and self.holds(one)]
        assert name == (missing[0] if missing else None)
        if name is not None:
            self.form[name] = {"id": data.draw(st.sampled_from(_IDS))}

    @precondition(lambda self: self.form)
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.form)))
        changes = cleared(self.order, name)
        assert {name, TERMS} <= changes.keys()
        assert set(changes.values()) == {None}
        for gone in changes:
            self.form.pop(gone, None)

    @invariant()
    def nothing_stands_on_what_was_taken_back(self) -> None:
        assert all(self.holds(name) for name in getattr(self, "form", {}))


Filling.TestCase.settings = settings(max_examples=20, stateful_step_count=15)
TestFilling = Filling.TestCase


def test_what_a_slot_speaks_or_is_bounded_by_makes_it_depend_as_well() -> None:
    text = """\
order: any
slots:
  one: {number: {least: 1, most: 9}, prompt: a, name: a}
  two: {number: {least: 1, most: "{{ one }}"}, prompt: a, name: a}
  three: {number: {least: 1, most: 9}, prompt: [a, {number: "{{ two }}"}], name: a}
  four: {number: {least: 1, most: 9}, prompt: a, name: a}
case: {kind: a, owner: b}
read_back: [x]
"""
    order = order_type(text)
    assert cleared(order, "one").keys() == {"one", "two", "three", TERMS}
    assert cleared(order, "three").keys() == {"three", TERMS}


def test_the_slots_of_an_order_are_kept_flat() -> None:
    found = flat(form(amount=1250), order_type())
    assert found["payee.account"] == "6222"
    assert found["amount"] == Money(1250)
    assert not any(name.partition(".")[0] in ("order", "visit", "terms") for name in found)
