"""AMI: which events there are, who may read them, from where."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ivr.centre.preflight.facts import Facts, Finding, Setting

FILE = "manager.conf"
DISABLED = (
    "DTMFBegin",
    "DTMFEnd",
    "VarSet",
    "AGIExecStart",
    "AGIExecEnd",
    "AsyncAGIStart",
    "AsyncAGIExec",
    "AsyncAGIEnd",
)
"""Events that carry keys, variables or whole AGI commands."""
READ = ("call", "agent", "user", "reporting", "security")
"""Classes of events in which no keys are."""
WRITE = ("call", "agent", "originate", "reporting", "user")
"""Classes of actions that neither run commands nor change what is logged."""
LEAST_MS = 1_000
_LOOPBACK = ("127.", "::1", "[::1]", "localhost")
_EVENTS = "DTMFBegin", "DTMFEnd", "VarSet", "AGIExecStart", "CEL", "Cdr", "Newchannel", "Newstate"


def disabled_events(facts: Facts) -> Iterator[Finding]:
    """PCI101: the events that carry keys are off for everybody."""
    if not facts.has(FILE):
        return
    why = "whoever reads AMI reads the keys; no user's class or filter is as safe as no event"
    fix = f"write `disabledevents = {','.join(DISABLED)}` into [general] of {FILE} and reload"
    written = list(facts.all(FILE, "general", "disabledevents"))
    for one in written:
        missing = [event for event in DISABLED if event.lower() not in one.words]
        if missing:
            what = f"events are not disabled: {', '.join(missing)}"
            yield Finding("PCI101", what, one.where, why, fix)
    if not written:
        yield Finding("PCI101", "no event is disabled", FILE, why, fix)


def bind_address(facts: Facts) -> Iterator[Finding]:
    """PCI102: AMI listens on loopback."""
    if not facts.has(FILE):
        return
    why = "AMI has passwords but no encryption; what the engine is told can be read on the wire"
    fix = f"write `bindaddr = 127.0.0.1` into [general] of {FILE}; from elsewhere, a tunnel"
    written = list(facts.all(FILE, "general", "bindaddr"))
    for one in written:
        if not one.value.startswith(_LOOPBACK):
            yield Finding("PCI102", f"AMI listens on {one.value}", one.where, why, fix)
    if not written:
        yield Finding("PCI102", "AMI listens on every address", FILE, why, fix)


def users(facts: Facts) -> Iterator[Finding]:
    """PCI111–PCI115: what each AMI user may read, do, and from where."""
    for name, settings in facts.sections(FILE).items():
        if name != "general":
            yield from _classes(name, settings)
            # The running Asterisk tells no filter, no address, and no time of a user.
            if any(one.name == "secret" for one in settings):
                yield from _user(name, settings)


def _classes(name: str, settings: list[Setting]) -> Iterator[Finding]:
    for code, kind, allowed, why in (
        ("PCI111", "read", READ, "among the events of these classes are keys and variables"),
        (
            "PCI112",
            "write",
            WRITE,
            "these classes turn on logs and recordings, or run commands and programs",
        ),
    ):
        fix = f"leave out all but {', '.join(allowed)} in `{kind}` of [{name}] in {FILE}"
        for one in settings:
            more = [word for word in one.words if word not in allowed]
            if one.name == kind and more:
                what = f"the AMI user {name} has `{kind}` {', '.join(more)}"
                yield Finding(code, what, one.where, why, fix)


def _user(name: str, settings: list[Setting]) -> Iterator[Finding]:
    where = settings[0].where
    permits = [one for one in settings if one.name == "permit"]
    far = [one for one in permits if not one.value.startswith(_LOOPBACK)]
    denied = any(one.name == "deny" and one.value.startswith("0.0.0.0/0") for one in settings)
    if far or not permits or not denied:
        yield Finding(
            "PCI113",
            f"the AMI user {name} may log in from elsewhere",
            far[0].where if far else where,
            "AMI is not encrypted, and a password that leaks then is enough",
            f"write `deny = 0.0.0.0/0.0.0.0` and `permit = 127.0.0.1/255.255.255.255` in [{name}]",
        )
    yield from _filters(name, where, [one for one in settings if one.name == "eventfilter"])
    patience = [one for one in settings if one.name == "writetimeout"]
    if not patience or any(not _enough(one.value) for one in patience):
        yield Finding(
            "PCI115",
            f"the AMI user {name} has a `writetimeout` of less than {LEAST_MS} ms",
            patience[0].where if patience else where,
            "the default of 100 ms drops events, and the one that confirms a silence may be among "
            "them",
            f"write `writetimeout = 5000` into [{name}] of {FILE}",
        )


def _enough(value: str) -> bool:
    return value.isdecimal() and int(value) >= LEAST_MS


def _filters(name: str, where: str, filters: list[Setting]) -> Iterator[Finding]:
    why = "events fire before the dialplan has cleaned what a caller sent, and new ones may come"
    fix = (
        f"write filters that only let through what the engine needs into [{name}], such as "
        "`eventfilter = ^Event: (Hangup|MixMonitorMute)[[:cntrl:]]`"
    )
    if not filters:
        yield Finding("PCI114", f"the AMI user {name} has no event filter", where, why, fix)
    for one in filters:
        passed = [event for event in _EVENTS if _passes(one.value, event)]
        if passed:
            what = f"a filter of the AMI user {name} lets through {', '.join(passed)}"
            yield Finding("PCI114", what, one.where, why, fix)


def _passes(pattern: str, event: str) -> bool:
    """Whether a filter lets an event through, or cannot be read."""
    if pattern.startswith("!") or not pattern.startswith("^Event: "):
        return True
    try:
        found = re.search(pattern.replace("[[:cntrl:]]", r"[\x00-\x1f]"), f"Event: {event}\r\n")
    except re.error:
        return True
    return found is not None


RULES = (disabled_events, bind_address, users)
