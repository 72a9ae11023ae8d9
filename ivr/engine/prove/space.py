"""The space of a proof: every state that a call can come to, and every way between them."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import msgspec

from ivr.engine.prove.circles import circles
from ivr.engine.prove.graph import NOTHING, Cost, Exchange, Exit, Graph
from ivr.engine.prove.script import TooLarge
from ivr.engine.prove.states import Moment, Next, State, Visits
from ivr.model.session import Session

END = -1
FALLBACK = -2
"""What stands for a state where a call ends: well, or with an error that nobody takes."""

MOST_STATES = 200_000
_EVERY = 50
"""Every how many states progress is told."""
LIMIT = Cost(1000, 0, 0)
"""What it costs to run into a limit of the language."""


class Visited(msgspec.Struct):
    """A state that was visited: the ways through its step (None: it is not run), where each exit
    leads, where a limit leads, and the state in which the auth level has expired (END: it does not).
    `helped` are the exits by which the caller was helped, `failed`
    what went wrong, by exit."""

    state: State
    graph: Graph | None
    following: list[int]
    limited: int
    lapsed: int
    helped: frozenset[int]
    failed: dict[int, str]

    def exit(self, number: int) -> Exit | None:
        """Return an exit of the step."""
        return self.graph.exits[number] if self.graph is not None else None

    def circle(self, *, gone: bool) -> int | None:
        """Return a moment at which the step asks the same again and again, of a caller who is `gone`
        or not."""
        graph = self.graph
        if graph is None:
            return None
        return next((at for at in graph.circles if graph.nodes[at].gone is gone), None)

    def cost(self, number: int) -> Cost:
        """Return what the way to an exit costs."""
        return self.graph.cost(~number) if self.graph is not None else NOTHING


class Leg(NamedTuple):
    """A part of a way: a state, and the exit it is left by (None: by a limit, or by time)."""

    number: int
    exit: int | None


Progress = Callable[[int, int], None]
"""Is told how many states were visited, of how many that are known."""


class Space:
    """All that can happen, from the beginnings of calls on."""

    def __init__(self, visits: Visits) -> None:
        self._visits = visits
        self._numbers: dict[State, int] = {}
        self._moments: list[Moment | None] = []
        self.visited: list[Visited] = []
        self.begins: list[int] = []

    def explore(self, sessions: Iterable[Session], progress: Progress | None = None) -> None:
        """Visit every state. Raises TooLarge."""
        begins = tuple(sessions)
        while not self._all_visited(begins, progress):
            pass  # states were told apart too little: again, now that it is known what is read

    def _all_visited(self, sessions: Sequence[Session], progress: Progress | None) -> bool:
        self._visits.anew()
        self._numbers.clear()
        self._moments.clear()
        self.visited.clear()
        self.begins = [self._number(self._visits.begin(session)) for session in sessions]
        while len(self.visited) < len(self._moments) and not self._visits.learnt:
            number = len(self.visited)
            moment = self._moments[number]
            assert moment is not None  # noqa: S101  (each is visited once)
            self.visited.append(self._visit(moment))
            self._moments[number] = None  # what stood for it is needed no more
            if progress is not None and number % _EVERY == 0:
                progress(number, len(self._moments))
        return not self._visits.learnt

    @property
    def transitions(self) -> int:
        """How many ways lead from one state to the next."""
        return sum(len(one.following) + 1 for one in self.visited)

    def graphs(self) -> Iterator[Graph]:
        """Yield every graph once."""
        seen: set[int] = set()
        for one in self.visited:
            if one.graph is not None and id(one.graph) not in seen:
                seen.add(id(one.graph))
                yield one.graph

    def steps(self, number: int, *, limits: bool = False) -> Iterator[tuple[int, int | None]]:
        """Yield what follows a state: its number (or END, FALLBACK), and the exit that leads there;
        with `limits` also by a limit, or because the auth level has expired (None)."""
        one = self.visited[number]
        for exit_, following in enumerate(one.following):
            yield following, exit_
        if limits:
            yield one.limited, None
            yield one.lapsed, None

    def limits(self, leg: Leg, to: int) -> bool:
        """Whether a part of a way is that the call has reached a limit there."""
        return leg.exit is None and self.visited[leg.number].limited == to

    def cost(self, number: int) -> Cost:
        """Return the cost of the cheapest way to a state."""
        return self._ways[number][0]

    def way(self, number: int) -> list[Leg]:
        """Return the cheapest way to a state."""
        legs: list[Leg] = []
        leg = self._ways[number][1]
        while leg is not None:
            legs.append(leg)
            leg = self._ways[leg.number][1]
        return legs[::-1]

    def exchanges(self, leg: Leg) -> Iterator[Exchange]:
        """Yield what is said and done in a part of a way."""
        graph = self.visited[leg.number].graph
        if graph is not None and leg.exit is not None:
            yield from graph.exchanges(~leg.exit)

    @cached_property
    def circling(self) -> frozenset[int]:
        """The states that some way leads back to."""
        forth = [[to for to in one.following if to >= 0] for one in self.visited]
        return frozenset(chain.from_iterable(circles(len(forth), forth.__getitem__)))

    @cached_property
    def _ways(self) -> dict[int, tuple[Cost, Leg | None]]:
        found: dict[int, tuple[Cost, Leg | None]] = dict.fromkeys(self.begins, (NOTHING, None))
        waiting = [(NOTHING, one) for one in self.begins]
        while waiting:
            cost, number = heapq.heappop(waiting)
            if cost > found[number][0]:
                continue
            one = self.visited[number]
            for following, exit_ in self.steps(number, limits=True):
                further = cost.plus(LIMIT if exit_ is None else one.cost(exit_))
                if following >= 0 and (following not in found or further < found[following][0]):
                    found[following] = (further, Leg(number, exit_))
                    heapq.heappush(waiting, (further, following))
        return found

    def _visit(self, moment: Moment) -> Visited:
        graph = self._visits.graph(moment)
        exits = [None] if graph is None else graph.exits
        found = [self._visits.follow(moment, one) for one in exits]
        lapsed = self._visits.lapsed(moment)
        helping = self._visits.node(moment.state).step.helping()
        return Visited(
            moment.state,
            graph,
            [self._target(one) for one in found],
            self._target(self._visits.limited(moment)),
            END if lapsed is None else self._number(lapsed),
            frozenset(n for n, one in enumerate(exits) if one and one.outcome in helping),
            {number: one.failed for number, one in enumerate(found) if one.failed},
        )

    def _target(self, following: Next) -> int:
        if following.moment is not None:
            return self._number(following.moment)
        return FALLBACK if following.unhandled else END

    def _number(self, moment: Moment) -> int:
        known = self._numbers.get(moment.state)
        if known is None:
            known = self._numbers[moment.state] = len(self._moments)
            if known >= MOST_STATES:
                raise TooLarge(self._too_large())
            self._moments.append(moment)
        return known

    def _too_large(self) -> str:
        at, times = Counter(str(one.state) for one in self.visited).most_common(1)[0]
        return (
            f"there are more than {MOST_STATES} states, {times} of them at {at}: bound what is counted, "
            "joined or remembered on the way there"
        )
