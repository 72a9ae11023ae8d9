"""docs/queues.md: what it shows works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ivr.adapters.flowfile import try_load_files
from ivr.engine.check import check
from ivr.model.queues import CALLER_FACTS, Strategy

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/queues.md").read_text("utf-8")
BLOCKS = re.findall(r"```yaml\n# flows/(\S+)\n(.*?)```", PAGE, re.DOTALL)
AGENTS = dict(BLOCKS)["agents.yaml"]
BESIDE = {
    "agents.yaml": AGENTS,
    "service.yaml": (ROOT / "flows/service.yaml").read_text("utf-8"),
    "main.yaml": 'flow: main\nnumbers: ["1"]\nlanguages: [zh]\nstart: end\n'
    "steps: {end: {hangup: done}}\n",
}


@pytest.mark.parametrize("text", [text for name, text in BLOCKS if name == "queues.yaml"])
def test_what_the_page_shows_has_no_mistake(text: str) -> None:
    loaded = try_load_files({**BESIDE, "queues.yaml": text})
    assert loaded.problems == ()
    assert check(loaded.sound) == ()
    assert loaded.sound.queues.queues


def test_the_page_names_every_strategy_and_fact() -> None:
    assert all(f"| `{strategy}` |" in PAGE for strategy in Strategy)
    assert all(f"`caller.{name}`" in PAGE for name in CALLER_FACTS)
