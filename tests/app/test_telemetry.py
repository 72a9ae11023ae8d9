"""Figures of an engine that leads, and of one that does not."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ivr.adapters.agi.latency import Latencies
from ivr.adapters.telemetry.metrics import EventMetrics
from ivr.app.telemetry import Measuring
from ivr.model.errors import PortError
from ivr.ports.cluster import NotLeading
from ivr.ports.coverage import Tally
from ivr.ports.floor import Board
from tests.adapters.telemetry.kit import Kept, clock
from tests.adapters.telemetry.test_metrics import FIGURES, STATUS

TALLY = Tally(eligible=3, offered=3)


class Engine:
    """What is asked of an engine: `fault` is what its floor answers with."""

    thinking = answering = Latencies()

    def __init__(self, fault: PortError | None = None) -> None:
        self.fault = fault
        self.counted = 0

    async def status(self) -> Any:
        return STATUS

    async def board(self) -> Board:
        if self.fault is not None:
            raise self.fault
        assert FIGURES.board is not None
        return FIGURES.board

    async def tally(self, since: Any) -> Tally:
        self.counted += 1
        return TALLY

    async def list_open(self) -> tuple[()]:
        return ()


def measuring(engine: Engine) -> Measuring:
    it = cast(Any, engine)
    counted = EventMetrics(Kept(), clock())
    return Measuring(counted, it, it, it, lambda: None, (it, it), clock())


async def test_the_leader_tells_of_its_floor_and_counts_a_day_once_a_minute() -> None:
    engine = Engine()
    asked = measuring(engine)
    assert (await asked.figures()).board is not None
    assert (await asked.figures()).surveys == TALLY
    assert engine.counted == 1


async def test_who_does_not_lead_tells_of_all_else() -> None:
    figures = await measuring(Engine(NotLeading("e2"))).figures()
    assert figures.board is None
    assert figures.status == STATUS


async def test_a_floor_that_fails_is_no_floor_of_nobody() -> None:
    with pytest.raises(PortError):
        await measuring(Engine(PortError("floor", "it is away"))).figures()
