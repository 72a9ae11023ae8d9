"""The customers' handsets in a simulation: messages arrive at once, each key once."""

from __future__ import annotations

from ivr.ports.notify import Notice


class SimHandsets:
    """Implements the Notify port in memory."""

    def __init__(self) -> None:
        self.received: dict[str, Notice] = {}

    async def send(self, notice: Notice) -> bool:
        """Keep a message; one that came before stays as it is."""
        self.received.setdefault(notice.key, notice)
        return True
