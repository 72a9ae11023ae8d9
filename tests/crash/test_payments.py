"""A card is charged exactly once or not at all, whenever the engine is killed; `python -m
tests.crash.payments` does it 100 times at each point."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.crash.harness import Reaper, points
from tests.crash.payments import CAMPAIGNS, DEEDS, DEEDS_UNHEARD, DEEDS_UNSENT, Engine

ROOT = Path(__file__).parents[2]
KILLED = [("payments", DEEDS), ("silent", DEEDS_UNHEARD), ("losing", DEEDS_UNSENT)]


def campaign(name: str, times: int) -> dict[str, Any]:
    """Run a campaign in a process of its own: it forks."""
    command = [sys.executable, "-m", "tests.crash.payments"]
    command += ["--campaign", name, "--times", str(times)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.stdout, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    found["status"] = ended.returncode
    return found


@pytest.mark.proof
@pytest.mark.timeout(120)
@pytest.mark.parametrize(("name", "deeds"), KILLED)
def test_killed_at_any_point_a_card_is_charged_once_or_not_at_all(
    name: str, deeds: tuple[str, ...]
) -> None:
    found = campaign(name, 2)
    where = [str(point) for point in points(deeds)]
    assert len(where) >= 12
    assert found["killed"] == dict.fromkeys(where, 2)
    for wrong in ("lost", "doubled", "unpaid", "unauthorised", "reserved", "untold", "told_twice"):
        assert found[wrong] == [], wrong
    assert found["faults"] == []
    assert found["authorised"] == found["paid"] + found["refused"] > 0
    assert found["status"] == 0


@pytest.mark.proof
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("name", "wrong"),
    [("forgetful", "lost"), ("hasty", "unpaid"), ("rekeying", "unauthorised")],
)
def test_a_payment_that_is_lost_made_up_or_unwanted_would_be_seen(name: str, wrong: str) -> None:
    found = campaign(name, 1)
    assert found[wrong]
    assert found["status"] == 1


@pytest.mark.parametrize(("name", "deeds"), KILLED)
def test_there_is_no_point_that_is_not_tried(
    name: str, deeds: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(Reaper, "before", lambda self, deed: seen.append(deed))
    for number in (1, 2):
        engine = Engine(tmp_path, number, CAMPAIGNS[name])
        asyncio.run(engine.live(None, print, work=number == 1))
    assert tuple(dict.fromkeys(seen)) == deeds
