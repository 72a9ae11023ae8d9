"""`ivr publish`: put flows in force for new calls, on every node, without a restart."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec.structs import replace
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from ivr.adapters.clock import SystemClock
from ivr.app.config import Config, load_config
from ivr.app.gates import Candidate, candidate_of, run_gates
from ivr.app.ledger import Ledger, ReleaseError, open_ledger, who
from ivr.app.publishing import bring
from ivr.app.trial import share_of, trying
from ivr.centre.releases import Act, Entry, Gate, State
from ivr.centre.releases.kinds.canary import StartCanary
from ivr.centre.releases.kinds.publishing import Cancel, Publish, Schedule
from ivr.cli.acting import As, AsJson, Mistake, Why, moment, reason, stop
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError
from ivr.model.flow import FlowSet
from ivr.ports.releases import LedgerMoved


class Wish(msgspec.Struct, frozen=True):
    """What was asked for."""

    why: str
    who: str
    force: bool
    due: datetime | None
    trial: StartCanary | None = None


class Result(msgspec.Struct, frozen=True):
    """What came of it. `release` is None when nothing was written."""

    version: str
    said: str
    release: int | None = None
    due: datetime | None = None
    forced: bool = False
    gates: tuple[Gate, ...] = ()
    refused: bool = False


def publish(
    message: Why,
    flows: Annotated[
        Path | None, typer.Argument(help="A folder of flow files. Default: as configured.")
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Publish whatever the gates say; the ledger keeps what they said."
        ),
    ] = False,
    at: Annotated[
        str | None,
        typer.Option("--at", help="In force from then on: 2026-11-24T06:00, the bank's time."),
    ] = None,
    cancel: Annotated[
        int | None, typer.Option("--cancel", help="Cancel this scheduled release instead.")
    ] = None,
    canary: Annotated[
        str | None,
        typer.Option("--canary", help="Only for this share of callers, like 5%; see `ivr canary`."),
    ] = None,
    auto_promote: Annotated[
        bool, typer.Option("--auto-promote", help="With --canary: for all, once it is harmless.")
    ] = False,
    name: As = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Check, prove and rehearse a folder of flows, and put it in force for new calls.

    Engines switch within a second, without a restart; calls in progress stay on their version. All
    gates must let the flows pass: `check`, `prove` and the scripted callers of the folder. With
    --canary, engines watch how the calls of that share go, and take harmful flows back by themselves;
    the same flows with a greater share go to more callers.

    Example: ivr publish -m "Christmas greeting" --at 2026-12-24T06:00

    Exit status: 0 published, or in force already; 1 refused by a gate, or somebody else was first;
    2 it could not be tried.
    """
    try:
        settings = load_config(config)
        why, by = reason(message), who(name)
        if cancel is not None:
            typer.echo(asyncio.run(_cancel(settings, cancel, why, by)))
            return
        now = SystemClock(settings.zone).now()
        due = moment(at, settings.zone, now) if at else None
        wish = Wish(why, by, force, due, _trial(settings, canary, now, at, auto_promote))
        result = asyncio.run(_publish(settings, flows or settings.flows, wish, quiet=as_json))
    except LedgerMoved as error:
        raise stop("publish", f"{error}, then publish again", 1) from None
    except OneCallError as error:
        raise stop("publish", error) from None
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(result), indent=2).decode())
    else:
        typer.echo(result.said)
    raise typer.Exit(1 if result.refused else 0)


def _trial(
    config: Config, share: str | None, now: datetime, at: str | None, auto_promote: bool
) -> StartCanary | None:
    """Return the trial that is wished for, without its flows. Raises Mistake, TrialError."""
    if share is None and auto_promote:
        raise Mistake("--auto-promote is about a canary; add --canary 5%, or leave it out")
    if share is None:
        return None
    if at is not None:
        raise Mistake("a canary begins at once, so that somebody watches it; leave out --at")
    settings = config.canary.settings()
    return StartCanary(
        "", share=share_of(share), since=now, settings=settings, auto_promote=auto_promote
    )


async def _publish(config: Config, folder: Path, wish: Wish, *, quiet: bool) -> Result:
    candidate = candidate_of(config, folder)
    async with open_ledger(config, begin=True) as ledger:
        state = await ledger.state()
        known, version = state.in_force, candidate.flows.version
        if known and known.version == version and not wish.due and await ledger.holds(version):
            said = f"nothing to publish: these flows are release {known.number}, which is in force"
            return Result(version, said)
        if state.canary and not (wish.trial or wish.due or wish.force):
            raise ReleaseError(
                f"canary {state.canary.number} is running; promote or abort it first (`ivr canary`), "
                "or publish to all with --force, which ends it"
            )
        if wish.trial and candidate.readable:
            # Not after minutes of proving: what cannot be tried at all.
            await _act(ledger, state, wish, candidate.flows, (), forced=False)
        gates = await _gates(candidate, Console(stderr=True, quiet=quiet))
        failed = [gate.name for gate in gates if not gate.passed]
        if not candidate.readable or (failed and not wish.force):
            said = f"refused by {failed[0]}: what is in force stays so"
            return Result("", said, gates=gates, refused=True)
        act = await _act(ledger, state, wish, candidate.flows, gates, forced=bool(failed))
        entry = await bring(
            ledger, act, why=wish.why, who=wish.who, after=state, flows=candidate.flows
        )
    said = _said(entry, candidate.flows, wish)
    return Result(candidate.flows.version, said, entry.number, wish.due, bool(failed), gates)


async def _act(
    ledger: Ledger,
    state: State,
    wish: Wish,
    flows: FlowSet,
    gates: tuple[Gate, ...],
    *,
    forced: bool,
) -> Act:
    if wish.trial:
        tried = {"version": flows.version, "gates": gates, "forced": forced}
        trial = replace(wish.trial, since=ledger.now(), **tried)
        return await trying(ledger, state, trial, flows)
    if wish.due:
        return Schedule(flows.version, gates, forced, due=wish.due)
    return Publish(flows.version, gates, forced)


def _said(entry: Entry, flows: FlowSet, wish: Wish) -> str:
    name = f"release {entry.number} (version {flows.version[:12]})"
    if wish.trial:
        what = name if isinstance(entry.act, StartCanary) else f"entry {entry.number}"
        return f"{what}: {entry.act.words} of callers; see `ivr canary status --watch`"
    if wish.due:
        return f"{name} comes into force at {wish.due:%Y-%m-%d %H:%M}; `ivr releases` shows it"
    return f"{name} is in force for new calls; `ivr rollback -m WHY` takes it back"


async def _gates(candidate: Candidate, console: Console) -> tuple[Gate, ...]:
    """Run the gates with their progress shown; print all that they found."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bars:
        tasks: dict[str, TaskID] = {}

        def report(name: str, done: int, of: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=of)
            bars.update(tasks[name], completed=done, total=of)

        gates = await run_gates(candidate, report)
    for problem in candidate.problems:
        console.print(str(problem), highlight=False, soft_wrap=True, markup=False)
    for gate in gates:
        for finding in gate.findings if gate.name != "check" else ():
            console.print(finding, highlight=False, soft_wrap=True, markup=False)
    for gate in gates:
        mark = "[green]passed[/]" if gate.passed else "[red]failed[/]"
        console.print(f"{gate.name:8} {mark}  {gate.summary}", highlight=False)
    return gates


async def _cancel(config: Config, release: int, why: str, by: str) -> str:
    async with open_ledger(config) as ledger:
        state = await ledger.state()
        if all(one.release.number != release for one in state.scheduled):
            raise ReleaseError(f"{release} is no release that is still to come{_coming(state)}")
        await ledger.append(Cancel(release), why=why, who=by, after=state)
    return f"release {release} is cancelled"


def _coming(state: State) -> str:
    coming = ", ".join(str(one.release.number) for one in state.scheduled)
    return f"; those to come are {coming}" if coming else "; none is to come"
