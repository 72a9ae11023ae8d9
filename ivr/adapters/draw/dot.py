"""Pictures of flows by Graphviz: its own language, and SVG from its program `dot`."""

from __future__ import annotations

import html
from collections.abc import Iterable

import graphviz

from ivr.adapters.draw import style
from ivr.engine.picture import Arrow, Box, Group, Kind, Marker, Picture, Sign
from ivr.model.errors import OneCallError

FONTS = (
    "Noto Sans CJK SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, WenQuanYi Micro Hei, "
    "Noto Sans, DejaVu Sans, sans-serif"
)
"""The first that a browser has is used; those with Chinese come first."""
MANY_BOXES = 100
"""Of more, `dot` draws straight lines and seeks the best places for less long: a tenth of the time."""
_SPACE = "&#160;"
_KINDS: dict[Kind, dict[str, str]] = {
    Kind.EDGE: {},
    Kind.CALL: {"style": "dashed", "dir": "both", "color": "#1565c0", "fontcolor": "#1565c0"},
    Kind.JUMP: {"style": "bold", "color": "#1565c0"},
    Kind.HANDLER: {"style": "dotted", "color": style.PALE, "fontcolor": style.PALE},
    Kind.LEVEL: {"style": "dotted", "color": "#8e24aa", "arrowhead": "vee", "constraint": "false"},
}

_SIGNS: dict[Sign, dict[str, str]] = {
    Sign.NUMBER: {"style": "filled", "fillcolor": "#bbdefb", "shape": "cds"},
    Sign.EVENT: {"style": "", "shape": "plaintext", "fontsize": "10", "fontcolor": style.PALE},
    Sign.STEP: {"style": "", "shape": "plaintext", "fontsize": "10"},
}


class NoGraphviz(OneCallError):
    """The program `dot` is not on this machine, or refused the picture."""


def draw_dot(picture: Picture) -> str:
    """Return the picture in Graphviz's language."""
    source: str = _graph(picture).source
    return source


def draw_svg(picture: Picture) -> str:
    """Return the picture as SVG. Raises NoGraphviz."""
    try:
        drawn: str = graphviz.pipe_string(
            "dot", "svg", input_string=draw_dot(picture), encoding="utf-8", quiet=True
        )
    except graphviz.ExecutableNotFound as error:
        raise NoGraphviz(
            "SVG needs Graphviz's program `dot`, which is not here; run: "
            "sudo apt-get install graphviz (or take --format mermaid, which needs nothing)"
        ) from error
    except graphviz.CalledProcessError as error:
        raise NoGraphviz(f"dot cannot draw this picture: {error.stderr.strip()}") from error
    return drawn


def _graph(picture: Picture) -> graphviz.Digraph:
    graph = graphviz.Digraph("flows")
    graph.attr(fontname=FONTS, rankdir="TB", nodesep="0.3", ranksep="0.45", pad="0.3")
    if sum(len(group.boxes) for group in picture.groups) > MANY_BOXES:
        graph.attr(splines="line", nslimit="1", nslimit1="1", mclimit="0.1")
    graph.attr(label=_caption(picture), labelloc="b", labeljust="l")
    graph.attr("node", fontname=FONTS, fontsize="12", shape="box", style="rounded,filled")
    graph.attr("node", fillcolor="white", color=style.INK, margin="0.08,0.04")
    graph.attr("edge", fontname=FONTS, fontsize="10", color=style.INK, fontcolor=style.INK)
    graph.attr("edge", arrowsize="0.7")
    for group in picture.groups:
        _group(graph, group)
    most = style.busiest(picture)
    for arrow in picture.arrows:
        _arrow(graph, arrow, most)
    return graph


def _group(graph: graphviz.Digraph, group: Group) -> None:
    with graph.subgraph(name=f"cluster_{group.id}") as cluster:
        cluster.attr(label=_html(f"<B>{_text(group.flow)}</B>"), fontsize="14")
        cluster.attr(labelloc="t", labeljust="l")
        cluster.attr(style="rounded,filled", color="#cfd8dc", fillcolor="#f5f7f8", margin="12")
        for marker in group.markers:
            _marker(cluster, marker)
        for box in group.boxes:
            _box(cluster, box)


def _marker(graph: graphviz.Digraph, marker: Marker) -> None:
    label = _html(f"<B>{_text(style.sign(marker))}</B>")
    graph.node(marker.id, label, **_SIGNS[marker.sign])


def _box(graph: graphviz.Digraph, box: Box) -> None:
    name = f"<B>{_text(style.title(box))}</B>"
    shown = f'<FONT POINT-SIZE="10" COLOR="{style.PALE}">{_text(style.kind(box))}</FONT>'
    lines = [f"{name}  {shown}"]
    if box.heard:
        lines.append(f'<FONT POINT-SIZE="10" COLOR="#546e7a">“{_text(box.heard)}”</FONT>')
    if box.traffic is not None:
        lines.append(f'<FONT POINT-SIZE="10">{_text(style.figures(box.traffic))}</FONT>')
    looks = {"fillcolor": "#eceff1"} if box.end else {}
    if box.level:
        looks |= {"color": "#8e24aa"}
    if box.start:
        looks |= {"penwidth": "2"}
    if box.end:
        looks |= {"peripheries": "2"}
    graph.node(box.id, _html("<BR/>".join(lines)), **looks)


def _arrow(graph: graphviz.Digraph, arrow: Arrow, most: int) -> None:
    looks = dict(_KINDS[arrow.kind])
    if arrow.calls is not None:
        looks["color"] = style.colour(arrow.calls, most)
        looks["penwidth"] = str(style.width(arrow.calls, most))
    # The spaces keep the words off a wide arrow.
    label = "<BR/>".join(f"{_SPACE}{_text(line)}{_SPACE}" for line in style.words(arrow))
    graph.edge(arrow.source, arrow.target, _html(label) if label else None, **looks)


def _caption(picture: Picture) -> str:
    rows = [f'<TR><TD ALIGN="LEFT">{_text(line)}</TD></TR>' for line in picture.caption]
    if most := style.busiest(picture):
        cells = "".join(_legend(*one) for one in style.scale(most))
        rows.append(
            '<TR><TD ALIGN="LEFT"><TABLE BORDER="0" CELLBORDER="0" CELLSPACING="2"><TR>'
            f"<TD>calls:</TD>{_legend(style.NOBODY, 1, '0')}{cells}</TR></TABLE></TD></TR>"
        )
    return _table(rows)


def _legend(colour: str, width: float, calls: str) -> str:
    bar = f'<TD FIXEDSIZE="TRUE" WIDTH="36" HEIGHT="{width:.0f}" BGCOLOR="{colour}"></TD>'
    inner = f'<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0"><TR>{bar}</TR></TABLE>'
    return f"<TD>{inner}</TD><TD>{_text(calls)}</TD>"


def _table(rows: Iterable[str]) -> str:
    inside = "".join(rows)
    return _html(f'<TABLE BORDER="0" CELLBORDER="0">{inside}</TABLE>') if inside else ""


def _text(text: str) -> str:
    # Graphviz reads backslashes here as well, and takes no empty element.
    return html.escape(style.clean(text)).replace("\\", "\\\\") or _SPACE


def _html(inside: str) -> str:
    """Mark a label as one of Graphviz's HTML-like ones, in which nothing else has a meaning."""
    return f"<{inside}>"
