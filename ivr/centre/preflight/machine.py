"""What could not be seen, files that others may read, and memory that comes to the disk."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.centre.preflight.facts import Facts, Finding

NEEDED = ("asterisk.conf", "logger.conf", "manager.conf", "extensions.conf")
_ELSEWHERE = ("extensions.ael", "extensions.lua")
_PIPE_LIMIT = 1
"""Linux gives no core to a program when the limit is 1 byte; with 0 it still does (`core(5)`)."""


def unseen(facts: Facts) -> Iterator[Finding]:
    """PCI001: everything could be read."""
    for one in facts.blind:
        yield Finding(
            "PCI001",
            one.why,
            one.where,
            "what cannot be seen cannot be trusted",
            "write it out plainly, so that people and this check can read it",
        )


def missing(facts: Facts) -> Iterator[Finding]:
    """PCI002: the files that decide are there."""
    for name in NEEDED:
        if not facts.has(name):
            yield Finding(
                "PCI002",
                f"there is no {name}",
                name,
                "without it Asterisk does what it likes, or this is the wrong folder",
                "begin with the project's asterisk-conf; give the folder with --asterisk-conf",
            )


def elsewhere(facts: Facts) -> Iterator[Finding]:
    """PCI003: the configuration is in these files and nowhere else."""
    for name in _ELSEWHERE:
        if facts.has(name):
            yield Finding(
                "PCI003",
                f"{name} adds to the dialplan",
                name,
                "it is not read here",
                "write the dialplan in extensions.conf alone",
            )
    for one in facts.all("extconfig.conf", "settings"):
        yield Finding(
            "PCI003",
            f"{one.name} comes from `{one.value}`",
            one.where,
            "what a database holds can change at any moment, and is not read here",
            "keep the configuration in files",
        )


def unreached(facts: Facts) -> Iterator[Finding]:
    """PCI004: the running Asterisk says what it does."""
    if facts.unreached:
        yield Finding(
            "PCI004",
            f"it cannot be asked: {facts.unreached}",
            "the running Asterisk",
            "files tell what it read at its start, not what somebody turned on since",
            "start it, and give a command that may use its console in `window: {asterisk: […]}`",
        )


def exposed(facts: Facts) -> Iterator[Finding]:
    """PCI601: passwords are for their owner."""
    for path in facts.exposed:
        yield Finding(
            "PCI601",
            "everybody on this machine may read it, and there are passwords in it",
            path,
            "a user of AMI can record calls; one of SIP can place them",
            f"chmod o-rwx {path}",
        )


def core_files(facts: Facts) -> Iterator[Finding]:
    """PCI602: no memory of the running Asterisk comes to the disk."""
    if facts.core_limit is None:
        return
    piped = facts.core_pattern.startswith("|")
    if facts.core_limit == _PIPE_LIMIT or (facts.core_limit == 0 and not piped):
        return
    yield Finding(
        "PCI602",
        "a crash of Asterisk would write its memory "
        + ("to a program" if piped else "to a core file"),
        f"/proc/sys/kernel/core_pattern: {facts.core_pattern}",
        "keys of a card number are in that memory",
        "start Asterisk with LimitCORE=1 (systemd) or `prlimit --core=1`: unlike 0 that also holds "
        "where cores go to a program",
    )


RULES = (unseen, missing, elsewhere, unreached, exposed, core_files)
