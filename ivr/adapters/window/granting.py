"""Windows of the simulator, where nothing records: they always open."""

from __future__ import annotations

from ivr.ports.window import Opened


class GrantingWindow:
    """The Window port of a rehearsal."""

    async def open(self, call_id: str) -> Opened:
        """Open one."""
        return Opened(True)

    async def close(self, call_id: str) -> None:
        """Nothing was silenced."""

    async def hush(self, call_id: str) -> Opened:
        """Be silent."""
        return Opened(True)

    async def unhush(self, call_id: str) -> None:
        """Nothing was silenced."""
