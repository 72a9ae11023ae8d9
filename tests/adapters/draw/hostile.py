"""Pictures with texts that mean something to those who draw them."""

from __future__ import annotations

from ivr.centre.traffic import StepTraffic, Traffic
from ivr.engine.picture import Arrow, Box, Group, Kind, Marker, Picture, Sign

TEXTS = (
    'say "hello"',
    "a < b > c & d &lt;",
    "x] --> y[ | z",
    "`code` \\n \\N\\G \\\\ \\",
    "two\nlines\r\n\tand a tab",
    "<b>bold</b><script>alert(1)</script>",
    "#quot; #35; %% ; end",
    "\x00\x07\x1b[31m\ud800 \ufffe",
    "1. list - **bold** _it_ $x$",
    "查询余额请按一，“您好”",
    "<",
    "-->",
    "click f0s0 call alert()",
    "",
)


def picture(texts: tuple[str, ...] = TEXTS, *, heat: bool = False) -> Picture:
    """Return a picture with each text in every place where an author's text can stand."""
    traffic = StepTraffic(5, {"hangup": 1}, 9000, 5) if heat else None
    boxes = tuple(
        Box(f"f0s{number}", text, text, text, level=number % 3, end=number % 2 == 1, outcome=text)
        for number, text in enumerate(texts)
    )
    if heat:
        boxes = tuple(Box(box.id, "step", "say", traffic=traffic) for box in boxes)
    arrows = tuple(
        Arrow(box.id, boxes[0].id, kind, (text, text), calls=number if heat else None)
        for number, (box, text) in enumerate(zip(boxes, texts, strict=True))
        for kind in Kind
    )
    group = Group("f0", texts[0], boxes, (Marker("f0n", texts[0], Sign.NUMBER),))
    counted = Traffic(versions={"v": 5}) if heat else None
    return Picture((group,), arrows, texts, counted)
