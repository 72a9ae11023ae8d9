"""What came of callbacks, by hand."""

from __future__ import annotations

from datetime import datetime

import pytest

from ivr.centre.kpi.callbacks import Callbacks, CallbackTally
from ivr.model.floor import CallbackChanged, Joined
from tests.centre.kpi.kit import DAY, ZONE, diary, on


def changed(state: str, callback: str = "", due: datetime | None = None) -> CallbackChanged:
    return CallbackChanged(callback, "c", "q", state, due=due)


EVENTS = diary(
    ("09:00:00", Joined("c", "q")),
    *((f"09:00:{number:02}", changed("offered")) for number in range(5)),
    ("09:01:00", changed("kept", "a", on("09:10:00"))),
    ("09:01:00", changed("kept", "b")),
    ("09:09:00", changed("attempted", "a")),
    ("09:09:10", changed("attempted", "b")),
    ("09:09:30", changed("reached", "a")),
    ("09:10:20", changed("bridged", "a")),
    ("09:20:00", changed("attempted", "b")),
    ("09:20:00", changed("reached", "b")),
    ("09:20:30", changed("cancelled", "b")),
)


def tally() -> Callbacks:
    counts = CallbackTally(ZONE)
    for event in EVENTS:
        counts.take(event)
    assert counts.on(DAY.replace(day=24)) == {}
    return counts.on(DAY)["q"]


@pytest.mark.parametrize(
    ("figure", "value"),
    [("accept_rate", 2 / 5), ("reach_rate", 2 / 3), ("bridge_rate", 1 / 2), ("slip_s", 20)],
)
def test_the_figures(figure: str, value: float) -> None:
    assert getattr(tally(), figure) == pytest.approx(value)


def test_nothing_was_promised() -> None:
    assert Callbacks().accept_rate is Callbacks().slip_s is None
