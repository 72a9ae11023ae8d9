"""What is wanted stands beside what was measured, and nothing is met that was not."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from bench import summary, synthetic
from bench.__main__ import BENCHES
from bench.report import Report, Sample, whole
from bench.targets import ELSEWHERE, Goal, Judged, Line, judged, targets

LINE = Line("commands", "ours", "rate", whole, ("floor", "peer"), Goal("P6", least=0.5, ratio=True))


def run(**rates: float) -> Report:
    samples = [Sample(name, 1, 0.0, {"rate": rate}) for name, rate in rates.items()]
    return Report("Title", samples, [], [])


def only(report: Report, line: Line) -> list[Judged]:
    return list(judged(report, (line,)))


def test_a_figure_stands_beside_each_peer_and_is_judged_by_the_first() -> None:
    floor, peer = only(run(ours=60, floor=100, peer=30), LINE)
    assert (floor.peer, floor.theirs, floor.ratio, floor.target) == ("floor", "100", 0.6, "P6")
    assert (floor.wanted, floor.met) == ("≥ 0.50 ×", True)
    assert (peer.peer, peer.ratio, peer.target, peer.met) == ("peer", 2.0, "", None)


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (Goal("A", least=50), True),
        (Goal("A", least=61), False),
        (Goal("A", most=60), True),
        (Goal("A", most=59), False),
        (Goal("A", least=0.61, ratio=True), False),
        (Goal("A", most=0.6, ratio=True), True),
    ],
)
def test_a_goal_is_of_the_figure_or_of_its_ratio(goal: Goal, met: bool) -> None:
    line = Line("it", "ours", "rate", whole, ("floor",), goal)
    assert [one.met for one in only(run(ours=60, floor=100), line)] == [met]


def test_a_ratio_that_nobody_measured_is_not_met() -> None:
    (line,) = only(run(ours=60), Line("it", "ours", "rate", whole, ("floor",), LINE.goal))
    assert (line.peer, line.ratio, line.met) == ("", None, False)


def test_a_figure_that_nobody_measured_has_no_line() -> None:
    assert only(run(floor=100), LINE) == []
    assert targets(run(floor=100), (LINE,)) == []


def test_the_table_and_its_json_say_the_same() -> None:
    report = run(ours=60, floor=100)
    report.samples += [
        Sample(synthetic.ONECALL, 1, 0.0, {"sessions": 3_999.0}),
        Sample(synthetic.FLOOR, 1, 0.0, {"sessions": 8_000.0}),
    ]
    found = json.loads(json.dumps(summary.as_json({"synthetic": report}), allow_nan=False))
    (line, *_) = found["summary"]["lines"]
    assert (line["figure"], line["ratio"], line["target"], line["met"]) == (
        "3,999",
        0.5,
        "P5",
        False,
    )
    assert found["summary"]["machine"]["cores"] > 0
    output = io.StringIO()
    summary.show({"synthetic": report}, Console(file=output, width=140))
    assert "3,999" in output.getvalue()
    assert "P5 ≥ 4,000" in output.getvalue()
    assert "missed" in output.getvalue()


def test_every_target_of_the_engine_has_a_line_or_a_place() -> None:
    told = {line.goal.name for lines in summary.LINES.values() for line in lines if line.goal}
    assert {f"P{number}" for number in range(1, 13)} <= told | set(ELSEWHERE)
    assert set(summary.LINES) <= {what.value for what in BENCHES}
