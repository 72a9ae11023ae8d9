"""The form that an agent fills in for a caller: what it shows, and when it may be handed off."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, cast

import pytest

from ivr.adapters.notify.embedded import TEXTS
from ivr.adapters.notify.texts import Texts
from ivr.adapters.prompts.catalogue import Catalogue
from ivr.app.dictation import Dictating
from ivr.app.flows import Published
from ivr.model.errors import PortError
from ivr.model.flow import FlowSet
from ivr.model.session import Frame, Session
from ivr.model.values import Money
from ivr.ports.dictation import DictationForm
from ivr.ports.posting import Item
from tests.steps.kit import FILES

NOW = datetime(2026, 11, 23, 10, tzinfo=timezone(timedelta(hours=8)))


class Clock:
    def now(self) -> datetime:
        return NOW


class Bank:
    """The accounts and payees of C1001, and of nobody else."""

    def __init__(self, payees: int = 1) -> None:
        self.payees = payees

    async def items(self, source: str, customer: str, now: datetime) -> tuple[Item, ...]:
        if customer != "C1001":
            return ()
        if source == "accounts":
            fields: dict[str, Any] = {"kind": "current", "tail": "0001", "balance": Money(1000)}
            return (Item("a1", fields),)
        return tuple(
            Item(
                f"p{number}",
                {
                    "name": "李强",
                    "account": f"62220{number:03}",
                    "tail": "1002",
                    "own": False,
                    "hours": 900,
                },
            )
            for number in range(self.payees)
        )


class Flows:
    """What is published, as far as forms read it."""

    current = FlowSet("v", {}, orders=FILES.orders)

    async def version(self, version: str) -> FlowSet:
        return self.current


class Sessions:
    def __init__(self, auth: int) -> None:
        self.auth = auth

    async def load(self, call_id: str) -> Session | None:
        if call_id != "c1":
            return None
        facts: dict[str, Any] = {"customer": {"number": "C1001"}}
        frames = (Frame("main", "agent"),)
        return Session("c1", "v", "95500", "", "zh", NOW, frames, auth=self.auth, facts=facts)


class Prompts:
    def texts(self, language: str) -> dict[str, str]:
        return {
            "account-ending": "account ending",
            "payee-new": "Somebody new.",
            "slot-amount": "Amount,",
        }


def _dictating(auth: int = 1, payees: int = 1) -> Dictating:
    ports = {"bank": Bank(payees), "clock": Clock()}
    return Dictating(
        cast(Published, Flows()),
        cast(Any, Sessions(auth)),
        ports,
        lambda: cast(Catalogue, Prompts()),
        Texts.read(TEXTS),
    )


async def _form(
    order: str = "transfer", *, auth: int = 1, payees: int = 1, **written: Any
) -> DictationForm:
    return await _dictating(auth, payees).form("c1", order, "en", written)


async def test_an_empty_form_lacks_everything_and_offers_the_callers_own() -> None:
    form = await _form()
    assert (form.title, form.complete) == ("transfer", False)
    assert [(one.name, one.kind, one.problem) for one in form.fields] == [
        ("source", "choose", "missing"),
        ("payee", "choose", "missing"),
        ("amount", "money", "missing"),
    ]
    source, payee, amount = form.fields
    assert [(one.id, one.text) for one in source.choices] == [("a1", "account ending 0001")]
    assert [one.id for one in payee.choices] == ["p0", "new"]
    assert payee.choices[1].text == "Somebody new"
    assert amount.label == "Amount"


async def test_a_form_is_complete_when_all_that_is_asked_for_is_possible() -> None:
    assert (await _form(source="a1", payee="p0", amount="12.50")).complete


async def test_what_is_asked_for_in_some_cases_comes_and_goes() -> None:
    form = await _form(source="a1", payee="new", amount="12.50")
    assert [one.name for one in form.fields if one.problem] == ["target"]
    assert (await _form(source="a1", payee="new", target="62220210", amount="12.50")).complete


@pytest.mark.parametrize(
    ("name", "text"), [("source", "a2"), ("payee", "p7"), ("amount", "0.00"), ("amount", "12.505")]
)
async def test_what_is_not_possible_is_said_of_its_field(name: str, text: str) -> None:
    written: dict[str, Any] = {"source": "a1", "payee": "p0", "amount": "12.50", name: text}
    form = await _form(**written)
    assert [(one.name, one.value) for one in form.fields if one.problem == "invalid"] == [
        (name, text)
    ]
    assert not form.complete


async def test_a_long_list_is_offered_whole() -> None:
    form = await _form(source="a1", payee="p19", amount="1.00", payees=20)
    assert len(form.fields[1].choices) == 21
    assert form.complete


async def test_of_a_caller_who_is_nobody_nothing_is_offered() -> None:
    form = await _form(auth=0)
    assert [(one.problem, one.choices) for one in form.fields[:2]] == [("later", ()), ("later", ())]


async def test_days_and_choices_that_are_always_the_same() -> None:
    form = await _form("visit", about="loan", people="2", day="2026-12-01")
    assert form.complete
    assert [one.id for one in form.fields[0].choices] == ["loan", "fund"]
    assert not (await _form("visit", about="loan", people="2", day="2026-11-23")).complete


async def test_order_types_have_names() -> None:
    types = await _dictating().types("zh")
    assert {one.id: one.text for one in types}["transfer"] == "转账"


async def test_what_is_not_there_is_an_error() -> None:
    with pytest.raises(PortError, match="no such call"):
        await _dictating().form("c2", "transfer", "en", {})
    with pytest.raises(PortError, match="no order type 'gift'"):
        await _dictating().form("c1", "gift", "en", {})
