"""The AGI environment: which call this is, as Asterisk tells when it connects.

FastAGI has no authentication and the environment no escaping: a caller's name with a line break in
it would be further lines. So keys count once, `agi_arg_*` only after the last of Asterisk's own
lines, and whatever breaks that order refuses the connection (the dialplan then falls back). A
single dirty value is emptied, not cleaned: its caller is anonymous.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

import msgspec

from ivr.adapters.agi.errors import RemoteProtocolError

MAX_BYTES = 16_384
MAX_LINES = 128
MAX_TEXT = 256

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,150}")
_NUMBER = re.compile(r"\+?[0-9]{1,32}")
_EXTENSION = re.compile(r"[A-Za-z0-9+*#_-]{1,80}")
_LAST = b"agi_threadid"
_KNOWN = frozenset(
    b"agi_" + name
    for name in (
        b"request",
        b"channel",
        b"language",
        b"type",
        b"uniqueid",
        b"version",
        b"callerid",
        b"calleridname",
        b"callingpres",
        b"callingani2",
        b"callington",
        b"callingtns",
        b"dnid",
        b"rdnis",
        b"context",
        b"extension",
        b"priority",
        b"enhanced",
        b"accountcode",
        b"threadid",
        b"network",
        b"network_script",
    )
)


class Environment(msgspec.Struct, frozen=True):
    """A call as Asterisk presents it.

    `uniqueid` names the call over all its connections. `script` and `query` come from the URL
    `agi://host/script?name=value`, `arguments` from the rest of `AGI(...)`. `callerid` is digits
    with an optional `+`, or empty; every text is printable and bounded.
    """

    uniqueid: str
    channel: str
    script: str = ""
    query: Mapping[str, str] = {}
    arguments: tuple[str, ...] = ()
    language: str = ""
    callerid: str = ""
    calleridname: str = ""
    dnid: str = ""
    rdnis: str = ""
    context: str = ""
    extension: str = ""


def parse_environment(block: bytes) -> Environment:
    """Read the header block (without its empty line).

    Raises RemoteProtocolError for a line that is no `agi_` variable, a variable given twice, too
    much of anything, and a call without a usable id.
    """
    values, arguments = _collect(block)

    def text(name: bytes) -> str:
        value = values.get(name, b"")
        return "" if value == b"unknown" else _text(value)

    def matching(name: bytes, pattern: re.Pattern[str]) -> str:
        found = text(name)
        return found if pattern.fullmatch(found) else ""

    uniqueid, channel = matching(b"agi_uniqueid", _ID), text(b"agi_channel")
    if not uniqueid or not channel:
        raise RemoteProtocolError("the environment names no channel with a usable unique id")
    script, query = _target(text(b"agi_request"))
    return Environment(
        uniqueid=uniqueid,
        channel=channel,
        script=script,
        query=query,
        arguments=tuple(map(_text, arguments)),
        language=matching(b"agi_language", _EXTENSION),
        callerid=matching(b"agi_callerid", _NUMBER),
        calleridname=text(b"agi_calleridname"),
        dnid=matching(b"agi_dnid", _EXTENSION),
        rdnis=matching(b"agi_rdnis", _NUMBER),
        context=matching(b"agi_context", _EXTENSION),
        extension=matching(b"agi_extension", _EXTENSION),
    )


def _collect(block: bytes) -> tuple[dict[bytes, bytes], list[bytes]]:
    lines = block.split(b"\n")
    if len(lines) > MAX_LINES:
        raise RemoteProtocolError(f"the environment has over {MAX_LINES} lines")
    values: dict[bytes, bytes] = {}
    arguments: list[bytes] = []
    for line in lines:
        name, colon, value = line.partition(b": ")
        if name in _KNOWN and colon:
            if name in values:
                raise RemoteProtocolError(f"the environment gives {name.decode()} twice")
            values[name] = value
        elif not colon or not name.startswith(b"agi_"):
            raise RemoteProtocolError("the environment has a line that is no agi_ variable")
        elif name.startswith(b"agi_arg_"):
            if _LAST not in values or name != b"agi_arg_%d" % (len(arguments) + 1):
                raise RemoteProtocolError("the environment has an argument out of place")
            arguments.append(value)
    return values, arguments


def _target(request: str) -> tuple[str, dict[str, str]]:
    """Split `agi://host/script?name=value&...` into script and query; the first value counts."""
    path, _, query = request.partition("://")[2].partition("/")[2].partition("?")
    pairs: dict[str, str] = {}
    for pair in query.split("&") if query else ():
        name, _, value = pair.partition("=")
        pairs.setdefault(_clean(unquote(name)), _clean(unquote(value)))
    return _clean(path), pairs


def _text(value: bytes) -> str:
    return _clean(value.decode("utf-8", "replace"))


def _clean(text: str) -> str:
    """Return a printable, bounded text unchanged, and nothing for any other."""
    return text if len(text) <= MAX_TEXT and text.isprintable() else ""
