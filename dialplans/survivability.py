#!/usr/bin/env python3
"""What a caller hears when no engine answers.

Asterisk starts this script itself (a process AGI), so that it depends on nothing that may have
failed: not the engine, not a database, not a network. It apologises in the caller's language and
says how the plain queue after it shall treat the caller:

- `QUEUE_PRIO`: callers who were already in a call come before those who only just arrived,
- `IVR_QUEUE_SECONDS`: how long they wait for a person,
- `IVR_APOLOGISED=1`: done; without it the dialplan apologises by itself.

Usage in the dialplan: AGI(python,-I,survivability.py,PROMPTS,SECONDS): the folder that
holds one folder of recordings a language, and the wait.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from asterisk.agi import AGI, AGIException, AGIHangup

APOLOGY = "survivability"
"""The recording to play, in `PROMPTS/<language>/`."""
LANGUAGE = re.compile(r"[a-z]{2}")
DEFAULT_LANGUAGE = "zh"
PRIORITY = "5"


class Replies:
    """What Asterisk says; when it or the caller goes away, that is a hang-up and not a reply."""

    def readline(self) -> str:
        """Return the next line; raises AGIHangup when there is none to come."""
        line = sys.stdin.readline()
        if not line or line.strip() == "HANGUP":
            raise AGIHangup("Asterisk or the caller went away")
        return line


class SafeAgi(AGI):  # type: ignore[misc]  # pyst2 has no types
    """pyst2's AGI with its dangers removed.

    It quotes nothing, so that a quote or a line end in a value would start another command; it
    copies all traffic to stderr; and it waits for ever for the rest of a usage message.
    """

    def __init__(self) -> None:
        # The file lives as long as this process.
        super().__init__(stdin=Replies(), stderr=Path(os.devnull).open("w"))  # noqa: SIM115

    def quoted(self, value: object) -> str:
        """Return `value` as one argument of an AGI command."""
        text = re.sub(r"[\r\n\0]", " ", str(value))
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    _quote = quoted


def apology(prompts: Path, language: str) -> Path:
    """Return the recording to play, without extension: the caller's language, else the default."""
    if LANGUAGE.fullmatch(language) and (prompts / language / f"{APOLOGY}.ulaw").exists():
        return prompts / language / APOLOGY
    return prompts / DEFAULT_LANGUAGE / APOLOGY


def serve(agi: SafeAgi, prompts: Path, queue_seconds: str) -> None:
    """Apologise, then say how the queue shall treat this caller."""
    agi.set_variable("IVR_QUEUE_SECONDS", queue_seconds)
    agi.set_variable("QUEUE_PRIO", PRIORITY)
    agi.stream_file(agi.quoted(apology(prompts, agi.env.get("agi_language", DEFAULT_LANGUAGE))))
    agi.set_variable("IVR_APOLOGISED", "1")


def main() -> int:
    """Run as an AGI script; 1 when Asterisk or the caller went away."""
    try:
        serve(SafeAgi(), Path(sys.argv[1]), sys.argv[2])
    except (AGIException, OSError):
        # The dialplan sees that IVR_APOLOGISED is not set and carries on by itself.
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
