"""However a flow file is mangled, loading and checking it tells problems and never fails."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.adapters.flowfile import try_load_files
from ivr.adapters.sim.prompts import SimPrompts
from ivr.engine.check import Known, check

FOLDER = Path(__file__).parents[2] / "flows"
NAMES = ("agents", "authenticate", "bills", "branches", "main", "queues", "service")
"""A part of the demo with everything in it; flows that are not there are only one more mistake."""
FILES = {f"{name}.yaml": (FOLDER / f"{name}.yaml").read_text("utf-8") for name in NAMES}
TOKENS = sorted(
    {token for text in FILES.values() for token in re.findall(r"[\w.{}\[\]\"#:,-]+|\n *", text)}
)
STRANGE = [
    "",
    " ",
    "~",
    "[]",
    "{}",
    '""',
    "{{ x }}",
    '"{{ 1 + }}"',
    "[[a]]",
    "{a: {b: c}}",
    "9:00",
    "-1",
    "é",
]
MENU = {"main-menu": "按一查询余额，人工服务请按零。", "welcome": "您好。"}
KNOWN = Known(
    prompts={"zh": set(MENU), "en": set()},
    destinations=set(),
    heard=SimPrompts({"zh": MENU}),
)

edits = st.tuples(
    st.sampled_from(sorted(FILES)),
    st.floats(0, 1, exclude_max=True),
    st.one_of(st.sampled_from(TOKENS), st.sampled_from(STRANGE), st.text(max_size=4)),
)


def edited(files: dict[str, str], edit: tuple[str, float, str]) -> dict[str, str]:
    """Put another token in the place of one."""
    name, where, new = edit
    spans = [match.span() for match in re.finditer(r"[^\s:,\[\]{}]+|[:,\[\]{}]|\n *", files[name])]
    if not spans:
        return files
    start, end = spans[int(where * len(spans))]
    return {**files, name: files[name][:start] + new + files[name][end:]}


@pytest.mark.proof
@given(st.lists(edits, min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_mangled_flows_are_told_of(changes: list[tuple[str, float, str]]) -> None:
    files = FILES
    for change in changes:
        files = edited(files, change)
    loaded = try_load_files(files)
    problems = (*loaded.problems, *check(loaded.sound, KNOWN, loaded.broken))
    assert (loaded.flow_set is None) == bool(loaded.problems)
    for problem in problems:
        lines = files[problem.place.file].splitlines() or [""]
        assert 1 <= problem.place.line <= len(lines) + 1
        assert problem.place.column >= 1
        assert problem.message
        assert problem.hint
