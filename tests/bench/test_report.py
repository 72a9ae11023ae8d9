"""Medians leave noisy rounds out, and say so."""

from __future__ import annotations

import io
import json
import math

from rich.console import Console

from bench.report import NOISY_CORES, Column, Report, Sample, Target, show, whole


def report(*rounds: tuple[str, float, float]) -> Report:
    samples = [
        Sample(engine, number, noise, {"sessions": value})
        for number, (engine, noise, value) in enumerate(rounds)
    ]
    return Report("Title", samples, [Target("P5", "4,100, target 4,000", True)], ["a note"])


def test_the_median_is_of_the_quiet_rounds() -> None:
    loud = NOISY_CORES + 0.1
    found = report(("a", 0.0, 10.0), ("a", loud, 1000.0), ("a", 0.1, 30.0), ("b", 0.0, 7.0))
    assert found.median("a", "sessions") == 20.0
    assert found.median("b", "sessions") == 7.0


def test_noisy_rounds_count_when_there_are_no_others() -> None:
    found = report(("a", 1.0, 10.0), ("a", 1.0, 20.0), ("a", 1.0, 60.0), ("b", 0.0, 1.0))
    assert found.median("a", "sessions") == 20.0


def test_a_figure_nobody_measured_is_shown_as_none_and_left_out_of_json() -> None:
    found = report(("a", 0.0, 10.0))
    assert math.isnan(found.median("a", "kib"))
    text = json.dumps(found.as_json(), allow_nan=False)
    assert json.loads(text)["medians"] == {"a": {"sessions": 10.0}}
    output = io.StringIO()
    columns = (Column("sessions", "sessions", whole), Column("KiB", "kib", whole))
    show(found, columns, Console(file=output, width=100))
    shown = output.getvalue()
    for expected in ("Title", "10", "–", "met", "4,100, target 4,000", "a note"):
        assert expected in shown


def test_a_noisy_round_counts_for_a_figure_that_only_it_has() -> None:
    found = report(("a", 0.0, 10.0))
    found.samples.append(Sample("a", 1, 2.0, {"sustained": 300.0}))
    assert found.median("a", "sessions") == 10.0
    assert found.median("a", "sustained") == 300.0
