"""A person at a terminal as the caller: types keys, reads what is heard."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from ivr.adapters.sim.phone import Deed, Happening, Listening
from ivr.model.digits import KEYS
from ivr.model.prompt import Recording
from ivr.model.scripted import KEY_APART_MS, SPEAKING_MS

HANG_UP = "h"
HELP = "keys 0-9 * #, several at once; Enter alone: say nothing; h: hang up"

Ask = Callable[[str], str | None]
"""Shows a question and returns the line typed, or None at the end of the input."""


class ConsolePhone:
    """A caller who is asked for keys whenever the line waits for some.

    A line of several keys is typed ahead: the keys follow each other as fast as a thumb can, so the
    later ones cut the prompts that come meanwhile.
    """

    def __init__(self, ask: Ask, tell: Callable[[str], None]) -> None:
        self._ask = ask
        self._tell = tell
        self._ahead: deque[Happening] = deque()
        self._spoken = False

    def began(self, recording: Recording, at_ms: int) -> None:
        """Hear a recording begin: the transcript shows it."""

    def next(self, now_ms: int, until_ms: int, listening: Listening) -> Happening | None:
        """Return the next key; ask for some when the line waits and none are typed ahead."""
        if listening is Listening.KEY and not self._ahead:
            self._ask_keys(now_ms, until_ms)
        elif listening is Listening.VOICE and not self._spoken:
            self._ask_voice(now_ms)
        self._spoken = listening is Listening.VOICE
        if not self._ahead or self._ahead[0].at_ms > until_ms:
            return None
        return self._ahead.popleft()

    def _ask_keys(self, now_ms: int, until_ms: int) -> None:
        while True:
            line = self._ask(f"  keys ({(until_ms - now_ms) / 1000:g} s)> ")
            if line is None or line.strip().lower() == HANG_UP:
                self._ahead.append(Happening(now_ms, Deed.HANGUP))
                return
            keys = line.replace(" ", "")
            if all(key in KEYS for key in keys):
                break
            self._tell(HELP)
        for number, key in enumerate(keys):
            self._ahead.append(Happening(now_ms + number * KEY_APART_MS, Deed.KEY, key))

    def _ask_voice(self, now_ms: int) -> None:
        line = self._ask("  speak (# at the end: the hash key; Enter alone: silence)> ")
        if line is None or line.strip().lower() == HANG_UP:
            self._ahead.append(Happening(now_ms, Deed.HANGUP))
            return
        words = line.strip().removesuffix("#").strip()
        ms = max(len(words.split()) * 2, len(words) // 3) * SPEAKING_MS if words else 0
        if ms:
            self._ahead.append(Happening(now_ms, Deed.VOICE, ms=ms))
        if line.strip().endswith("#"):
            self._ahead.append(Happening(now_ms + ms, Deed.KEY, "#"))
