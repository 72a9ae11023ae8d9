"""A bank's two months on disk, seeded and small, with a taxonomy."""

from __future__ import annotations

from pathlib import Path

from bench.calls import ZONE, Plan, write
from ivr.app.config import Config
from ivr.centre.voc.values import Month

ROOT = Path(__file__).parents[3]
TAXONOMY = (ROOT / "flows" / "taxonomy.yaml").read_text("utf-8")
FLOW = 'flow: main\nnumbers: ["95500"]\nlanguages: [zh]\nstart: end\nsteps: {end: {hangup: done}}\n'
OCTOBER = Month(2026, 10)


def bank(folder: Path, calls: int = 400) -> Config:
    """Write the months, and return the configuration of a bank that has them."""
    state = folder / "var"
    state.mkdir()
    plans = [Plan(OCTOBER.before, calls, 100, 60), Plan(OCTOBER, calls, 150, 90)]
    write(state, plans, 7)
    flows = folder / "flows"
    flows.mkdir()
    (flows / "taxonomy.yaml").write_text(TAXONOMY, "utf-8")
    (flows / "main.yaml").write_text(FLOW, "utf-8")
    return Config(state=state, flows=flows)


__all__ = ["OCTOBER", "TAXONOMY", "ZONE", "bank"]
