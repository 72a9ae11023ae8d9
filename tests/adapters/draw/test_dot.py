"""Pictures by Graphviz."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from ivr.adapters.draw.dot import MANY_BOXES, NoGraphviz, draw_dot, draw_svg
from ivr.adapters.draw.style import HEAT, clean
from ivr.engine.picture import Arrow, Box, Group, Picture
from tests.adapters.draw import hostile

SVG = "{http://www.w3.org/2000/svg}"


def shown(svg: str) -> str:
    """Return all texts of an SVG, with its non-breaking spaces as spaces."""
    found = (text.text or "" for text in ElementTree.fromstring(svg).iter(f"{SVG}text"))
    return " ".join(" ".join(found).replace("\xa0", " ").split())


def test_hostile_texts_are_shown_as_they_are() -> None:
    svg = draw_svg(hostile.picture())
    texts = shown(svg)
    for text in hostile.TEXTS:
        assert clean(text) in texts
    assert "script" not in {element.tag for element in ElementTree.fromstring(svg).iter()}


@pytest.mark.parametrize("text", hostile.TEXTS)
def test_no_text_adds_a_node_or_an_edge(text: str) -> None:
    # Every text stands in an HTML-like label, which has no quotes or line breaks of its own.
    plain, other = (draw_dot(hostile.picture((one,))).splitlines() for one in ("text", text))
    assert len(plain) == len(other)


def test_every_step_and_way_is_there() -> None:
    boxes = (Box("f0s0", "menu", "menu"), Box("f0s1", "end", "hangup", end=True))
    drawn = Picture((Group("f0", "main", boxes),), (Arrow("f0s0", "f0s1", labels=("1 end",)),))
    root = ElementTree.fromstring(draw_svg(drawn))
    kinds = [element.get("class") for element in root.iter(f"{SVG}g")]
    assert (kinds.count("cluster"), kinds.count("node"), kinds.count("edge")) == (1, 2, 1)
    assert "WenQuanYi" in draw_svg(drawn)


def test_heat_colours_and_widens_and_has_a_legend() -> None:
    busy = Arrow("f0s0", "f0s1", calls=100)
    quiet = Arrow("f0s1", "f0s0", calls=1)
    boxes = (Box("f0s0", "menu", "menu"), Box("f0s1", "end", "hangup"))
    source = draw_dot(Picture((Group("f0", "main", boxes),), (busy, quiet)))
    assert f'color="{HEAT[-1]}"' in source
    assert "penwidth=6.0" in source
    assert "65–100" in source
    assert "calls:" not in draw_dot(Picture((Group("f0", "main", boxes),), ()))


def test_large_pictures_are_drawn_in_less_time() -> None:
    boxes = tuple(Box(f"f0s{number}", "step", "say") for number in range(MANY_BOXES + 1))
    large, small = (
        draw_dot(Picture((Group("f0", "main", some),), ())) for some in (boxes, boxes[1:])
    )
    assert "splines=line" in large
    assert "splines" not in small


def test_without_dot_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoGraphviz, match="sudo apt-get install graphviz"):
        draw_svg(hostile.picture())


def test_a_dot_that_refuses_is_quoted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    refusing = tmp_path / "dot"
    refusing.write_text("#!/bin/sh\necho no picture today >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(NoGraphviz, match="no picture today"):
        draw_svg(hostile.picture())
