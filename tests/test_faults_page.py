"""docs/faults.md is true at least in this: every fault has a test, and each test it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROWS = [
    line.split(" | ")
    for line in (ROOT / "docs" / "faults.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| fault |")
]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_there_are_all_the_faults() -> None:
    assert len(ROWS) >= 20


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip("| "))
def test_a_fault_has_tests_that_are_there(row: list[str]) -> None:
    fault, expected, tests, measured = row
    named = NAMED.findall(tests)
    assert named, f"{fault} names no test"
    for file, name in named:
        assert f"def {name}(" in (ROOT / file).read_text("utf-8"), f"{file} has no {name}"
    assert expected.strip()
    assert measured.strip(" |")
