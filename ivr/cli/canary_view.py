"""How a canary is shown: a picture for people, JSON for programs."""

from __future__ import annotations

import json
from datetime import datetime
from math import log
from typing import Any

import msgspec
from rich.console import Group
from rich.table import Table
from rich.text import Text

from ivr.app.trial import Ended
from ivr.centre.canary import Canary
from ivr.centre.guardrail import Line, Report
from ivr.centre.guardrail import State as Verdict
from ivr.centre.rates import Rate
from ivr.centre.releases import Release

BAR = 6
"""Characters of a bar."""

COLOURS = {Verdict.HARMFUL: "red", Verdict.HARMLESS: "green", Verdict.EXPIRED: "yellow"}
NEXT = {
    Verdict.WATCHING: "ivr canary raise 20% -m WHY, or ivr canary abort -m WHY",
    Verdict.HARMLESS: "ivr canary promote -m WHY",
}


class View(msgspec.Struct, frozen=True):
    """What is seen of a canary: the running trial with its report, or how the latest one ended."""

    trial: Canary | None = None
    stable: Release | None = None
    report: Report | None = None
    ended: Ended | None = None


def picture(view: View) -> Group:
    """Return what a terminal shows."""
    if view.trial is None or view.stable is None or view.report is None:
        return Group(_ended(view.ended))
    trial, report = view.trial, view.report
    head = Text.assemble(
        (f"canary {trial.number}", "bold"),
        f" (version {trial.version[:12]}): {100 * trial.share:g} % of callers since "
        f"{_clock(trial.since)}, beside release {view.stable.number} "
        f"(version {view.stable.version[:12]})",
    )
    table = Table(
        "", "canary (95 %)", "stable (95 %)", "harm", "no harm", "", box=None, pad_edge=False
    )
    for line in report.lines:
        table.add_row(
            line.metric,
            _rate(line.canary),
            _rate(line.stable),
            _evidence(line.harm, line.harm_bound, "red"),
            _evidence(line.no_harm, line.no_harm_bound, "green"),
            _state(line.state),
        )
    verdict = Text.assemble(_state(report.state), f": {report.reason}")
    following = NEXT.get(report.state)
    return Group(head, table, verdict, *([Text(f"next: {following}", "dim")] if following else []))


def in_json(view: View) -> str:
    """Return one line of JSON: `canary` and `ended` are null where there is none."""
    result: dict[str, Any] = {"canary": None, "ended": msgspec.to_builtins(view.ended)}
    if view.trial is not None and view.report is not None:
        result["canary"] = {
            "number": view.trial.number,
            "version": view.trial.version,
            "share": view.trial.share,
            "since": view.trial.since.isoformat(),
            "stable": msgspec.to_builtins(view.stable),
            "state": view.report.state,
            "reason": view.report.reason,
            "metrics": [_line_in_json(line) for line in view.report.lines],
        }
    return json.dumps(result, ensure_ascii=False)


def _line_in_json(line: Line) -> dict[str, Any]:
    sides = {}
    for side, rate in (("canary", line.canary), ("stable", line.stable)):
        low, high = rate.interval()
        sides[side] = {
            "hits": rate.hits,
            "calls": rate.count,
            "rate": rate.value,
            "interval": [low, high],
        }
    return {
        "metric": line.metric,
        "state": line.state,
        **sides,
        "harm": {"evidence": line.harm, "bound": line.harm_bound},
        "no_harm": {"evidence": line.no_harm, "bound": line.no_harm_bound},
    }


def _ended(ended: Ended | None) -> Text:
    if ended is None:
        return Text("no canary has run")
    colour = "green" if ended.promoted else "yellow"
    return Text.assemble(
        (ended.words, f"bold {colour}"), f" at {_clock(ended.at)} by {ended.who}: {ended.why}"
    )


def _rate(rate: Rate) -> str:
    low, high = (100 * end for end in rate.interval())
    return f"{rate.hits} of {rate.count}, {100 * rate.value:.1f} % ({low:.1f}–{high:.1f})"


def _evidence(evidence: float, bound: float, colour: str) -> Text:
    """Draw how far evidence has come to its bound, by orders of magnitude as it grows."""
    filled = round(BAR * min(1.0, max(0.0, log(max(evidence, 1.0)) / log(bound))))
    return Text.assemble(
        ("█" * filled, colour), ("·" * (BAR - filled), "dim"), f" {evidence:.2g} of {bound:.0f}"
    )


def _state(state: Verdict) -> Text:
    return Text(str(state), COLOURS.get(state, "default"))


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
