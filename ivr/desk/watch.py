"""Following the floor: one long poll for all the pages of a desk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

import msgspec

from ivr.app.figures import Figures
from ivr.desk.news import News
from ivr.model.errors import PortError
from ivr.ports.agents import AgentView
from ivr.ports.floor import Board, CallerView, Floor

POLL_MS = 15_000
"""How long the engine may wait with an answer where nothing changes."""
PACE_S = 0.3
"""Boards are not asked for more often: all that a page shows is at most so much older."""
LOOK_S = 10.0
"""How often a stream sees to it that its session has not ended."""
RETRY_S = 1.0


class Seen(msgspec.Struct, frozen=True):
    """The floor as it was seen last. `number` grows with each; `problem` is why the engine did not
    answer after that, if it did not. `agents` and `callers` are by their ids; `figures` are of today."""

    number: int
    board: Board
    agents: Mapping[str, AgentView]
    callers: Mapping[str, CallerView]
    problem: str = ""
    figures: Figures = Figures()

    def agent(self, name: str) -> AgentView | None:
        """Return an agent as they stand."""
        return self.agents.get(name)

    def caller(self, view: AgentView | None) -> CallerView | None:
        """Return the caller whom an agent has, or is just being rung for."""
        return self.callers.get(view.call_id) if view is not None and view.call_id else None


class Watch:
    """What the desk knows of the floor. It asks again `pace_s` after each answer, `retry_s` after none."""

    def __init__(
        self, floor: Floor, began: datetime, pace_s: float = PACE_S, retry_s: float = RETRY_S
    ) -> None:
        self._floor = floor
        self._pace_s = pace_s
        self._retry_s = retry_s
        nothing = Board(began, 0, (), (), ())
        self._seen = Seen(0, nothing, {}, {}, "the engine was not asked yet")
        self._news = News()

    @property
    def seen(self) -> Seen:
        """The floor as it was seen last."""
        return self._seen

    async def after(self, number: int, within_s: float) -> Seen:
        """Return what was seen after `number`, as soon as there is anything, or the last after a while,
        or when woken."""
        await self._news.after(number, within_s)
        return self._seen

    def count(self, figures: Figures) -> None:
        """Take figures that are others than before."""
        if figures != self._seen.figures:
            self._tell(msgspec.structs.replace(self._seen, figures=figures))

    def wake(self) -> None:
        """Wake whoever waits, though nothing is new."""
        self._news.wake()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow the floor meanwhile. The first look is over when this begins."""
        await self._look()
        task = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(self._retry_s if self._seen.problem else self._pace_s)
            await self._look()

    async def _look(self) -> None:
        """Take a board that is new; of one that is not, tell nobody."""
        last = self._seen
        try:
            if last.problem:
                board = await self._floor.board()
            else:
                board = await self._floor.changed(last.board.change, POLL_MS)
        except PortError as error:
            if not last.problem:
                self._tell(msgspec.structs.replace(self._seen, problem=str(error)))
            return
        if last.problem or board.change != last.board.change:
            agents = {one.agent: one for one in board.agents}
            callers = {one.call_id: one for one in board.callers}
            self._tell(Seen(last.number, board, agents, callers, figures=self._seen.figures))

    def _tell(self, seen: Seen) -> None:
        self._seen = msgspec.structs.replace(seen, number=self._news.number + 1)
        self._news.tell()
