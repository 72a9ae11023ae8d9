"""Agents as the dispatcher sees them, and pools of those whom one rule admits."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Mapping

from ivr.model.expressions import holding
from ivr.model.queues import AgentDocument, Rule, Strategy
from ivr.model.values import Scalar, Value
from ivr.ports.agents import AgentState

_IDLE = frozenset({AgentState.OFFLINE, AgentState.PAUSED, AgentState.READY})
_AWAY = frozenset({AgentState.OFFLINE, AgentState.PAUSED})


class Seat:
    """An agent: what they do, since when, and the pools that admit them."""

    document: AgentDocument
    order: int

    def __init__(self, agent: str, now: float) -> None:
        self.agent = agent
        self.state = AgentState.OFFLINE
        self.pools: list[Pool] = []
        self.idle_since = now
        self.rest_until = 0.0
        self.rank_occupied = 0.0
        self.turns: dict[str, int] = {}
        self.listed = False
        self._login = now
        self._changed = now
        self._occupied = 0.0

    @property
    def logged_in(self) -> bool:
        return self.state is not AgentState.OFFLINE

    @property
    def working(self) -> bool:
        """Whether they serve callers, now or after the present one."""
        return self.state not in _AWAY

    def adopt(self, order: int, document: AgentDocument) -> None:
        """Go by another document from now on; pools are to let them in again."""
        self.order, self.document, self.pools = order, document, []

    def change(self, state: AgentState, now: float) -> None:
        """Go over to a state, keeping account of the time spent with callers."""
        if self.state is AgentState.OFFLINE:
            self._login, self._occupied = now, 0.0
        elif self.state not in _IDLE:
            self._occupied += now - self._changed
        if state is AgentState.READY:
            self.idle_since = now
            self.rank_occupied = self._occupied / max(now - self._login, 1.0)
        self.state = state
        self._changed = now

    def scope(self) -> dict[str, Value]:
        """Return what rules may read of the agent."""
        languages = " ".join(self.document.languages)
        return {**self.document.skills, "languages": languages, "agent": self.agent}


_RANKS: Mapping[Strategy, Callable[[Seat, str], float]] = {
    Strategy.LONGEST_IDLE: lambda seat, queue: seat.idle_since,
    Strategy.LAST_AGENT: lambda seat, queue: seat.idle_since,
    Strategy.LEAST_OCCUPIED: lambda seat, queue: seat.rank_occupied,
    Strategy.ROUND_ROBIN: lambda seat, queue: seat.turns.get(queue, -1),
    Strategy.LINEAR: lambda seat, queue: 0.0,
}
"""What decides among free agents: the lowest is the first; none of it changes while they are free."""


class Pool:
    """The agents whom one rule of a queue admits, for callers with the same facts.

    `staff` of them are logged in, `working` are not paused, and `free` may be given a caller, the best
    first.
    """

    def __init__(
        self,
        queue: str,
        rule: Rule,
        strategy: Strategy,
        facts: Mapping[str, Scalar],
        helps: Callable[[Seat], bool],
    ) -> None:
        self.staff = 0
        self.working = 0
        self.free: list[tuple[float, int, str]] = []
        self._queue = queue
        self._second_line = rule.second_line
        self._rank = _RANKS[strategy]
        self._holds = holding(rule.when)
        self._caller = {"caller": facts}
        self._helps = helps

    def admits(self, seat: Seat) -> bool:
        """Whether an agent may serve these callers, also one of the second line as things are."""
        if seat.document.second_line and not (self._second_line or self._helps(seat)):
            return False
        return self._holds({**seat.scope(), **self._caller})

    def add(self, seat: Seat) -> None:
        insort(self.free, self._entry(seat))

    def remove(self, seat: Seat) -> None:
        del self.free[bisect_left(self.free, self._entry(seat))]

    def count(self, seat: Seat, sign: int) -> None:
        """Count an agent in (1), or out (-1)."""
        self.staff += sign * seat.logged_in
        self.working += sign * seat.working
        if seat.listed:
            (self.add if sign > 0 else self.remove)(seat)

    def holds(self, seat: Seat) -> bool:
        """Whether an agent is among the free ones."""
        return seat.listed and self in seat.pools

    def _entry(self, seat: Seat) -> tuple[float, int, str]:
        return (self._rank(seat, self._queue), seat.order, seat.agent)
