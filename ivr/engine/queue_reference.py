"""Reference documentation of queues and agents, written from their models: one page of Markdown."""

from __future__ import annotations

from ivr.engine.reference import MARK, fields
from ivr.model.queues import CALLER_FACTS, AgentsDocument, QueuesDocument

PAGE = "queues-and-agents.md"
"""The file of the page, beside those of the step types."""


def page() -> str:
    """Return the page."""
    queues = QueuesDocument.model_json_schema()
    agents = AgentsDocument.model_json_schema()
    facts = "\n".join(f"| `caller.{name}` | {kind} |" for name, kind in CALLER_FACTS.items())
    parts = [
        "# Queues and agents",
        MARK,
        "What `flows/queues.yaml` and `flows/agents.yaml` may hold. [docs/queues.md](../queues.md) tells how"
        " to write them.",
        *fields("## queues.yaml", queues, queues),
        *fields("## agents.yaml", agents, agents),
        "## What rules read",
        "Skills by their names, `languages` (a text: `zh en`), `agent` (their number), and of the caller:",
        f"| name | type |\n|---|---|\n{facts}",
    ]
    return "\n\n".join(parts) + "\n"
