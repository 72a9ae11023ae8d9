"""Pictures in Mermaid, read by a strict reader of the part of its language that is written."""

from __future__ import annotations

import re

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ivr.adapters.draw.mermaid import draw_mermaid
from ivr.adapters.draw.style import clean
from ivr.engine.picture import Arrow, Box, Group, Kind, Marker, Picture, Sign
from tests.adapters.draw import hostile

_LABEL = r'"((?:[^"#&;`\\|<>\[\]{}\n]|#\d+;|<br/>)*)"'
_ID = r"(f\d+(?:s\d+|n|error|hangup)?(?:tof\d+s\d+)?|caption)"
_NODE = re.compile(rf"{_ID}\(?\[{_LABEL}\]\)?(?::::(\w+))?")
_GROUP = re.compile(rf"subgraph {_ID}\[{_LABEL}\]")
_ARROW = re.compile(rf"{_ID} (-->|<-\.->|==>|-\.->)(?:\|{_LABEL}\|)? {_ID}")
_STYLE = re.compile(
    r"classDef \w+ [\w:,#-]+|linkStyle \d+ stroke:#\w{6}(,stroke-width:[\d.]+px)?"
    r"|style caption [\w:,-]+"
)


class Read(msgspec.Struct):
    """What a drawing says: labels by id, and arrows."""

    groups: dict[str, str] = {}
    nodes: dict[str, str] = {}
    arrows: list[tuple[str, str, str]] = []
    styles: list[str] = []


def read(text: str) -> Read:
    """Read a drawing; whatever is not of the known form is an error."""
    head, *lines = text.splitlines()
    assert head == "flowchart TB"
    found, depth = Read(), 0
    for line in map(str.strip, lines):
        if match := _GROUP.fullmatch(line):
            found.groups[match[1]] = plain(match[2])
            depth += 1
        elif match := _NODE.fullmatch(line):
            found.nodes[match[1]] = plain(match[2])
        elif match := _ARROW.fullmatch(line):
            found.arrows.append((match[1], plain(match[3] or ""), match[4]))
        elif line == "end":
            depth -= 1
        else:
            assert _STYLE.fullmatch(line), line
            found.styles.append(line)
    assert depth == 0
    return found


def plain(label: str) -> str:
    """Return a label as it is shown."""
    return re.sub(r"#(\d+);", lambda code: chr(int(code[1])), label.replace("<br/>", "\n"))


def test_hostile_texts_are_shown_as_they_are() -> None:
    drawn = read(draw_mermaid(hostile.picture()))
    assert drawn.groups == {"f0": clean(hostile.TEXTS[0])}
    for number, text in enumerate(hostile.TEXTS):
        assert clean(text) in drawn.nodes[f"f0s{number}"]
    assert len(drawn.arrows) == len(hostile.TEXTS) * len(Kind)


@given(st.tuples(st.text(), st.text()))
def test_any_text_is_shown_as_it_is(texts: tuple[str, str]) -> None:
    drawn = read(draw_mermaid(hostile.picture(texts)))
    assert set(drawn.nodes) == {"f0n", "f0s0", "f0s1", "caption"}
    assert all(clean(text) in drawn.nodes["caption"] for text in texts)
    assert len(drawn.arrows) == 2 * len(Kind)


def test_steps_ways_and_entries() -> None:
    boxes = (
        Box("f0s0", "menu", "menu", heard="Hello"),
        Box("f0s1", "balance", "balance", level=2),
        Box("f0s2", "back", "return", end=True, outcome="ok"),
    )
    markers = (
        Marker("f0n", "95500", Sign.NUMBER),
        Marker("f0error", "error", Sign.EVENT),
        Marker("f0s0tof1s3", "main.agent", Sign.STEP),
    )
    arrows = (
        Arrow("f0n", "f0s0"),
        Arrow("f0s0", "f0s1", labels=("1 balance", "2")),
        Arrow("f0s1", "f0s2", Kind.CALL, ("ok",)),
    )
    drawn = read(draw_mermaid(Picture((Group("f0", "main", boxes, markers),), arrows)))
    assert drawn.nodes == {
        "f0n": "☎ 95500",
        "f0error": "any error",
        "f0s0tof1s3": "→ main.agent",
        "f0s0": "menu\nmenu\n“Hello”",
        "f0s1": "balance\nbalance · level 2",
        "f0s2": "back → ok\nreturn",
    }
    assert drawn.arrows == [
        ("f0n", "", "f0s0"),
        ("f0s0", "1 balance · 2", "f0s1"),
        ("f0s1", "back: ok", "f0s2"),
    ]


def test_heat() -> None:
    drawn = read(draw_mermaid(hostile.picture(heat=True)))
    assert drawn.nodes["f0s0"] == "step\nsay\n5 visits · 20.0% gone · 1.8 s"
    assert drawn.nodes["caption"].endswith(f"up to {len(hostile.TEXTS) - 1}")
    assert sum(line.startswith("linkStyle") for line in drawn.styles) == len(drawn.arrows)
