"""Order types: read with the flows, part of their version, and bound to the steps that take them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.adapters.flowfile import load, load_files, try_load_files
from ivr.model.expressions import Expression

GIFT = """\
order: gift
level: 3
slots:
  source:
    choose: accounts
    prompt: from
    item: [{digits: "{{ item.tail }}"}]
    name: the-account
  amount: {money: {least: "1.00", most: "9.00"}, prompt: how-much, name: the-amount}
posting:
  operation: transfer
  with: {from: "{{ source.id }}", to: "6222", amount: "{{ amount }}"}
read_back: [{digits: "{{ source.tail }}"}, {money: "{{ amount }}"}, {money: "{{ terms.fee }}"}]
"""
MAIN = """\
flow: main
languages: [zh]
start: give
steps:
  give:
    order: gift
    requires: {auth: 2}
    on: {posted: end, rejected: end, unknown: end, cancelled: end, failed: end, no_input: end, unavailable: end, locked: end, refused: end}
  end: {hangup: done}
"""
FILES = {"main.yaml": MAIN, "orders/gift.yaml": GIFT}


def found(gift: str) -> list[str]:
    """Return the problems as `file:line:column code`."""
    result = try_load_files({**FILES, "orders/gift.yaml": gift})
    return [f"{one.place} {one.code}" for one in result.problems]


def test_an_order_type_is_read_and_its_steps_know_it() -> None:
    flows = load_files(FILES)
    order = flows.orders["gift"]
    assert list(order.slots) == ["source", "amount"]
    assert order.document.amount is None
    give = flows.flows["main"].steps["give"]
    assert give.requires == 3
    assert Expression("{{ source.id }}") in list(give.step.expressions())
    assert "closed" not in give.step.exits()
    assert str(give.place_of("=how-much")) == "orders/gift.yaml:9:58"
    assert not give.partial


def test_what_the_flow_requires_stands_where_it_is_more() -> None:
    main = MAIN.replace("auth: 2", "auth: 3")
    flows = load_files(
        {"main.yaml": main, "orders/gift.yaml": GIFT.replace("level: 3", "level: 2")}
    )
    assert flows.flows["main"].steps["give"].requires == 3


def test_an_order_type_is_a_part_of_the_version(tmp_path: Path) -> None:
    (tmp_path / "orders").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    loaded = load(tmp_path)
    assert loaded.version == load_files(FILES).version
    assert loaded.version != load_files({**FILES, "orders/gift.yaml": GIFT + "# new\n"}).version
    again = load_files(loaded.files)
    assert again.orders.keys() == {"gift"}
    assert again.flows["main"].steps["give"].step.keeps()["amount"] == "money"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("order: gift", "order: gifts", "1:8 IVR202"),
        ("level: 3", "levle: 3", "2:1 IVR204"),
        ("level: 3", "level: 4", "2:8 IVR206"),
        ("  source:\n", "  Source:\n", "4:3 IVR206"),
        ("  source:\n", "  order:\n", "4:3 IVR320"),
        ("    choose: accounts\n", "", "4:3 IVR214"),
        ("choose: accounts", "choose: account", "5:13 IVR206"),
        ("    name: the-account\n", "", "5:5 IVR205"),
        ("    name: the-account\n", "    name: the-account\n    nmae: x\n", "9:5 IVR204"),
        ("{{ item.tail }}", "{{ item.tail) }}", "7:34 IVR207"),
        ('least: "1.00"', "least: 1.00", "9:27 IVR108"),
        ('least: "1.00"', 'least: "1,00"', "9:27 IVR206"),
        ("posting:\n", "postin:\n", "10:1 IVR204"),
        ("read_back: [", "read_back: [{when: x, say: y}, ", "13:20 IVR207"),
    ],
)
def test_a_mistake_is_told_where_it_stands(old: str, new: str, problem: str) -> None:
    assert GIFT.count(old) == 1
    assert f"orders/gift.yaml:{problem}" in found(GIFT.replace(old, new))


def test_a_likely_key_is_named() -> None:
    (problem,) = try_load_files(
        {**FILES, "orders/gift.yaml": GIFT.replace("    choose: accounts", "    chose: accounts")}
    ).problems
    assert problem.hint == "did you mean `choose`?"


def test_a_step_of_an_order_type_that_cannot_be_read_is_not_judged_by_it() -> None:
    result = try_load_files({**FILES, "orders/gift.yaml": GIFT.replace("level: 3", "level: 4")})
    assert result.flow_set is None
    assert result.broken == {"gift"}
    assert result.sound.flows["main"].steps["give"].partial


def test_a_file_is_one_thing() -> None:
    assert "orders/gift.yaml:1:1 IVR201" in found("flow: gift\n" + GIFT)
