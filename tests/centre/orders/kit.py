"""Order types for tests: from YAML, as authors write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ivr.adapters.flowfile import try_load_files
from ivr.model.orders import OrderType
from ivr.model.values import Money

GIFT = """\
order: gift
slots:
  source:
    choose: accounts
    prompt: from
    item: [{digits: "{{ item.tail }}"}]
    name: the-account
  payee:
    choose: payees
    prompt: to
    item: [{digits: "{{ item.tail }}"}]
    name: the-payee
  amount: {money: {least: "1.00", most: "100000.00"}, prompt: how-much, name: the-amount}
limits:
  - {most: "5000.00", when: "{{ payee.hours < 24 }}", say: too-much-yet}
  - {most: "50000.00", say: too-much}
  - {most: "80000.00", per: day, say: too-much-today}
  - {most: "20000.00", per: day, when: "{{ payee.hours < 24 }}", say: too-much-today-yet}
level_above: {amount: "10000.00", level: 3}
posting:
  operation: transfer
  with: {from: "{{ source.id }}", to: "{{ payee.account }}", amount: "{{ amount }}"}
amount: "{{ amount }}"
read_back:
  zh: [from, {digits: "{{ source.tail }}"}, to, {digits: "{{ payee.tail }}"}, {money: "{{ amount }}"}, {when: "{{ terms.fee > money('0') }}", say: [fee, {money: "{{ terms.fee }}"}]}]
  en: [{money: "{{ amount }}"}, from, {digits: "{{ source.tail }}"}, to, {digits: "{{ payee.tail }}"}, fee, {money: "{{ terms.fee }}"}]
"""


def order_type(text: str = GIFT) -> OrderType:
    """Return the order type of a file."""
    name = text.split(maxsplit=2)[1]
    loaded = try_load_files({f"{name}.yaml": text, "main.yaml": _FLOW})
    assert loaded.flow_set is not None, loaded.problems
    return loaded.flow_set.orders[name]


_FLOW = "flow: main\nlanguages: [zh, en]\nstart: end\nsteps:\n  end: {hangup: done}\n"


def form(
    *,
    source: Mapping[str, Any] | None = None,
    payee: Mapping[str, Any] | None = None,
    amount: int = 100,
    fee: int = 0,
    ident: str = "o1",
) -> dict[str, Any]:
    """Return a form of GIFT that is filled."""
    return {
        "order": {"id": ident, "day": ""},
        "visit": {"stage": "", "rounds": 0, "pins": 0},
        "source": {
            "id": "a1",
            "kind": "current",
            "tail": "0001",
            "balance": Money(9),
            **(source or {}),
        },
        "payee": {
            "id": "P1",
            "account": "6222",
            "name": "李强",
            "tail": "1002",
            "own": False,
            "hours": 900,
            **(payee or {}),
        },
        "amount": Money(amount),
        "terms": {"fee": Money(fee)},
    }
