"""Synthesisers that are commands: run one, take the wav file that it writes."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import wave
from collections.abc import Callable
from pathlib import Path

from ivr.model.errors import PortError
from ivr.ports.voice import Sound

TIMEOUT_S = 60


def program(name: str, install: str) -> str:
    """Return the path of a program. Raises PortError that says how to install it."""
    found = shutil.which(name)
    if found is None:
        raise PortError("voice", f"{name} is not installed: {install}")
    return found


def wav_of(command: Callable[[str], list[str]], text: str = "") -> Sound:
    """Run `command(path of the wav to write)` with `text` on standard input.

    Raises PortError with the program's own words when it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        target = str(Path(folder) / "said.wav")
        arguments = command(target)
        try:
            run = subprocess.run(  # noqa: S603 - a list, never a shell
                arguments, input=text.encode(), capture_output=True, timeout=TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise PortError("voice", f"{arguments[0]} ran longer than {TIMEOUT_S} s") from error
        if run.returncode or not Path(target).is_file():
            said = run.stderr.decode(errors="replace").strip() or f"exit code {run.returncode}"
            raise PortError("voice", f"{arguments[0]} failed: {said}")
        with wave.open(target) as file:
            return Sound(file.getframerate(), file.readframes(file.getnframes()))
