"""Ways that run into a limit of the language: round a circle, until the call has had too many steps."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

from ivr.engine.prove.graph import NOTHING, Cost
from ivr.engine.prove.space import Leg, Space

_TRIED = 20
"""Circles that are looked at for the cheapest one."""


def rounds(space: Space, target: int, steps: int) -> list[Leg] | None:
    """Return a way of `steps` visits after which a limit leads to `target`; None if there is none.

    Where a call can go round for so long, a limit can come.
    """
    best: tuple[Cost, list[Leg]] | None = None
    for begins in _candidates(space, target):
        around = _around(space, begins)
        if around is None:
            continue
        cost, circle = around
        before = space.way(begins)
        times = max(steps - len(before), 0) // len(circle) + 1
        whole = Cost(*(one * times for one in cost)).plus(space.cost(begins))
        if best is None or whole < best[0]:
            best = whole, (before + circle * times)[:steps]
    return best[1] if best is not None else None


def _candidates(space: Space, target: int) -> Sequence[int]:
    """Return the states of circles whose limit leads to the target, the cheapest first."""
    visited = space.visited
    found = {
        number
        for number in space.circling
        if visited[number].limited == target and not visited[number].state.gone
    }
    reached = [number for number in found if space.cost(number).unsure == 0]
    return sorted(reached, key=lambda number: (space.cost(number), number))[:_TRIED]


def _around(space: Space, begins: int) -> tuple[Cost, list[Leg]] | None:
    """Return the cheapest way from a state back to it."""
    came: dict[int, tuple[Cost, Leg]] = {}
    waiting: list[tuple[Cost, int]] = [(NOTHING, begins)]
    while waiting:
        cost, number = heapq.heappop(waiting)
        if number == begins and begins in came:
            return cost, list(_back(came, begins))[::-1]
        one = space.visited[number]
        for exit_, following in enumerate(one.following):
            further = cost.plus(one.cost(exit_))
            known = came.get(following)
            if following >= 0 and (known is None or further < known[0]):
                came[following] = (further, Leg(number, exit_))
                heapq.heappush(waiting, (further, following))
    return None


def _back(came: dict[int, tuple[Cost, Leg]], begins: int) -> Iterator[Leg]:
    leg = came[begins][1]
    while True:
        yield leg
        if leg.number == begins:
            return
        leg = came[leg.number][1]
