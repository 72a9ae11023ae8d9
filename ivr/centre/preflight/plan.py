"""The dialplan: no application that writes keys down, and none that a window cannot silence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ivr.centre.preflight.facts import Facts, Finding, Setting

FILE = "extensions.conf"
_READERS = ("read", "readexten", "voicemailmain", "disa", "authenticate", "directory")
_LISTENERS = ("monitor", "chanspy", "extenspy", "audiosocket", "externalmedia", "jack")
_CALLED = re.compile(r"(?:^|[?:,(\s])([A-Za-z]\w*)\(")
"""The name of an application, also inside ExecIf(…?App(…))."""
_FASTAGI = re.compile(r"agi://([^/,)\s]+)", re.IGNORECASE)
_LOOPBACK = re.compile(r"(127\.[0-9.]+|\[::1\]|localhost)(:\d+)?", re.IGNORECASE)


def _called(one: Setting) -> set[str]:
    return {name.lower() for name in _CALLED.findall(one.value)}


def readers(facts: Facts) -> Iterator[Finding]:
    """PCI501: no application reads keys into variables."""
    for one in facts.all(FILE):
        for name in sorted(_called(one) & set(_READERS)):
            yield Finding(
                "PCI501",
                f"the context {one.section} reads keys with {name}",
                one.where,
                "what it read is in a variable and on the console, and from there in records",
                "have the engine ask: its `collect` and `pay` steps keep keys out of Asterisk",
            )


def listeners(facts: Facts) -> Iterator[Finding]:
    """PCI502: where the engine talks to callers, nothing listens that a window cannot silence."""
    contexts = {one.section for one in facts.all(FILE) if "agi://" in one.value.lower()}
    for one in facts.all(FILE):
        for name in sorted(_called(one) & set(_LISTENERS)) if one.section in contexts else ():
            yield Finding(
                "PCI502",
                f"the context {one.section} has {name}",
                one.where,
                "it takes the caller's sound where no window can silence it",
                "record with MixMonitor, which the window mutes, or move it to another context",
            )


def engines(facts: Facts) -> Iterator[Finding]:
    """PCI503, PCI504: keys go to the engine, and to nobody on the way."""
    for one in facts.all(FILE):
        for host in _FASTAGI.findall(one.value):
            if not _LOOPBACK.fullmatch(host):
                yield Finding(
                    "PCI503",
                    f"keys go to {host} unencrypted",
                    one.where,
                    "FastAGI has neither passwords nor encryption",
                    "name an engine on 127.0.0.1, or the end of a tunnel there",
                )
        if "agi:async" in one.value.lower():
            yield Finding(
                "PCI504",
                "an AsyncAGI: every key is an AMI event",
                one.where,
                "AsyncAGI answers its commands by events that every reader of their class gets",
                "use `agi://127.0.0.1:…`",
            )


RULES = (readers, listeners, engines)
