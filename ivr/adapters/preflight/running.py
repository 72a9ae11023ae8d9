"""The running Asterisk, asked through its console, in the words of its configuration files."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from ivr.centre.preflight import Setting
from ivr.model.errors import PortError

PORT = "preflight"

_FIELD = re.compile(r"^[ \t]*([^:\n]+?):+[ \t]+(.*?)[ \t]*$", re.MULTILINE)
_LOG = re.compile(r"(?P<name>.*?)\s+(?P<type>Console|File|Syslog)\s.*\s-(?:\s(?P<levels>.*))?")
_USER = re.compile(r"[A-Za-z0-9_.-]{1,64}")

Found = Iterator[tuple[str, Setting]]
"""Settings with the file they would be in."""


class Console(msgspec.Struct, frozen=True):
    """A command that runs console commands, such as `asterisk`: `-rx …` is added to it. An answer may
    take `budget_s` seconds."""

    command: tuple[str, ...]
    budget_s: float = 5.0

    async def ask(self, command: str) -> str:
        """Run one and return what it printed. Raises PortError."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self.command,
                "-rx",
                command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        except OSError as error:
            raise PortError(PORT, f"{self.command[0]}: {error.strerror}") from error
        try:
            async with asyncio.timeout(self.budget_s):
                printed, complaint = await process.communicate()
        except BaseException as error:
            process.kill()
            await process.wait()
            if isinstance(error, TimeoutError):
                raise PortError(PORT, f"`{command}`: no answer in {self.budget_s:g} s") from error
            raise
        if process.returncode:
            lines = (complaint or printed).decode("utf-8", "replace").strip().splitlines()
            raise PortError(PORT, f"`{command}`: {lines[-1] if lines else process.returncode}")
        return printed.decode("utf-8", "replace")


async def ask(console: Console) -> tuple[list[tuple[str, Setting]], int | None]:
    """Return the running Asterisk's settings with the file each would be in, and the most bytes of
    a core file of it. Raises PortError."""
    commands = ("core show settings", *_TELLS, "manager show users")
    answers = {command: await console.ask(command) for command in commands}
    core = _fields(answers["core show settings"])
    found = [*_core(core), *(one for name, tells in _TELLS.items() for one in tells(answers[name]))]
    for name in _users(answers["manager show users"]):
        found += _user(name, _fields(await console.ask(f"manager show user {name}")))
    return found, _core_limit(core)


def _fields(answer: str) -> dict[str, str]:
    return {name.strip().lower(): value for name, value in _FIELD.findall(answer)}


def _expect(fields: Mapping[str, str], name: str, command: str) -> str:
    """Return a field. Raises PortError for an Asterisk that says it in other words."""
    if name not in fields:
        raise PortError(PORT, f"`{command}` does not tell `{name}`: this Asterisk is not known")
    return fields[name]


def _core(fields: Mapping[str, str]) -> Found:
    command = "core show settings"
    for name, words in (
        ("dumpcore", "dump core on crash"),
        ("verbose", "root console verbosity"),
        ("debug", "debug level"),
    ):
        value = _expect(fields, words, command)
        yield "asterisk.conf", Setting("options", name, value, f"`{command}`")


def _logs(answer: str) -> Found:
    _, rule, listed = answer.partition("\n-------")
    lines = [_LOG.fullmatch(line) for line in listed.splitlines()[1:] if line.strip()]
    if not rule or not lines:
        raise PortError(PORT, "`logger show channels` lists none: this Asterisk is not known")
    for line in lines:
        if line is None:
            raise PortError(PORT, "`logger show channels` lists what cannot be read")
        levels = (line["levels"] or "").split()
        if line["type"] == "Console":
            # Asterisk always lists it for its console; how much of it is said is the verbosity.
            levels = [level for level in levels if level != "VERBOSE"]
        name = line["name"].strip() or "console"
        yield (
            "logger.conf",
            Setting("logfiles", name, ",".join(levels), "`logger show channels`"),
        )


def _events(answer: str) -> Found:
    command = "cel show status"
    fields = _FIELD.findall(answer)
    state = _expect({name.lower(): value for name, value in fields}, "cel logging", command)
    yield "cel.conf", Setting("general", "enable", _yes(state == "Enabled"), f"`{command}`")
    for words, name in (("CEL Tracking Event", "events"), ("CEL Tracking Application", "apps")):
        tracked = ",".join(value for label, value in fields if label == words)
        yield "cel.conf", Setting("general", name, tracked, f"`{command}`")
    to_manager = any(value.startswith("Manager Event") for _, value in fields)
    yield "cel.conf", Setting("manager", "enabled", _yes(to_manager), f"`{command}`")


def _manager(answer: str) -> Found:
    command = "manager show settings"
    fields = _fields(answer)
    for name, words in (
        ("webenabled", "web manager (ami/http)"),
        ("bindaddr", "tcp bindaddress"),
        ("disabledevents", "disabled events"),
        ("debug", "debug"),
    ):
        value = _expect(fields, words, command)
        yield "manager.conf", Setting("general", name, value, f"`{command}`")


def _users(answer: str) -> list[str]:
    """Return the names that `manager show users` lists between its two rules."""
    lines = [line.strip() for line in answer.splitlines()]
    rules = [number for number, line in enumerate(lines) if line and not line.strip("-")]
    if len(rules) != 2:
        raise PortError(PORT, "`manager show users` lists none: this Asterisk is not known")
    names = [line for line in lines[rules[0] + 1 : rules[1]] if line]
    odd = [name for name in names if not _USER.fullmatch(name)]
    if odd:
        raise PortError(PORT, f"an AMI user has a name that cannot be asked for: {odd[0]!r}")
    return names


def _user(name: str, fields: Mapping[str, str]) -> Found:
    command = f"manager show user {name}"
    for kind in ("read", "write"):
        value = _expect(fields, f"{kind} perm", command)
        value = "" if value == "<none>" else value
        yield "manager.conf", Setting(name.lower(), kind, value, f"`{command}`")


def _core_limit(fields: Mapping[str, str]) -> int:
    """Return the running process's limit of core files. Raises PortError."""
    pid_file = Path(_expect(fields, "pid file", "core show settings"))
    try:
        pid = int(pid_file.read_text("ascii"))
        limits = Path(f"/proc/{pid}/limits").read_text("ascii")
    except (OSError, ValueError) as error:
        raise PortError(PORT, f"{pid_file}: the process cannot be looked at: {error}") from error
    found = re.search(r"^Max core file size\s+(\d+|unlimited)", limits, re.MULTILINE)
    if found is None:
        raise PortError(PORT, f"/proc/{pid}/limits: no limit of core files")
    return -1 if found[1] == "unlimited" else int(found[1])


def _yes(whether: bool) -> str:
    return "yes" if whether else "no"


_TELLS: Mapping[str, Callable[[str], Found]] = {
    "logger show channels": _logs,
    "cel show status": _events,
    "manager show settings": _manager,
}
