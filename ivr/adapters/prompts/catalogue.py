"""The catalogue: every prompt of every language and the recording that serves it, in memory.

After `load_catalogue` no file is touched and no path is ever built from what a caller keyed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from ivr.adapters.prompts.manifest import Entry, digest, read_manifest, served, studio
from ivr.adapters.prompts.texts import CatalogueError, load_texts
from ivr.model.errors import EvaluationError, PortError
from ivr.model.prompt import Audible, Prompted, Recording
from ivr.model.say import say, segments

__all__ = ["APOLOGY", "Catalogue", "CatalogueError", "Missing", "load_catalogue"]

APOLOGY = "sorry-technical"
"""The prompt heard in place of one that has no recording."""

BYTES_A_MS = 8
_LOG = logging.getLogger(__name__)


class Missing(msgspec.Struct, frozen=True, order=True):
    """A recording that is not there (`why` is "no recording") or does not say its text any more."""

    language: str
    id: str
    why: str


class Catalogue:
    """Recordings by language and id. Implements the Prompts port."""

    def __init__(
        self,
        texts: Mapping[str, Mapping[str, str]],
        recordings: Mapping[str, Mapping[str, Recording]],
        missing: Iterable[Missing],
    ) -> None:
        self._texts = texts
        self._recordings = recordings
        self._missing = tuple(sorted(missing))

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have texts, sorted."""
        return tuple(self._texts)

    def ids(self, language: str) -> frozenset[str]:
        """Return the ids of a language's own prompts, without the say-layer's segments."""
        return frozenset(self._texts.get(language, {}))

    def texts(self, language: str) -> Mapping[str, str]:
        """Return everything that a language needs a recording of: id → text."""
        return {**segments(language), **self._texts.get(language, {})}

    def missing(self) -> tuple[Missing, ...]:
        """Return what a caller would miss, sorted: no recording, a stale one, no text."""
        return self._missing

    def resolve(self, prompt_id: str, language: str) -> Recording | None:
        """Return the recording of a prompt or segment; None when there is none."""
        return self._recordings.get(language, {}).get(prompt_id)

    def render(self, items: Iterable[Audible], language: str) -> tuple[Recording, ...]:
        """Return the recordings to play, in order.

        An item without a recording is served by `sorry-technical` and logged, so that a caller
        never hears silence. Raises PortError when not even that exists.
        """
        played: list[Recording] = []
        for item in items:
            played.extend(self._heard(item, language) or self._apology(item, language))
        return tuple(played)

    def _heard(self, item: Audible, language: str) -> list[Recording]:
        if isinstance(item, Prompted):
            found = self.resolve(item.id, item.language or language)
            return [found] if found else []
        try:
            ids = say(language, item.kind, item.value).segments
        except EvaluationError as error:
            _LOG.error("cannot speak: %s", error)
            return []
        spoken = [self.resolve(segment, language) for segment in ids]
        known = [recording for recording in spoken if recording]
        # Half an amount is worse than none.
        return known if len(known) == len(spoken) else []

    def _apology(self, item: Audible, language: str) -> list[Recording]:
        what = item.id if isinstance(item, Prompted) else f"a spoken {item.kind}"
        apology = self.resolve(APOLOGY, language)
        if apology is None:
            raise PortError("prompts", f"no recording of {what} nor of {APOLOGY} in {language}")
        _LOG.error("no recording of %s in %s: played %s", what, language, APOLOGY)
        return [apology]


def load_catalogue(folder: Path) -> Catalogue:
    """Read texts, manifests and recordings of `prompts/`.

    A missing recording is no error here: it is in `missing()`. Raises CatalogueError, with every
    problem as file:line:column, for texts or a manifest that cannot be read.
    """
    folder = folder.resolve()
    texts = load_texts(folder)
    recordings: dict[str, dict[str, Recording]] = {}
    missing: list[Missing] = []
    everywhere = dict.fromkeys(name for own in texts.values() for name in own)
    for language, own in texts.items():
        wanted = {**segments(language), **own}
        table = recordings[language] = {}
        manifest = read_manifest(folder / language)
        for name, text in wanted.items():
            recording = _recording(served(folder / language, name), name, text)
            if recording:
                table[name] = recording
            why = _why_missing(studio(folder / language, name), recording, manifest.get(name))
            if why:
                missing.append(Missing(language, name, why))
        missing += [Missing(language, name, "no text") for name in everywhere if name not in own]
    return Catalogue(texts, recordings, missing)


def _recording(place: Path, name: str, text: str) -> Recording | None:
    try:
        size = place.with_suffix(".ulaw").stat().st_size
    except FileNotFoundError:
        return None
    if not size:
        return None
    return Recording(name, text, str(place), size // BYTES_A_MS)


def _why_missing(wav: Path, recording: Recording | None, entry: Entry | None) -> str:
    if recording is None:
        return "no recording"
    if wav.is_file():
        current = entry is not None and entry.studio == digest(wav.read_bytes())
        return "" if current else "studio recording not built in"
    if entry is None or entry.text != recording.text:
        return "recording says something else"
    return ""
