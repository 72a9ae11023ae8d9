"""The fold of the floor's events."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ivr.app.floor import state as module
from ivr.app.floor.happenings import waiter
from ivr.app.floor.state import Departed, FloorState
from ivr.model.floor import Answered, Joined, Left
from ivr.ports.waiting import Leaving

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def talked(state: FloorState, call: str, agent: str, customer: str = "", ani: str = "") -> None:
    state.take(NOON, Joined(call, "loans", customer=customer, ani=ani))
    state.take(NOON, Answered(call, "loans", agent))
    state.take(NOON, Left(call, "loans", "served"))


def test_the_agent_who_knows_a_customer_is_the_one_who_has_last_talked_with_them() -> None:
    state = FloorState()
    talked(state, "a", "1001", customer="C1001", ani="1")
    talked(state, "b", "1002", customer="C1001", ani="2")
    talked(state, "c", "1003", ani="1")
    state.take(NOON, Joined("d", "loans", customer="C1001", ani="1", language="en"))
    state.take(NOON, Joined("e", "loans", ani="1"))
    state.take(NOON, Joined("f", "loans", facts={"last_agent": "1009"}))
    known = {call: waiter(state, call).facts["last_agent"] for call in "def"}
    assert known == {"d": "1002", "e": "1003", "f": "1009"}
    assert waiter(state, "d").facts["language"] == "en"


def test_it_is_known_when_and_how_a_caller_has_left_last() -> None:
    state, later = FloorState(), datetime(2026, 11, 23, 13, tzinfo=UTC)
    talked(state, "a", "1001")
    assert state.left == {"a": Departed(NOON, Leaving.SERVED)}
    state.take(NOON, Joined("a", "loans"))
    state.take(later, Left("a", "loans", "abandoned"))
    assert state.left == {"a": Departed(later, Leaving.ABANDONED)}


def test_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LAST_AGENTS_MOST", 2)
    state = FloorState()
    for number in ("1", "2", "1", "3"):
        talked(state, number, f"100{number}", customer=number)
    assert [state.last_agent(Joined("x", "loans", customer=one)) for one in "123"] == [
        "1001",
        "",
        "1003",
    ]
