"""Processes that are killed at a chosen point, and started again over the same files.

A warm process forks a child for each life, so that a life costs some milliseconds. The child does as
an engine does after a start: takes up what the life before left undone, then goes on with work of its
own, until `kill -9` ends it at the point that the parent has chosen.
"""

from __future__ import annotations

import os
import random
import signal
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import msgspec


class Point(msgspec.Struct, frozen=True):
    """Just before or just after something that outlives a process."""

    when: str
    deed: str

    def __str__(self) -> str:
        return f"{self.when} {self.deed}"


def points(deeds: tuple[str, ...]) -> tuple[Point, ...]:
    """Return every point at which a process can die between deeds, and on both sides of each."""
    return tuple(Point(when, deed) for deed in deeds for when in ("before", "after"))


class Reaper:
    """Ends its own process at a point. `deeds` are those that it saw, in their order."""

    def __init__(self, point: Point | None) -> None:
        self.point = point
        self.deeds: list[str] = []

    def before(self, deed: str) -> None:
        """Something is about to be done."""
        self._at(Point("before", deed))

    def after(self, deed: str) -> None:
        """It is done, and nobody was answered yet."""
        self.deeds.append(deed)
        self._at(Point("after", deed))

    def _at(self, point: Point) -> None:
        if point == self.point:
            os.kill(os.getpid(), signal.SIGKILL)


class Life(msgspec.Struct, frozen=True):
    """How a process ended, and what it had told its parent by then."""

    killed: bool
    told: tuple[Any, ...]


Work = Callable[[Callable[[Any], None]], None]
"""What a process does; it is given how to tell its parent something that JSON can say."""


def live(work: Work) -> Life:
    """Let a child process work until it is done or killed. Raises RuntimeError when it fails."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(work, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = tuple(msgspec.json.decode(line) for line in pipe)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) not in (0, -signal.SIGKILL):
        raise RuntimeError("a process failed instead of being killed; its traceback is above")
    return Life(os.waitstatus_to_exitcode(status) != 0, told)


def _work(work: Work, writing: int) -> None:
    status = 1
    try:
        work(lambda said: _tell(writing, said))
        status = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(status)


def _tell(writing: int, said: Any) -> None:
    os.write(writing, msgspec.json.encode(said) + b"\n")


class Lives(msgspec.Struct):
    """Chooses where the next process dies, until it has happened so many times at every point.

    Points come in any order (seeded), and half of the processes may die of what the one before left
    undone as well: some deeds are done only then.
    """

    where: tuple[Point, ...]
    times: int
    killed: Counter[str] = msgspec.field(default_factory=Counter)
    number: int = 0

    def __iter__(self) -> Iterator[tuple[int, Point, bool]]:
        chance = random.Random(7)
        while left := [point for point in self.where if self.killed[str(point)] < self.times]:
            if self.number > 10 * self.times * len(self.where):
                raise RuntimeError(f"nobody dies {left[0]}")
            for point in chance.sample(left, len(left)):
                self.number += 1
                yield self.number, point, chance.random() < 0.5

    def died(self, point: Point) -> None:
        """A process died there."""
        self.killed[str(point)] += 1
