"""Queues and agents for flows that only need that there are some."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "queues.yaml": "queues: {service: {agents: [anyone]}}\n",
    "agents.yaml": 'agents: {"1001": {name: Li Na, languages: [zh, en]}}\n',
}
"""One queue, `service`, and one agent."""


def add_queues(folder: Path) -> None:
    """Write them beside the flows of a folder."""
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
