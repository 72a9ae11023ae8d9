"""Secure windows, as the configuration has them."""

from __future__ import annotations

import logging
from collections.abc import Callable

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
from ivr.ports.window import Window

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
    preflight = _unconfigured
    if wanted.asterisk_conf is not None and wanted.asterisk:
        preflight = Preflight(wanted.asterisk_conf, Console(wanted.asterisk), wanted.keep).problem
    recorders = AmiRecorders(client, wanted.confirm)
    silence = Silence(wanted.recorders)
    secure = SecureWindow(client, recorders, preflight, silence, records)
    return Budgeted(PORT, secure, wanted.budget)


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
