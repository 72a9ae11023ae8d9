"""Writing down what a caller does, as a script that does the same at the same moments.

Each deed is timed from the beginning of the latest prompt heard before it, so that the script still
fits when a prompt is recorded anew and takes longer.
"""

from __future__ import annotations

from collections.abc import Iterator

from ivr.adapters.sim.phone import Deed, Happening, Listening, Phone
from ivr.adapters.sim.simulation import Incoming, Report
from ivr.model.prompt import Recording
from ivr.model.scripted import (
    KEY_APART_MS,
    Action,
    Expectations,
    HangsUp,
    Hears,
    Presses,
    Says,
    ScriptedCaller,
    Waits,
)

SPOKEN = "(what was said)"
"""Nobody writes down words: only how long they took."""


class Recorder:
    """A caller's telephone, with somebody who listens in and takes notes."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._heard: list[tuple[str, int]] = []
        self._deeds: list[tuple[tuple[tuple[str, int], ...], Happening]] = []

    def began(self, recording: Recording, at_ms: int) -> None:
        """Hear a recording begin."""
        self._heard.append((recording.id, at_ms))
        self._phone.began(recording, at_ms)

    def next(self, now_ms: int, until_ms: int, listening: Listening) -> Happening | None:
        """Return the next thing the caller does."""
        happening = self._phone.next(now_ms, until_ms, listening)
        if happening is not None:
            self._deeds.append((tuple(self._heard), happening))
            self._heard.clear()
        return happening

    def caller(self, name: str, incoming: Incoming, report: Report) -> ScriptedCaller:
        """Return the script of the call that is over."""
        return ScriptedCaller(
            caller=name,
            calls=incoming.dnis,
            ani=incoming.ani,
            at=incoming.at,
            script=tuple(_joined(self._actions())),
            expects=Expectations(ends=report.ended, trail=report.trail),
        )

    def _actions(self) -> Iterator[Action]:
        """Yield the deeds as actions, each key by itself."""
        cursor = 0
        for heard, deed in self._deeds:
            if heard:
                name, at_ms = heard[-1]
                # Of two prompts of the same name the script would take the first.
                yield from [Hears(hears=name)] * sum(one == name for one, _ in heard)
                cursor = max(cursor, at_ms)
            wait = max(deed.at_ms - cursor, 0)
            apart = min(wait, KEY_APART_MS) if deed.deed is Deed.KEY else 0
            if wait > apart:
                yield Waits.model_validate({"waits": f"{wait - apart}ms"})
            if deed.deed is Deed.KEY:
                yield Presses.model_validate({"presses": deed.key, "apart": f"{apart}ms"})
            elif deed.deed is Deed.VOICE:
                yield Says.model_validate({"says": SPOKEN, "takes": f"{deed.ms}ms"})
            else:
                yield HangsUp(hangs_up=True)
            cursor = deed.at_ms + deed.ms


def _joined(actions: Iterator[Action]) -> Iterator[Action]:
    """Join keys that follow each other as fast as one another to one action."""
    last: Action | None = None
    for action in actions:
        if isinstance(last, Presses) and isinstance(action, Presses) and last.apart == action.apart:
            last = last.model_copy(update={"presses": last.presses + action.presses})
            continue
        if last is not None:
            yield last
        last = action
    if last is not None:
        yield last
