"""The gate of queues: nothing is published whose simulated days miss the configured target."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.app.config import Config, QueueSimConfig
from ivr.app.gates import GATES, Candidate, gates_of, queues
from ivr.app.queuesim.making import CannotSimulate
from ivr.app.queuesim.recorded import NothingRecorded
from ivr.model.flow import FlowSet
from ivr.model.queues import QueuePlan
from tests.app.queuesim.kit import plan


def candidate(tmp_path: Path, staff: QueuePlan, forecast: str = "", target: str = "") -> Candidate:
    """Return flows with these agents, and the wish that they are simulated."""
    file = tmp_path / "forecast.csv"
    file.write_text(f"from,to,calls,aht\n{forecast}\n", "utf-8")
    wish = QueueSimConfig(
        target=target or "abandonment<=0.05 and sl20>=0.8",
        forecast=file if forecast else None,
    )
    config = Config(state=tmp_path / "var", queue_sim=wish)
    return Candidate(config, tmp_path, FlowSet("1", {}, queues=staff), True, ())


async def test_enough_agents_pass(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    one = candidate(tmp_path, plan(8), "09:00,10:00,60,180")
    gate = await queues(one, lambda done, of: told.append((done, of)))
    assert (gate.name, gate.passed, gate.findings) == ("queues", True, ())
    assert gate.summary == f"met after {len(told)} simulated days"
    assert told[0] == (1, 160)


async def test_too_few_are_refused_with_the_figures(tmp_path: Path) -> None:
    one = candidate(tmp_path, plan(2), "09:00,10:00,60,180")
    gate = await queues(one, lambda done, of: None)
    assert not gate.passed
    assert gate.summary == "missed after 10 simulated days"
    assert [finding.split(",")[0] for finding in gate.findings] == [
        "abandonment<=0.05: missed",
        "sl20>=0.8: missed",
    ]


async def test_what_is_not_decided_is_refused(tmp_path: Path) -> None:
    one = candidate(tmp_path, plan(8), "09:00,09:01,0,180")
    gate = await queues(one, lambda done, of: None)
    assert not gate.passed
    assert gate.summary == "undecided after 160 simulated days"


async def test_what_cannot_be_simulated_is_said(tmp_path: Path) -> None:
    with pytest.raises(NothingRecorded, match="--forecast"):
        await queues(candidate(tmp_path, plan(2)), lambda done, of: None)
    with pytest.raises(CannotSimulate, match="`other` is no queue"):
        await queues(
            candidate(tmp_path, plan(2), "09:00,10:00,60,180", "other.asa<=9"),
            lambda done, of: None,
        )


def test_nothing_is_simulated_that_nobody_asked_for(tmp_path: Path) -> None:
    assert list(gates_of(Config())) == list(GATES)
    assert list(gates_of(candidate(tmp_path, plan()).config)) == [*GATES, "queues"]


def test_a_target_that_cannot_be_read_is_a_mistake_of_the_configuration() -> None:
    with pytest.raises(ValueError, match="is no condition"):
        QueueSimConfig(target="luck")
