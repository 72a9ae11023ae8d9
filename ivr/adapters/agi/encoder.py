"""AGI commands as bytes: one line each, quoted, bounded, never two.

Asterisk reads a line into 8 KiB and splits it into at most 127 arguments; longer ones are cut
silently, and a line break in an argument would be a second command whose reply shifts every later
one. So whatever does not fit is refused here.
"""

from __future__ import annotations

import re
from typing import NewType

from ivr.adapters.agi.errors import LocalProtocolError

MAX_BYTES = 2000
MAX_ARGUMENTS = 32

CommandLine = NewType("CommandLine", bytes)
"""One encoded command, with its line feed; only `encode` makes them."""

_PLAIN = re.compile(r"[A-Za-z0-9_./:=+-]+")
_BREAKS = re.compile(r"[\r\n\0]")


def encode(*arguments: str) -> CommandLine:
    """Return the command of these words and arguments.

    Raises LocalProtocolError for none, more than 32 of them, a CR, LF or NUL in one, text that is
    no Unicode, and a line over 2,000 bytes. A secret must never be an argument: Asterisk
    publishes commands as events.
    """
    if not 1 <= len(arguments) <= MAX_ARGUMENTS:
        raise LocalProtocolError(f"a command has 1 to {MAX_ARGUMENTS} words")
    text = " ".join(map(_quote, arguments))
    try:
        line = text.encode() + b"\n"
    except UnicodeEncodeError:
        # `from None`: the original error carries the argument.
        raise LocalProtocolError("a command argument is no Unicode text") from None
    if len(line) > MAX_BYTES:
        raise LocalProtocolError(f"a command has at most {MAX_BYTES} bytes")
    return CommandLine(line)


def _quote(argument: str) -> str:
    if _PLAIN.fullmatch(argument):
        return argument
    if _BREAKS.search(argument):
        raise LocalProtocolError("a command argument may hold no CR, LF or NUL")
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
