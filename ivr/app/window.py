"""Secure windows, as the configuration has them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from ivr.adapters.ami.interface import Ami
from ivr.adapters.ami.recorders import AmiRecorders
from ivr.adapters.budget import Budgeted
from ivr.adapters.preflight.gather import Preflight
from ivr.adapters.preflight.running import Console
from ivr.adapters.window.closed import ClosedWindow
from ivr.adapters.window.secure import SecureWindow, Silence
from ivr.app.config import Config
from ivr.model.errors import PortError
from ivr.model.flow import FlowSet
from ivr.ports.errands import Errands
from ivr.ports.window import Opened, Window

_LOG = logging.getLogger(__name__)

PORT = "window"
UNCONFIGURED = (
    "not configured: without `ami`, `window.asterisk_conf` and `window.asterisk` nobody can say "
    "whether Asterisk records or logs what a caller keys (docs/secure-window.md)"
)


def window_of(
    config: Config, client: Ami | None, may_record: Callable[[], bool] = lambda: False
) -> Window:
    """Return the windows of an engine; without all it takes they never open. `may_record`
    tells whether conversations are recorded now."""
    wanted = config.window

    def records() -> bool:
        return wanted.pins == "always" or may_record()

    if client is None:
        return ClosedWindow(UNCONFIGURED, records)
    each = {one.name: _secure(config, one, records) for one in client.each()}
    return Budgeted(
        PORT, Windows(each, lambda call_id: client.where(call_id)[0].name), wanted.budget
    )


def _secure(config: Config, one: Ami, records: Callable[[], bool]) -> SecureWindow:
    """Return the windows of one Asterisk."""
    wanted = config.window
    folder, console = wanted.asterisk_conf, wanted.asterisk
    for said in config.asterisks:
        if said.name == one.name:
            folder, console = said.asterisk_conf or folder, said.console or console
    preflight = _unconfigured
    if folder is not None and console:
        preflight = Preflight(folder, Console(console), wanted.keep).problem
    recorders = AmiRecorders(one, wanted.confirm)
    return SecureWindow(one, recorders, preflight, Silence(wanted.recorders), records)


class Windows:
    """The Window port on several Asterisks. `asterisk` tells which one has a call."""

    def __init__(self, each: Mapping[str, Window], asterisk: Callable[[str], str]) -> None:
        self._each = each
        self._asterisk = asterisk

    async def open(self, call_id: str) -> Opened:
        """Open a window where the call is."""
        return await self._of(call_id).open(call_id)

    async def close(self, call_id: str) -> None:
        """Close it."""
        await self._of(call_id).close(call_id)

    async def hush(self, call_id: str) -> Opened:
        """Have the call be silent where it is."""
        return await self._of(call_id).hush(call_id)

    async def unhush(self, call_id: str) -> None:
        """Have it sound again."""
        await self._of(call_id).unhush(call_id)

    def _of(self, call_id: str) -> Window:
        return self._each[self._asterisk(call_id)]


def recorded(flows: FlowSet) -> bool:
    """Whether some queue has its conversations recorded."""
    return any(one.recording.policy != "none" for one in flows.queues.queues.values())


async def _unconfigured() -> str:
    return UNCONFIGURED


class CallPrivacy:
    """What is seen to while a caller keys a secret: nothing records it, and their agent sees how far
    they are."""

    def __init__(self, call_id: str, window: Window, errands: Errands) -> None:
        self._call_id = call_id
        self._window = window
        self._errands = errands

    async def begin(self) -> None:
        """Have what records the call be silent. Raises PortError where that is not certain."""
        opened = await self._window.hush(self._call_id)
        if not opened.open:
            raise PortError(PORT, opened.problem)

    def keyed(self, what: str, count: int) -> None:
        """Show the agent how many keys there are."""
        self._errands.keyed(self._call_id, what, count)

    async def end(self) -> None:
        """Have what records the call record again."""
        try:
            await self._window.unhush(self._call_id)
        except PortError as error:
            _LOG.error("call %s: a recorder of it may stay muted: %s", self._call_id, error)
