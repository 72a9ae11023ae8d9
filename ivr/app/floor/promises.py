"""What the waiting room needs to know of callbacks."""

from __future__ import annotations

from typing import Protocol

from ivr.app.callbacks.desk import Reached
from ivr.ports.callbacks import Callback


class Promises(Protocol):
    """Who knows which calls are customers of callbacks; `offers`: whether anybody is called back."""

    offers: bool

    def reached(self, call_id: str) -> Reached | None: ...
    def rang_again(self, queue: str, ani: str, customer: str) -> Callback | None: ...
    def bridged(self, call_id: str) -> None: ...


class NoPromises:
    """Where nobody is called back."""

    offers = False

    def reached(self, call_id: str) -> Reached | None:
        """No call is."""

    def rang_again(self, queue: str, ani: str, customer: str) -> Callback | None:
        """Nobody was promised a call."""

    def bridged(self, call_id: str) -> None:
        """Nobody waits to know."""
