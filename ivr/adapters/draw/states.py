"""A table of states as a Mermaid state diagram."""

from __future__ import annotations

from collections.abc import Iterable

Arrow = tuple[str, str, str]
"""From a state, to a state, and what leads there."""


def draw_states(begins: str, arrows: Iterable[Arrow]) -> str:
    """Return the diagram. What leads the same way stands on one arrow."""
    ways: dict[tuple[str, str], list[str]] = {}
    for source, target, label in arrows:
        ways.setdefault((source, target), []).append(label)
    lines = [
        f"{source} --> {target}: {', '.join(labels)}" for (source, target), labels in ways.items()
    ]
    return (
        "\n".join(["stateDiagram-v2", *(f"  {line}" for line in (f"[*] --> {begins}", *lines))])
        + "\n"
    )
