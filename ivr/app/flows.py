"""The published flows: one set for new calls, older ones for the calls that began on them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from ivr.adapters.flowfile import load_files, try_load
from ivr.adapters.prompts.catalogue import Catalogue
from ivr.adapters.sim.prompts import SimPrompts
from ivr.app.config import Config
from ivr.engine.check import Known, check
from ivr.model.errors import FlowError
from ivr.model.flow import FlowSet
from ivr.model.problem import Problem, Severity

_LOG = logging.getLogger(__name__)


class Versions(Protocol):
    """Where versions are kept whole, for calls that outlive them."""

    async def keep_version(self, version: str, files: Mapping[str, str]) -> None: ...
    async def version_files(self, version: str) -> Mapping[str, str] | None: ...


def known(config: Config, catalogue: Catalogue | None) -> Known:
    """Return what flows may use: prompts (not checked without a catalogue), queues, destinations.

    A prompt whose recording is still to be made is heard for as long as its text would take.
    """
    names = Known(
        queues=frozenset(config.queues),
        destinations=frozenset(config.destinations),
        limits=config.limits.limits(),
    )
    if catalogue is None:
        return names
    texts = {language: catalogue.texts(language) for language in catalogue.languages}
    return replace(
        names,
        prompts={language: catalogue.ids(language) for language in catalogue.languages},
        heard=SimPrompts(texts, catalogue.resolve),
    )


def verified(folder: Path, names: Known) -> tuple[FlowSet | None, tuple[Problem, ...]]:
    """Load a folder of flows and check it; the set is None when a problem is an error."""
    loaded = try_load(folder)
    problems = (*loaded.problems, *check(loaded.sound, names, loaded.broken))
    bad = any(problem.severity is Severity.ERROR for problem in problems)
    return (None if bad else loaded.flow_set), problems


class Published:
    """The flows in force. A bad folder never replaces a good set."""

    def __init__(self, folder: Path, names: Known, versions: Versions) -> None:
        self._folder = folder
        self._names = names
        self._versions = versions
        self._sets: dict[str, FlowSet] = {}
        self._current: FlowSet | None = None

    @property
    def current(self) -> FlowSet:
        """The set that new calls run."""
        if self._current is None:
            raise FlowError("no flows are published yet")
        return self._current

    async def publish(self) -> FlowSet:
        """Load the folder and put it in force for new calls.

        Raises FlowError with every problem, one a line; what was in force stays so.
        """
        flow_set, problems = verified(self._folder, self._names)
        if flow_set is None:
            raise FlowError("\n".join(str(problem) for problem in problems))
        for problem in problems:
            _LOG.warning("%s", problem)
        await self._versions.keep_version(flow_set.version, flow_set.files)
        self._sets[flow_set.version] = flow_set
        self._current = flow_set
        return flow_set

    async def version(self, version: str) -> FlowSet:
        """Return a set by its hash, for a call that began on it. Raises FlowError, PortError."""
        flow_set = self._sets.get(version)
        if flow_set is None:
            files = await self._versions.version_files(version)
            if files is None:
                raise FlowError(f"the flows of version {version[:12]} are not here any more")
            flow_set = self._sets[version] = load_files(files)
        return flow_set
