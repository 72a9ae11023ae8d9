"""Everything the preflight looks at, and its answer kept for a while."""

from __future__ import annotations

import asyncio
from pathlib import Path

from msgspec.structs import replace

from ivr.adapters.preflight import files, running
from ivr.adapters.preflight.running import Console
from ivr.centre.preflight import Blind, Facts, Finding, Setting, findings
from ivr.model.errors import PortError

_CORE_PATTERN = Path("/proc/sys/kernel/core_pattern")
_OTHERS = ("extensions.ael", "extensions.lua")


async def look(folder: Path, console: Console | None) -> tuple[Finding, ...]:
    """Return what is wrong with an Asterisk: its configuration's folder and, with a `console`, the
    running process. What cannot be looked at is a finding."""
    facts = await asyncio.to_thread(read, folder)
    if console is None:
        return findings(facts)
    try:
        told, core_limit = await running.ask(console)
    except PortError as error:
        return findings(replace(facts, unreached=error.problem))
    settings = dict(facts.settings)
    for file, one in told:
        settings[file] = (*settings.get(file, ()), one)
    return findings(replace(facts, settings=settings, core_limit=core_limit))


def read(folder: Path) -> Facts:
    """Return what the files of a folder, and this machine, tell."""
    settings: dict[str, tuple[Setting, ...]] = {}
    blind: list[Blind] = []
    exposed: list[str] = []
    for path in sorted(folder.glob("*.conf")):
        settings[path.name], unseen = files.read(path)
        blind += unseen
        if files.exposed(path, settings[path.name]):
            exposed.append(str(path))
    settings.update({name: () for name in _OTHERS if (folder / name).exists()})
    pattern = _CORE_PATTERN.read_text("utf-8").strip()
    return Facts(settings, tuple(blind), exposed=tuple(exposed), core_pattern=pattern)


class Preflight:
    """Looks again when the last look is older than `keep_ms`.

    Calls that ask at one time wait for one look.
    """

    def __init__(self, folder: Path, console: Console, keep_ms: int) -> None:
        self._folder = folder
        self._console = console
        self._keep_s = keep_ms / 1000
        self._looking: asyncio.Task[tuple[Finding, ...]] | None = None
        self._until = 0.0

    async def problem(self) -> str:
        """Return what is wrong, in a line for operators; empty when nothing is."""
        found = await asyncio.shield(self._look())
        if not found:
            return ""
        first = found[0]
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        return (
            f"preflight: {first.code}: {first.what} ({first.where}){more}; see `ivr doctor --pci`"
        )

    def _look(self) -> asyncio.Task[tuple[Finding, ...]]:
        loop = asyncio.get_running_loop()
        if self._looking is None or (self._looking.done() and loop.time() >= self._until):
            self._looking = asyncio.create_task(look(self._folder, self._console))
            self._looking.add_done_callback(self._looked)
        return self._looking

    def _looked(self, task: asyncio.Task[tuple[Finding, ...]]) -> None:
        self._until = asyncio.get_running_loop().time() + self._keep_s
