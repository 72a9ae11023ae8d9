"""`ivr events`: what happens in calls, as it happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console

from ivr.adapters.clock import SystemClock
from ivr.app.config import Config, load_config
from ivr.app.ledger import open_ledger
from ivr.cli.acting import AsJson, stop
from ivr.cli.period import since as back_to
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError
from ivr.model.events import Event
from ivr.model.hints import closest
from ivr.model.story import LANGUAGES, Telling
from ivr.ports.store import StampedEvent, Store

LOOK_S = 0.2
"""How often it is looked for new events: an engine writes them within some 50 ms."""


def events(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    since: Annotated[str, typer.Option(help="From 10m, 2d, or a date and time on.")] = "10m",
    call: Annotated[str, typer.Option(help="Only of this call.")] = "",
    kind: Annotated[
        list[str] | None,
        typer.Option(help="Only of this kind, such as CallEnded; may be repeated."),
    ] = None,
    language: Annotated[str, typer.Option(help="The language they are told in.")] = "en",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show what happens in calls, of all engines of the state folder, in the order it is written.

    Prompts are told by their ids; `ivr why CALL` tells the whole story of one call. With --json, each
    line is {"at": …, "call": …, "event": {"type": …}}.

    Example: ivr events -f --kind CallEnded --kind StepFailed

    Exit status: 0 shown, 2 they cannot be read.
    """
    try:
        _known(kind or [], language)
        settings = load_config(config)
        now = SystemClock(settings.zone).now()
        asyncio.run(
            _show(
                settings,
                back_to(since, now, settings.zone),
                _Wanted(call, frozenset(kind or ())),
                _Telling(language, as_json, ZoneInfo(settings.zone)),
                follow=follow,
            )
        )
    except OneCallError as error:
        raise stop("events", error) from None
    except KeyboardInterrupt:
        raise typer.Exit from None


class _Wanted(msgspec.Struct, frozen=True):
    call: str
    kinds: frozenset[str]

    def takes(self, one: StampedEvent) -> bool:
        of_kind = not self.kinds or type(one.event).__name__ in self.kinds
        return of_kind and self.call in ("", one.call_id)


class _Telling(msgspec.Struct, frozen=True):
    language: str
    as_json: bool
    zone: ZoneInfo

    def line(self, one: StampedEvent) -> str:
        if self.as_json:
            told = {"at": one.at.astimezone(self.zone), "call": one.call_id, "event": one.event}
            return msgspec.json.encode(told).decode()
        story = one.event.story(Telling(self.language, lambda prompt: prompt))
        at = f"{one.at.astimezone(self.zone):%m-%d %H:%M:%S}"
        return f"{at}  {one.call_id}  {' / '.join(story.splitlines())}" if story else ""


def _known(kinds: list[str], language: str) -> None:
    """Raise OneCallError for a kind of events that there is not, or a language that none is told in."""
    known = {one.__name__ for one in Event.__subclasses__()}
    for kind in kinds:
        if kind not in known:
            hint = closest(kind, known) or f"there are {', '.join(sorted(known))}"
            raise OneCallError(f"no events are called `{kind}`: {hint}")
    if language not in LANGUAGES:
        raise OneCallError(f"events are not told in `{language}`; write {' or '.join(LANGUAGES)}")


async def _show(
    config: Config, since: datetime, wanted: _Wanted, telling: _Telling, *, follow: bool
) -> None:
    console = Console(highlight=False)
    async with open_ledger(config) as ledger:
        async for one in _written(ledger.store, since, follow=follow):
            if wanted.takes(one) and (line := telling.line(one)):
                console.out(line)


async def _written(store: Store, since: datetime, *, follow: bool) -> AsyncIterator[StampedEvent]:
    """Yield what is written from then on; to the end of what there is, or with `follow` for ever."""
    mark = 0
    while True:
        reached, found = await store.happened(since, mark)
        for one in found:
            yield one
        if reached == mark:
            if not follow:
                return
            await asyncio.sleep(LOOK_S)
        mark = reached
