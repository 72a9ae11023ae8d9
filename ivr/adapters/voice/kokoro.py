"""Kokoro: a neural voice (82 million parameters, Apache-2.0) for Mandarin and English.

It runs as a worker in an environment of its own, `make voices`, because it wants packages that a
hotline has no use for. Slower than real time allows: for building recordings only.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import ivr
from ivr.adapters.voice.command import program
from ivr.adapters.voice.polyphones import undecided
from ivr.model.errors import PortError
from ivr.ports.voice import Sound

_INSTALL = "run `make voices`, or choose another with --voice"


class Kokoro:
    """One speaker of Kokoro-82M v1.0."""

    NAME = "kokoro"
    RANK = 10
    SPEAKERS: Mapping[str, str] = {"en": "af_heart", "zh": "zf_xiaoxiao"}

    def __init__(self, language: str, home: Path) -> None:
        python = home / "venv" / "bin" / "python"
        if not python.is_file():
            raise PortError("voice", f"kokoro is not installed in {home}: {_INSTALL}")
        if language == "en":
            program("espeak-ng", "apt-get install espeak-ng (kokoro reads English through it)")
        self._language = language
        self._speaker = self.SPEAKERS[language]
        self.name = f"kokoro-82m {self._speaker}"
        root = Path(ivr.__file__).parent.parent
        self._worker = subprocess.Popen(  # noqa: S603 - our own worker, no shell
            [str(python), "-m", "ivr.adapters.voice.kokoro_worker", str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(root)},
        )

    def speak(self, text: str) -> Sound:
        """Read a text aloud. Raises PortError."""
        if self._language == "zh":
            _check_chinese(text)
        request = {"text": text, "language": self._language, "speaker": self._speaker}
        stdin, stdout = self._worker.stdin, self._worker.stdout
        if stdin is None or stdout is None:
            raise PortError("voice", "kokoro's worker has no pipes")
        try:
            stdin.write(json.dumps(request).encode() + b"\n")
            stdin.flush()
            header = stdout.readline()
        except BrokenPipeError:
            header = b""
        if not header:
            raise PortError("voice", f"kokoro's worker died (exit code {self._worker.wait()})")
        answer = json.loads(header)
        if "error" in answer:
            raise PortError("voice", f"kokoro: {answer['error']}")
        return Sound(answer["rate"], stdout.read(answer["bytes"]))

    def close(self) -> None:
        """End the worker."""
        if self._worker.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._worker.stdin.close()
        self._worker.wait(timeout=30)
        if self._worker.stdout is not None:
            self._worker.stdout.close()


def _check_chinese(text: str) -> None:
    """Refuse what the Chinese voice would leave out or might read wrongly."""
    latin = "".join(char for char in text if char.isascii() and char.isalpha())
    if latin:
        raise PortError("voice", f"write {latin!r} in Chinese characters: kokoro would skip it")
    unknown = undecided(text)
    if unknown:
        where = ", ".join(unknown)
        raise PortError("voice", f"several readings: add a phrase to polyphones.py for {where}")


VOICE = Kokoro
