"""What a proof takes for possible when the bank is asked."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.model.values import Money, type_of
from ivr.model.world import Answer, Known, World
from ivr.ports.posting import OPERATIONS, GetItems, GetTerms, Item, Reason, Terms

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
TERMS = GetTerms("remit", "C1", {"amount": Money(5)}, NOW)
ITEMS = GetItems("banks", "C1", NOW)


def world(*known: Known) -> World:
    return World(heard_ms=lambda items, language: 0, known=known)


def sure(answers: list[Answer]) -> list[object]:
    return [one.value for one in answers if one.sure and one.error is None]


def test_any_terms_are_possible_where_nothing_is_known() -> None:
    answers = list(TERMS.answers(world()))
    assert sure(answers) == []
    said = [one.value for one in answers if one.error is None]
    assert [one.reason for one in said] == list(Reason)
    tells = {name: type_of(value) for name, value in said[0].facts.items()}
    assert tells == OPERATIONS["remit"].tells
    assert sum(one.error is not None for one in answers) == 2


def test_terms_that_are_known_come_first_and_the_rest_stays_possible() -> None:
    funds = Terms(Reason.FUNDS)
    answers = list(TERMS.answers(world(Known(TERMS, funds))))
    assert sure(answers) == [funds]
    reasons = [one.value.reason for one in answers if one.error is None]
    assert sorted(reasons) == sorted(Reason)
    done = Terms(fee=Money(2), facts={"arrives": "2026-11-23"})
    answers = list(TERMS.answers(world(Known(TERMS, done))))
    assert sure(answers) == [done]
    assert len([one for one in answers if one.error is None]) == len(Reason)


def test_items_that_are_known_come_first_and_none_is_possible() -> None:
    banks = (Item("102", {"name": "x"}), Item("103", {"name": "y"}))
    answers = list(ITEMS.answers(world(Known(ITEMS, banks))))
    assert [(one.value, one.sure) for one in answers if one.error is None] == [
        (banks, True),
        ((), False),
    ]
    nothing = list(ITEMS.answers(world(Known(ITEMS, ()))))
    assert [(len(one.value), one.sure) for one in nothing if one.error is None] == [
        (0, True),
        (1, False),
    ]
