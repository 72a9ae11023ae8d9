"""What call control needs of the running floor."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from datetime import timedelta
from typing import Protocol

from ivr.centre.agents import WRAP_UP, Act, Standing
from ivr.model.floor import FloorEvent
from ivr.ports.agents import Refusal
from ivr.ports.waiting import Turn


class Refused(Exception):
    """A wish is not granted."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


class Channels(Protocol):
    """The two channels of a conversation: the caller's UNIQUEID, the name of the agent's or empty."""

    @property
    def caller(self) -> str: ...
    @property
    def agent(self) -> str: ...


class Acting(Protocol):
    """The floor, as those who control calls on it see it."""

    def standings(self) -> Mapping[str, Standing]:
        """Return how every agent stands."""

    def act(
        self,
        agent: str,
        act: Act,
        *,
        reason: str = "",
        endpoint: str = "",
        call_id: str = "",
        queue: str = "",
        lasts: timedelta = WRAP_UP,
    ) -> Standing | None:
        """Have something happen to an agent, durably; None where the table has no such act."""

    def emit(self, event: FloorEvent) -> None:
        """Write an event into the diary."""

    def direct(self, call_id: str, turn: Turn, *, keep_agent: bool = True) -> Awaitable[None]:
        """Have a caller do something next; who is joined with an agent is taken away, and the agent's
        leg hears music, or ends. Raises PortError."""

    def legs(self, call_id: str) -> Channels:
        """Return the channels of a call."""

    def free(self, queue: str) -> tuple[str, ...]:
        """Return the agents who could take a caller of a queue now, the best first."""

    def back(self, call_id: str, queue: str = "", agent: str = "") -> None:
        """Have a caller wait again, with the original time of entry: for a queue, or for one agent."""


def need(done: Standing | None) -> Standing:
    """Return how an agent stands after an act. Raises Refused where there is no such act."""
    if done is None:
        raise Refused(Refusal.STATE)
    return done
