"""The other end of a simulated line: what a caller does, and when."""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Iterator
from typing import Protocol

import msgspec

from ivr.model.prompt import Recording
from ivr.model.scripted import Action, HangsUp, Hears, Presses, Says, Waits


class Deed(enum.Enum):
    """What a caller can do."""

    KEY = "key"
    VOICE = "voice"
    HANGUP = "hangup"


class Happening(msgspec.Struct, frozen=True):
    """What the caller does at a time (ms of the call): press `key`, speak for `ms`, or hang up."""

    at_ms: int
    deed: Deed
    key: str = ""
    ms: int = 0


class Listening(enum.Enum):
    """What the line waits for, when it waits for the caller at all."""

    NOT = "not"
    KEY = "key"
    VOICE = "voice"


class Phone(Protocol):
    """A caller. Times are milliseconds of the call and never go back."""

    def began(self, recording: Recording, at_ms: int) -> None:
        """Hear a recording begin."""

    def next(self, now_ms: int, until_ms: int, listening: Listening) -> Happening | None:
        """Return the next thing the caller does until `until_ms`, once; None for nothing."""


class ScriptedPhone:
    """A caller who follows a script. `failures` says what never came about."""

    def __init__(self, script: tuple[Action, ...]) -> None:
        self._script = deque(script)
        self._cursor = 0
        self._heard: list[tuple[str, int]] = []
        self._position = 0
        self._ahead: deque[Happening] = deque()
        self.failures: list[str] = []

    def began(self, recording: Recording, at_ms: int) -> None:
        self._heard.append((recording.id, at_ms))

    def next(self, now_ms: int, until_ms: int, listening: Listening) -> Happening | None:
        while not self._ahead:
            if not self._script or not self._do(self._script[0], until_ms):
                return None
        if self._ahead[0].at_ms > until_ms:
            return None
        return self._ahead.popleft()

    def unfinished(self) -> tuple[str, ...]:
        """Return what went wrong, and what was still to be heard when the call ended."""
        waiting = next((action for action in self._script if isinstance(action, Hears)), None)
        if self.failures or waiting is None:
            return tuple(self.failures)
        return (f"the prompt `{waiting.hears}` was never heard; {self._seen()}",)

    def _do(self, action: Action, until_ms: int) -> bool:
        """Do the first action of the script, if it can be done by now."""
        if isinstance(action, Hears):
            return self._hear(action, until_ms)
        self._script.popleft()
        self._ahead.extend(self._deeds(action))
        return True

    def _deeds(self, action: Action) -> Iterator[Happening]:
        if isinstance(action, Presses):
            for key in action.presses:
                self._cursor += action.apart
                yield Happening(self._cursor, Deed.KEY, key)
        elif isinstance(action, Says):
            yield Happening(self._cursor, Deed.VOICE, ms=action.ms)
            self._cursor += action.ms
        elif isinstance(action, Waits):
            self._cursor += action.waits
        elif isinstance(action, HangsUp):
            yield Happening(self._cursor, Deed.HANGUP)

    def _hear(self, action: Hears, until_ms: int) -> bool:
        for index in range(self._position, len(self._heard)):
            name, at_ms = self._heard[index]
            if name == action.hears:
                return self._heard_it(action, index, at_ms)
        if action.within is None or until_ms < self._cursor + action.within:
            return False
        return self._give_up(action, action.within)

    def _heard_it(self, action: Hears, index: int, at_ms: int) -> bool:
        if action.within is not None and at_ms > self._cursor + action.within:
            return self._give_up(action, action.within)
        self._script.popleft()
        self._position = index + 1
        self._cursor = max(self._cursor, at_ms)
        return True

    def _give_up(self, action: Hears, within: int) -> bool:
        self.failures.append(
            f"the prompt `{action.hears}` was not heard within {within} ms; {self._seen()}"
        )
        self._script.clear()
        self._ahead.append(Happening(self._cursor + within, Deed.HANGUP))
        return True

    def _seen(self) -> str:
        names = [name for name, _ in self._heard[self._position :]]
        return f"heard since: {', '.join(names) or 'nothing'}"
