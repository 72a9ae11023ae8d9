"""What may be asserted of simulated days."""

from __future__ import annotations

import pytest

from ivr.centre.kpi import Counts
from ivr.centre.kpi.target import Condition, TargetError, read_target

COUNTS = Counts(
    offered=10, handled=6, handled_in_time=5, abandoned=3, abandoned_short=1, callbacks=1,
    handled_wait_ms=90_000, talk_ms=400_000, hold_ms=20_000, acw_ms=60_000,
)  # fmt: skip


def test_it_is_read() -> None:
    target = read_target("abandonment<=0.05 and service.sl20 >= 80%, wealth-2.asa<=30")
    assert target.within_s == 20
    assert [(one.queue, one.metric, one.most, one.bound) for one in target.conditions] == [
        ("", "abandonment", True, 0.05),
        ("service", "sl", False, 0.8),
        ("wealth-2", "asa", True, 30),
    ]
    assert read_target("asa<=30").within_s is None


def test_of_each_queue() -> None:
    each, whole, named = read_target("each abandonment<=5% and sl20>=0.8, each.asa<=9").conditions
    assert (each.each, each.queue, whole.each, named.queue) == (True, "", False, "each")
    assert each.of("cards") == read_target("cards.abandonment<=5%").conditions[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no condition"),
        ("abandonment=0.05", "no condition"),
        ("each service.asa<=9", "no condition"),
        ("abandonment<=0.05 or sl20>=0.8", "no condition"),
        ("sl>=0.8", "`sl` is no figure"),
        ("asa20<=5", "`asa20` is no figure"),
        ("happiness>=0.8", "sl20, asa"),
        ("abandonment<=5", "write 0.05 or 5%"),
        ("sl20>=0.8 and sl30>=0.9", "several times"),
    ],
)
def test_what_cannot_be_read(text: str, said: str) -> None:
    with pytest.raises(TargetError, match=said):
        read_target(text)


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("abandonment", 0.3),
        ("net_abandonment", 2 / 9),
        ("sl", 0.5),
        ("asa", 15),
        ("aht", 80),
        ("overflow", 0),
        ("callbacks", 0.1),
    ],
)
def test_the_figures(metric: str, value: float) -> None:
    above, below = Condition("", "", metric, True, 0).ratio(COUNTS)
    assert above / below == pytest.approx(value)
