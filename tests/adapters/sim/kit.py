"""A simulated line with a scripted caller on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ivr.adapters.sim.clock import VirtualClock
from ivr.adapters.sim.line import SimLine
from ivr.adapters.sim.phone import ScriptedPhone
from ivr.adapters.sim.transcript import Transcript
from ivr.model.prompt import Recording
from ivr.model.scripted import Person, ScriptedCaller

START = datetime(2026, 11, 23, 2, tzinfo=UTC)
WELCOME = Recording("welcome", "Welcome.", "", 1000)
MENU = Recording("menu", "Press a key.", "", 2000)


class Call:
    """A line, its caller, its clock and what is noted of it."""

    def __init__(self, *script: object, people: Mapping[str, Any] | None = None) -> None:
        self.clock = VirtualClock(START)
        self.transcript = Transcript(self.clock)
        self.phone = phone(*script)
        persons = {name: Person.model_validate(one) for name, one in (people or {}).items()}
        self.line = SimLine(self.phone, self.clock, self.transcript, persons)


def phone(*script: object) -> ScriptedPhone:
    """Return a caller with a script as YAML has it."""
    body = {"caller": "test", "calls": "1", "script": list(script)}
    return ScriptedPhone(ScriptedCaller.model_validate(body).script)
