"""Pictures of flows in Mermaid, which GitHub, GitLab and many wikis draw by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ivr.adapters.draw import style
from ivr.engine.picture import Arrow, Box, Group, Kind, Picture

_PLAIN = re.compile(r"[^0-9A-Za-z ,.·→‹›“”…–一-鿿，。、？！：；（）-]")
"""What might mean something to Mermaid, or to the HTML it makes, is written as `#code;`."""

_LINES = {
    Kind.EDGE: "-->",
    Kind.CALL: "<-.->",
    Kind.JUMP: "==>",
    Kind.HANDLER: "-.->",
    Kind.LEVEL: "-.->",
}


def draw_mermaid(picture: Picture) -> str:
    """Return the picture as a Mermaid flowchart."""
    return "\n".join(_lines(picture)) + "\n"


def _lines(picture: Picture) -> Iterator[str]:
    yield "flowchart TB"
    for group in picture.groups:
        yield from _group(group)
    for arrow in picture.arrows:
        yield f"  {_arrow(arrow)}"
    yield "  classDef ending fill:#eceff1,stroke:#37474f,stroke-width:3px"
    yield "  classDef number fill:#bbdefb,stroke:#37474f"
    yield "  classDef event fill:none,stroke:none,color:#90a4ae"
    yield "  classDef step fill:none,stroke:none"
    yield "  classDef locked stroke:#8e24aa"
    yield from _styles(picture)
    lines = [*picture.caption, *_legend(picture)]
    if lines:
        yield f'  caption["{_rows(lines)}"]'
        yield "  style caption fill:none,stroke:none,text-align:left"


def _group(group: Group) -> Iterator[str]:
    yield f'  subgraph {group.id}["{_text(group.flow)}"]'
    for marker in group.markers:
        yield f'    {marker.id}["{_text(style.sign(marker))}"]:::{marker.sign}'
    for box in group.boxes:
        yield f"    {box.id}{_box(box)}"
    yield "  end"


def _box(box: Box) -> str:
    lines = [style.title(box), style.kind(box)]
    if box.heard:
        lines.append(f"“{box.heard}”")
    if box.traffic is not None:
        lines.append(style.figures(box.traffic))
    rows = _rows(lines)
    if box.end:
        return f'(["{rows}"]):::ending'
    return f'["{rows}"]{":::locked" if box.level else ""}'


def _arrow(arrow: Arrow) -> str:
    label = _rows(style.words(arrow))
    said = f'|"{label}"|' if label else ""
    return f"{arrow.source} {_LINES[arrow.kind]}{said} {arrow.target}"


def _styles(picture: Picture) -> Iterator[str]:
    most = style.busiest(picture)
    for number, arrow in enumerate(picture.arrows):
        if arrow.calls is not None:
            colour, width = style.colour(arrow.calls, most), style.width(arrow.calls, most)
            yield f"  linkStyle {number} stroke:{colour},stroke-width:{width}px"
        elif arrow.kind is Kind.HANDLER:
            yield f"  linkStyle {number} stroke:{style.PALE}"


def _legend(picture: Picture) -> Iterator[str]:
    if most := style.busiest(picture):
        yield f"the wider and darker an arrow, the more calls: up to {most:,}"


def _rows(lines: Iterable[str]) -> str:
    return "<br/>".join(_text(line) for line in lines)


def _text(text: str) -> str:
    return _PLAIN.sub(lambda found: f"#{ord(found[0])};", style.clean(text))
