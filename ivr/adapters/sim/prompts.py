"""What is heard in a simulation: recordings where there are any, else their text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec.structs import replace

from ivr.model.errors import EvaluationError
from ivr.model.prompt import Audible, Prompted, Recording
from ivr.model.say import say, segments

Resolve = Callable[[str, str], Recording | None]
"""(prompt id, language) → the recording, or None when there is none."""

APOLOGY = "sorry-technical"
LATIN_MS = 65
"""What a letter takes to say, about."""
CHINESE_MS = 230
"""What a character takes to say, about."""
_SHORTEST_MS = 300


class SimPrompts:
    """Implements the Prompts port. `texts` are language → prompt id → text.

    A prompt without recording takes as long as its text would; one without text is its id.
    """

    def __init__(
        self, texts: Mapping[str, Mapping[str, str]], resolve: Resolve | None = None
    ) -> None:
        self._texts = texts
        self._resolve = resolve

    def render(self, items: Iterable[Audible], language: str) -> tuple[Recording, ...]:
        """Return what is heard, in order."""
        return tuple(recording for item in items for recording in self._heard(item, language))

    def _heard(self, item: Audible, language: str) -> Iterator[Recording]:
        if isinstance(item, Prompted):
            yield self._recording(item.id, item.language or language, {})
            return
        try:
            names = say(language, item.kind, item.value).segments
        except EvaluationError as error:
            # As on a real line: an apology. Here somebody reads why.
            apology = self._recording(APOLOGY, language, {})
            yield replace(apology, text=f"{apology.text} [{error}]")
            return
        for name in names:
            yield self._recording(name, language, segments(language))

    def _recording(self, name: str, language: str, spoken: Mapping[str, str]) -> Recording:
        found = self._resolve(name, language) if self._resolve is not None else None
        if found is not None:
            return found
        text = self._texts.get(language, {}).get(name) or spoken.get(name, name)
        return Recording(name, text, "", estimate_ms(text))


def estimate_ms(text: str) -> int:
    """Return how long it takes to say a text, about."""
    wide = sum(character > "\u2e7f" for character in text)
    return max(wide * CHINESE_MS + (len(text) - wide) * LATIN_MS, _SHORTEST_MS)
