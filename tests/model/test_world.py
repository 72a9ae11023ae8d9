"""Classes of answers: one for whatever nobody can tell apart, by the answer's type."""

from __future__ import annotations

import enum
from typing import Any

import msgspec
import pytest

from ivr.model.secret import Secret
from ivr.model.values import Money
from ivr.model.world import EXAMPLE_MONEY, Known, World, classes
from ivr.ports.bank import GetBalance, GetProducts
from ivr.ports.identity import Identify, VerifyPin


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Car(msgspec.Struct, frozen=True):
    colour: Colour
    kind: str
    seats: int | None


WORLD = World(
    heard_ms=lambda items, language: 0,
    texts={"kind": ("van",)},
    numbers=(4,),
    amounts=(Money(500),),
)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Colour, [Colour.RED, Colour.BLUE]),
        (bool, [False, True]),
        (int | None, [1, 3, 4, 5, None]),
        (Money, [EXAMPLE_MONEY, Money(499), Money(500), Money(501)]),
        (tuple[bool, ...], [(), (False,), (True,), (False, True)]),
        (
            Car,
            [
                Car(Colour.RED, "1", 1),
                Car(Colour.BLUE, "1", 1),
                Car(Colour.RED, "van", 1),
                *(Car(Colour.RED, "1", seats) for seats in (3, 4, 5, None)),
            ],
        ),
    ],
)
def test_an_answer_of_each_class(kind: Any, expected: list[Any]) -> None:
    assert list(classes(kind, WORLD)) == expected


def test_what_is_known_fits_with_anything_where_it_says_nothing() -> None:
    right, wrong = VerifyPin("62", Secret("1234"), ""), VerifyPin("", Secret(""), "")
    known = (Known(right, "right"), Known(wrong, "wrong"))
    world = msgspec.structs.replace(WORLD, known=known)

    def answer(account: str, pin: str) -> Any:
        return next(world.answers_to(VerifyPin(account, Secret(pin), "138"))).answer

    assert (answer("62", "1234"), answer("62", "4321")) == ("right", "wrong")
    assert world.knows(right)
    assert not world.knows(GetBalance("62"))


def test_whose_answer_it_is_may_depend_on_the_calling_number() -> None:
    known = (Known(Identify(""), "Wang", "138"), Known(Identify(""), None))
    world = msgspec.structs.replace(WORLD, known=known)
    assert [(one.answer, one.ani) for one in world.answers_to(Identify("139"))] == [
        ("Wang", "138"),
        (None, None),
    ]


def test_what_is_known_may_be_worked_out_from_what_is_asked() -> None:
    known = Known(GetBalance(""), lambda asked: Money(len(asked.account)))
    (found,) = msgspec.structs.replace(WORLD, known=(known,)).answers_to(GetBalance("12345"))
    assert found.answer == Money(5)


def test_products_are_told_apart_by_what_flows_compare_them_with() -> None:
    world = msgspec.structs.replace(WORLD, texts={"kind": ("van",), "products": ("fund",)})
    told = [one.value for one in GetProducts("1").answers(world) if one.error is None]
    assert told == [(), ("1",), ("fund",), ("1", "fund")]
