"""The topics of complaints: which rise, and are hot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ivr.centre.voc import rising
from ivr.centre.voc.figures import Row
from ivr.centre.voc.material import Half, Material
from ivr.centre.voc.values import Matter

MOST_TOPICS = 12
"""Topics that are shown where fewer are hot."""


def rows(material: Material) -> list[Row]:
    """Return the topics that rise, and those next to it."""
    now, before = material.now, material.before
    counted, earlier = (_by_topic(material.matters(half)) for half in (now, before))
    names = sorted(counted.keys() | earlier.keys())
    asked = {
        f"{branch}/{theme}": rising.Count(
            counted[branch, theme],
            earlier[branch, theme],
            now.calls(_exposed(now, before, branch)),
            before.calls(_exposed(now, before, branch)),
        )
        for branch, theme in names
        if theme and (branch == material.branch or not material.branch)
    }
    found = rising.topics(asked)
    ordered = sorted(found.items(), key=lambda item: (item[1].q, item[1].p, item[0]))
    shown = [item for place, item in enumerate(ordered) if item[1].hot or place < MOST_TOPICS]
    return [_topic(name, topic, len(found)) for name, topic in shown]


def _exposed(now: Half, before: Half, branch: str) -> str:
    return branch if now.calls(branch) and before.calls(branch) else ""


def _by_topic(matters: Iterable[Matter]) -> Counter[tuple[str, str]]:
    """Count complaints by branch and theme, and by theme of the whole bank (branch empty)."""
    found: Counter[tuple[str, str]] = Counter()
    for one in matters:
        if not one.complaint:
            continue
        found["", one.theme] += 1
        if one.branch:
            found[one.branch, one.theme] += 1
    return found


def _topic(name: str, topic: rising.Topic, tested: int) -> Row:
    branch, _, theme = name.partition("/")
    return {
        "branch": branch,
        "theme": theme,
        "complaints": topic.count.now,
        "before": topic.count.before,
        "ratio": topic.ratio,
        "low": topic.low,
        "high": topic.high,
        "p": topic.p,
        "q": topic.q,
        "hot": topic.hot,
        "tested": tested,
    }
