"""Logs and records of what happens: nothing that writes keys down."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.centre.preflight.facts import Facts, Finding

_LEAKING = ("dtmf", "debug", "verbose", "trace", "*")
_APPLICATIONS = ("all", "agi", "read", "readexten")


def log_channels(facts: Facts) -> Iterator[Finding]:
    """PCI211: no log has a level that writes keys down."""
    for one in facts.all("logger.conf", "logfiles"):
        levels = [word.partition("]")[2] or word for word in one.words]
        leaking = [level for level in levels if level.partition("(")[0] in _LEAKING]
        if leaking:
            yield Finding(
                "PCI211",
                f"the log {one.name} has the levels {', '.join(leaking)}",
                one.where,
                "`dtmf` writes every key down; `debug` and `verbose` do as soon as somebody turns "
                "on the debugging of AGI, SIP or RTP",
                "leave only notice, warning, error and security in [logfiles] of logger.conf, then "
                f"`logger reload`, or `logger remove channel {one.name}` if it is not in there",
            )


def channel_events(facts: Facts) -> Iterator[Finding]:
    """PCI201, PCI204: channel event logging has no keys and no arguments."""
    if not any(one.on for one in facts.all("cel.conf", "general", "enable")):
        return
    for one in facts.all("cel.conf", "general", "events"):
        if {"all", "dtmf"} & set(one.words):
            yield Finding(
                "PCI201",
                f"channel events are logged with `{one.value}`",
                one.where,
                "since Asterisk 22.6 every key is a channel event",
                "list the events you need in [general] of cel.conf, never ALL or DTMF, or write "
                "`enable = no`",
            )
    for one in facts.all("cel.conf", "general", "apps"):
        kept = [word for word in one.words if word in _APPLICATIONS]
        if kept:
            yield Finding(
                "PCI204",
                f"channel events tell the arguments of {', '.join(kept)}",
                one.where,
                "what an application is given and gives back is kept in the records",
                "leave `apps` empty in [general] of cel.conf",
            )


def verbosity(facts: Facts) -> Iterator[Finding]:
    """PCI304: Asterisk says no more than it must."""
    for name in ("verbose", "debug"):
        for one in facts.all("asterisk.conf", "options", name):
            if one.value not in ("0", "no", "false", "off", ""):
                yield Finding(
                    "PCI304",
                    f"`{name}` is {one.value}",
                    one.where,
                    "from level 1 on applications print what they were given, keys among it",
                    f"write `{name} = 0` into [options] of asterisk.conf, and on the console "
                    f"`core set {name} 0`",
                )


RULES = (log_channels, channel_events, verbosity)
