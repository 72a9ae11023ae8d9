"""The wallboard as parts, rendered once for everybody who looks at it.

Every part has the number of the board with which it changed last: whoever has seen the board before
is sent what is newer, whatever boards they have missed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from ivr.desk.offers import Offers
from ivr.desk.rendering import render
from ivr.desk.watch import Seen
from ivr.ports.agents import AgentState
from ivr.ports.floor import QueueView

ALERTS_SHOWN = 5
"""So many stand above the queues, the latest first."""


class Part(msgspec.Struct, frozen=True):
    """A part of the page, and the number of the board it came with."""

    number: int
    text: str


class Wall:
    """The wallboard in one language."""

    def __init__(self, language: str, offers: Offers) -> None:
        self._language = language
        self._offers = offers
        self._parts: dict[str, Part] = {}
        self._sources: dict[str, object] = {}
        self._number = -1
        self.layout = 0
        """The number of the board with which queues or agents came or went."""

    def parts(self, seen: Seen) -> Mapping[str, Part]:
        """Return the parts, by name."""
        if seen.number != self._number:
            self._update(seen)
        return self._parts

    def newer(self, seen: Seen, than: int) -> str:
        """Return the parts that are newer than a board, one after the other."""
        found = (part.text for part in self.parts(seen).values() if part.number > than)
        # Rows of a table are dropped by browsers where anything else stands beside them.
        return "".join(f"<template>{text}</template>" for text in found)

    def _update(self, seen: Seen) -> None:
        board = seen.board
        wanted: dict[str, tuple[str, object]] = {
            "summary": ("summary", (Counter(one.state for one in board.agents), seen.problem)),
            "figures": ("figures", seen.figures),
            "alerts": ("alerts", board.alerts[: -ALERTS_SHOWN - 1 : -1]),
        }
        wanted |= {f"queue-{one.queue}": ("queue", _steady(one, board.at)) for one in board.queues}
        wanted |= {f"agent-{one.agent}": ("agent", one) for one in board.agents}
        if wanted.keys() != self._parts.keys():
            self.layout = seen.number
        parts = {}
        for name, (template, source) in wanted.items():
            old = self._parts.get(name)
            # A view is equal to another with the same values: nothing is rendered for it again.
            if old is None or self._sources[name] != source:
                old = Part(seen.number, self._rendered(template, source))
            parts[name] = old
        self._parts, self._number = parts, seen.number
        self._sources = {name: source for name, (_, source) in wanted.items()}

    def _rendered(self, template: str, source: object) -> str:
        values = {"one": source, "offers": self._offers, "states": tuple(AgentState)}
        return render(f"wall/{template}.html", self._language, **values)


def _steady(view: QueueView, at: datetime) -> tuple[QueueView, datetime | None]:
    """Return a queue without what only time changes in it, and since when somebody waits."""
    since = at - timedelta(seconds=view.longest_s) if view.waiting else None
    return msgspec.structs.replace(view, longest_s=0), since and since.replace(microsecond=0)
