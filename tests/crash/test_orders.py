"""Exactly once, whenever the engine is killed: `make crash` does it 100 times at each point."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.crash.harness import Reaper, points
from tests.crash.orders import (
    CAMPAIGNS,
    DEEDS,
    DEEDS_WITHOUT_AN_ANSWER,
    Engine,
    make_bank,
)

ROOT = Path(__file__).parents[2]


def campaign(name: str, times: int) -> dict[str, Any]:
    """Run a campaign in a process of its own: it forks."""
    command = [
        sys.executable,
        "-m",
        "tests.crash.orders",
        "--campaign",
        name,
        "--times",
        str(times),
    ]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.stdout, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    found["status"] = ended.returncode
    return found


@pytest.mark.proof
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("name", "deeds"), [("orders", DEEDS), ("silent", DEEDS_WITHOUT_AN_ANSWER)]
)
def test_killed_at_any_point_every_order_is_done_exactly_once(
    name: str, deeds: tuple[str, ...]
) -> None:
    found = campaign(name, 2)
    where = [str(point) for point in points(deeds)]
    assert len(where) >= 12
    assert found["killed"] == dict.fromkeys(where, 2)
    for wrong in ("lost", "doubled", "unauthorised", "untold", "told_twice", "faults"):
        assert found[wrong] == [], wrong
    assert found["authorised"] == found["posted"] > found["accepted"] > 0
    assert found["status"] == 0


@pytest.mark.proof
@pytest.mark.timeout(120)
def test_a_lost_and_a_doubled_order_would_be_seen() -> None:
    assert campaign("forgetful", 1)["lost"]
    doubled = campaign("rekeying", 1)
    assert doubled["unauthorised"]
    assert doubled["posted"] > doubled["authorised"]


@pytest.mark.parametrize(
    ("name", "lives", "deeds"),
    [("orders", 1, DEEDS), ("silent", 2, DEEDS_WITHOUT_AN_ANSWER)],
)
def test_there_is_no_point_that_is_not_tried(
    name: str, lives: int, deeds: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(Reaper, "before", lambda self, deed: seen.append(deed))
    make_bank(tmp_path)
    for number in range(1, lives + 1):
        engine = Engine(tmp_path, number, CAMPAIGNS[name])
        asyncio.run(engine.live(None, print, work=number == 1))
    assert tuple(dict.fromkeys(seen)) == deeds


@pytest.mark.proof
@pytest.mark.timeout(120)
def test_engines_that_race_do_every_order_once_and_never_the_same() -> None:
    command = [sys.executable, "-m", "tests.crash.racing", "--engines", "3", "--orders", "60"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found = json.loads(ended.stdout)
    assert found["audit"]["authorised"] == found["audit"]["posted"] == 63
    assert found["attempts"] == {"1": 63}
    assert len(found["by"]) == 3, "all of them had something to do"
