"""Reading YAML: the golden file of traps, the limits, and any text at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from ivr.adapters.flowfile.nodes import Table, Text, places
from ivr.adapters.flowfile.reader import MAX_BYTES, MAX_DEPTH, MAX_NODES, read

TRAPS = yaml.safe_load((Path(__file__).parent / "traps.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap["trap"])
def test_trap(trap: dict[str, Any]) -> None:
    tree, problems = read(trap["text"], "f")
    found = [f"{p.code}@{p.place.line}:{p.place.column}" for p in problems]
    assert found == trap.get("problems", [])
    assert all(problem.hint for problem in problems)
    if "reads" in trap:
        assert tree is not None
        assert tree.plain() == json.loads(trap["reads"], strict=False)


def test_there_are_forty_traps_and_no_two_are_the_same() -> None:
    assert len({trap["text"] for trap in TRAPS}) == len(TRAPS) >= 40


@pytest.mark.parametrize(
    "text",
    [
        "[" * 3000,
        "a: " + "{b: " * 3000,
        "".join(" " * depth + "a:\n" for depth in range(MAX_DEPTH + 1)),
        "[" + "a," * (MAX_NODES + 1) + "]",
        "a: " + "x" * MAX_BYTES,
    ],
    ids=["brackets", "braces", "indents", "values", "bytes"],
)
def test_what_is_too_large_is_refused(text: str) -> None:
    tree, problems = read(text, "f")
    assert tree is None
    assert [problem.code for problem in problems] == ["IVR102"]


def test_what_is_just_small_enough_is_read() -> None:
    depth = MAX_DEPTH - 1
    tree, problems = read("[" * depth + "]" * depth, "f")
    assert tree is not None
    assert problems == []


def test_everything_has_its_place() -> None:
    tree, _ = read("steps:\n  menu:\n    on: {\"*\": back, 1: 'one'}\n", "f")
    assert tree is not None
    found = {name: (place.line, place.column) for name, place in places(tree)}
    assert found == {
        "steps": (1, 1),
        "steps.menu": (2, 3),
        "steps.menu.on": (3, 5),
        "steps.menu.on.*": (3, 10),
        "=back": (3, 15),
        "steps.menu.on.1": (3, 21),
        "=one": (3, 24),
    }


@pytest.mark.parametrize(
    ("text", "inset"),
    [("a: bc", 0), ('a: "bc"', 1), ("a: 'it''s'", None), ('a: "b\\tc"', None), ("a: >\n  b", None)],
)
def test_a_text_knows_whether_its_characters_stand_side_by_side(
    text: str, inset: int | None
) -> None:
    tree, _ = read(text, "f")
    assert isinstance(tree, Table)
    value = tree.entries["a"].value
    assert isinstance(value, Text)
    assert value.inset == inset


WORDS = [
    "a",
    "b",
    ":",
    "[",
    "]",
    "{",
    "}",
    ",",
    "#",
    "*",
    "*x",
    '"',
    "'",
    "|",
    ">",
    "<<",
    "%",
    "@",
    "010",
    "1.5",
    "~",
    "，",
]
words = st.sampled_from(
    [*WORDS, ": ", "- ", "? ", "&x ", "!t ", "\n", "\n  ", "---\n", "\t", "{{ x }}"]
)


@given(st.one_of(st.text(max_size=200), st.lists(words, max_size=60).map("".join)))
@example("\ufeff")
@example("\ud800")
@example("a: *x\n*x : b\n")
def test_any_text_gives_a_tree_or_problems(text: str) -> None:
    tree, problems = read(text, "f")
    assert tree is not None or problems
    for problem in problems:
        assert problem.place.line >= 1
        assert problem.place.column >= 1
        assert problem.message


# YAML takes U+2028 and U+2029 for the end of a line.
keys = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=8
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18) + 1, 10**18 - 1) | keys,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(keys, values, min_size=1, max_size=4))
def test_what_json_writes_is_read_as_it_was(document: dict[str, Any]) -> None:
    tree, problems = read(json.dumps(document, ensure_ascii=False), "f")
    assert problems == []
    assert tree is not None
    assert tree.plain() == document
