"""`ivr top`: queues and agents, live in a terminal."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

import msgspec
import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ivr.app.config import Config, load_config
from ivr.app.figures import Figures, figures
from ivr.app.ledger import open_store, store_place
from ivr.cli.acting import AsJson, stop
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError, PortError
from ivr.ports.agents import AgentState, AgentView
from ivr.ports.coverage import CoverageBook
from ivr.ports.floor import Board, Floor, QueueView

STYLES = {
    AgentState.READY: "green",
    AgentState.TALKING: "cyan",
    AgentState.RINGING: "bold cyan",
    AgentState.PAUSED: "yellow",
    AgentState.WRAP_UP: "yellow",
    AgentState.OFFLINE: "dim",
}
LOST_MOST = 0.05
"""Abandonment above this is shown as bad."""
SERVED_LEAST = 0.8
"""A service level below this is shown as bad."""
COUNTED = timedelta(seconds=5)
"""How often today's figures are counted."""
WITHIN_MS = 1_000
"""Without a change, waits are counted on so often."""
_WIDE = 120
"""Columns where there is no terminal: lines for grep."""
_AROUND = 9
"""Lines that are neither a queue nor an agent."""


def top(
    once: Annotated[bool, typer.Option("--once", help="Show it once, as it is now.")] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show queues, agents and alerts as they are now, until Ctrl-C.

    SL is the share of today's calls that were answered in time, lost the share that hung up waiting;
    asked is the share of callers who were asked for their opinion, of those whose turn has come.

    Example: ivr top --once --json

    Exit status: 0 shown, 2 the engine cannot be asked.
    """
    try:
        settings = load_config(config)
        asyncio.run(_show(settings, once=once or as_json, as_json=as_json))
    except OneCallError as error:
        raise stop("top", f"{error}; is `ivr serve` running?") from None
    except KeyboardInterrupt:
        raise typer.Exit from None


async def _show(config: Config, *, once: bool, as_json: bool) -> None:
    # An HTTP client takes a while to load; most commands need none.
    from ivr.app.floor.client import floor_client

    async with floor_client(config) as far, _coverage(config) as coverage:
        board = await far.floor.board()
        counts = await figures(coverage, far.cases, board.at)
        console = Console(highlight=False)
        if not console.is_terminal:
            console.width = _WIDE
        if as_json:
            whole = {**msgspec.to_builtins(board), "figures": msgspec.to_builtins(counts)}
            typer.echo(msgspec.json.format(msgspec.json.encode(whole), indent=2).decode())
        elif once:
            console.print(picture(board, counts))
        else:
            count = partial(figures, coverage, far.cases)
            await _follow(far.floor, board, counts, count, console)


@asynccontextmanager
async def _coverage(config: Config) -> AsyncIterator[CoverageBook | None]:
    """Open the coverage ledger; None where nothing was ever published."""
    if store_place(config) is None:
        yield None
        return
    async with open_store(config) as store:
        yield store.coverage


async def _follow(
    floor: Floor,
    board: Board,
    counts: Figures,
    count: Callable[[datetime], Awaitable[Figures]],
    console: Console,
) -> None:
    counted = board.at
    with Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            live.update(picture(board, counts, console.height), refresh=True)
            try:
                board = await floor.changed(board.change, WITHIN_MS)
                if board.at >= counted + COUNTED:
                    counts, counted = await count(board.at), board.at
            except PortError as error:
                said = Text(f"{error}", "bold red")
                live.update(Group(said, picture(board, counts)), refresh=True)
                await asyncio.sleep(WITHIN_MS / 1000)
                # An engine that was started anew counts its changes from the beginning.
                board = msgspec.structs.replace(board, change=-1)


def picture(board: Board, counts: Figures, height: int | None = None) -> RenderableType:
    """Return a board and today's figures for people; no more agents than `height` lines have room for,
    those at work first."""
    states = Counter(one.state for one in board.agents)
    summary = Text(f"{board.at:%Y-%m-%d %H:%M:%S}  ", "bold")
    for state in AgentState:
        if states[state]:
            summary.append(
                f" {state.value.replace('_', '-')} {states[state]} ", STYLES.get(state, "")
            )
    room = None if height is None else max(0, height - _AROUND - len(board.queues))
    agents = sorted(board.agents, key=lambda one: (one.state is AgentState.OFFLINE, one.agent))
    alerts = [
        Text(f"! {one.at:%m-%d %H:%M} {one.what.story('en')}", "bold red") for one in board.alerts
    ]
    return Group(
        summary,
        _figures(counts),
        *alerts,
        queue_table(board.queues),
        _agents(agents[:room], board.at),
    )


def _figures(counts: Figures) -> Text:
    said = Text(f"asked today {_share(counts.coverage) or '-'}")
    if counts.asked is not None and counts.asked.due:
        said.append(f" ({counts.asked.due} still to be asked)")
    if counts.cases is not None:
        said.append(f"  open cases {counts.cases.open}  ")
        said.append(f"overdue {counts.cases.late}", "red" if counts.cases.late else "")
    return said


def queue_table(queues: tuple[QueueView, ...]) -> Table:
    """Return a line for each queue, for people."""
    table = Table(box=None, padding=(0, 1, 0, 0))
    table.add_column("queue", no_wrap=True, min_width=8)
    for heading in ("wait", "longest", "est", "SL", "lost", "5 min", "in", "out", "back", "ready"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("surge", no_wrap=True)
    for one in queues:
        low = one.service_level is not None and one.service_level < SERVED_LEAST
        table.add_row(
            one.queue,
            Text(str(one.waiting), "bold" if one.waiting else ""),
            _span(one.longest_s) if one.waiting else "",
            _estimate(one),
            Text(_share(one.service_level), "red" if low else ""),
            _lost(one.abandonment),
            _lost(one.abandonment_5m),
            *map(str, (one.offered, one.handled, one.callbacks, one.ready)),
            Text(one.surge, "magenta"),
        )
    return table


def _agents(agents: list[AgentView], at: datetime) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("agent", "name", "state", "since", "reason", "queue", "telephone"):
        table.add_column(heading, justify="right" if heading == "since" else "left")
    for one in agents:
        since = _span((at - one.since).total_seconds()) if one.since else ""
        state = Text(one.state.value.replace("_", "-"), STYLES.get(one.state, ""))
        table.add_row(one.agent, one.name, state, since, one.reason, one.queue, one.endpoint)
    return table


def _estimate(queue: QueueView) -> str:
    """Return the estimated wait, and by how much such estimates have been wrong."""
    if queue.estimate_s is None:
        return ""
    wrong = "" if queue.error_s is None else f" ±{_span(queue.error_s)}"
    return _span(queue.estimate_s) + wrong


def _lost(share: float | None) -> Text:
    return Text(_share(share), "red" if share is not None and share > LOST_MOST else "")


def _share(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


def _span(seconds: float) -> str:
    minutes, left = divmod(max(0, int(seconds)), 60)
    return f"{minutes}:{left:02d}"
