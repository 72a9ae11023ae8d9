"""Which voices there are, and which one speaks a language."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import ivr.adapters.voice
from ivr.model.errors import PortError
from ivr.ports.voice import Voice


class VoiceType(Protocol):
    """A voice's class: made for one language, with the folder where `make voices` put things."""

    NAME: str
    RANK: int
    """Preference: the lowest that speaks the language is the default."""
    SPEAKERS: Mapping[str, str]
    """Language → the speaker used for it."""

    def __call__(self, language: str, home: Path) -> Voice:
        """Open the voice. Raises PortError, with what to install, when it cannot run here."""


def voices() -> dict[str, VoiceType]:
    """Return every voice by name, the preferred first."""
    found: list[VoiceType] = []
    for entry in pkgutil.iter_modules(ivr.adapters.voice.__path__):
        module = importlib.import_module(f"{ivr.adapters.voice.__name__}.{entry.name}")
        if hasattr(module, "VOICE"):
            found.append(module.VOICE)
    return {voice.NAME: voice for voice in sorted(found, key=lambda voice: voice.RANK)}


def open_voice(language: str, home: Path, name: str | None = None) -> Voice:
    """Open the voice `name`, or the preferred one, for a language.

    `home` is where `make voices` installed. Raises PortError.
    """
    known = voices()
    if name is not None and name not in known:
        raise PortError("voice", f"no voice {name!r}; there are {', '.join(known)}")
    for candidate in [known[name]] if name else known.values():
        if language in candidate.SPEAKERS:
            return candidate(language, home)
    speaking = [voice for voice, kind in known.items() if language in kind.SPEAKERS]
    raise PortError(
        "voice", f"{name or 'no voice'} does not speak {language}; {', '.join(speaking)} would"
    )
