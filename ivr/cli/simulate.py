"""`ivr simulate`: call the flows from a terminal, or have a script call them."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from msgspec.structs import replace

from ivr.adapters.sim.callers import dump_caller, load_caller
from ivr.adapters.sim.console import HELP, ConsolePhone
from ivr.adapters.sim.recorder import Recorder
from ivr.adapters.sim.simulation import Incoming, Report
from ivr.adapters.sim.transcript import Kind, Moment
from ivr.app.callers import working_day
from ivr.app.config import Config, folder, load_config
from ivr.app.simulation import Chosen, choose, first_number, simulation
from ivr.model.errors import FlowError, OneCallError
from ivr.model.scripted import ScriptedCaller

_SHOWN = (Kind.HEARD, Kind.PRESSED, Kind.SAID, Kind.STEP, Kind.NOTE, Kind.ENDED)
_QUIET = (Kind.HEARD, Kind.NOTE, Kind.ENDED)


def simulate(
    flow: Annotated[
        str, typer.Argument(help="A folder of flows, a flow's file, or a flow's name in ./flows.")
    ] = "flows",
    script: Annotated[
        Path | None, typer.Option("--script", "-s", help="A scripted caller (YAML) to run.")
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option("--record", "-r", help="Write what you do as a scripted caller (YAML)."),
    ] = None,
    number: Annotated[
        str | None, typer.Option("--number", "-n", help="The number dialled.")
    ] = None,
    ani: Annotated[str, typer.Option(help="The caller's own number.")] = "",
    language: Annotated[
        str | None, typer.Option("--language", "-l", help="Begin in this language.")
    ] = None,
    at: Annotated[
        datetime | None, typer.Option(help="The bank's local time, e.g. 2026-11-23T10:00:00.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --script: print the result as JSON.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show the steps as well.")
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", envvar="ONECALL_CONFIG", help="Default: ./onecall.yaml."),
    ] = None,
) -> None:
    """Call the flows without a telephone: you press keys, it prints what is heard.

    Time is virtual: nothing takes longer than you do. The bank is a fresh demo bank. Ctrl-C, Ctrl-D
    and `h` hang up.

    Example: ivr simulate flows --record flows/callers/lost-card.yaml

    A script, and a call that is recorded, take place on a Monday at ten unless --at or the script says
    else: `ivr test` does the same. What is keyed is recorded as it is: use the PINs of the demo only.
    Exit status: 0 the call went as expected, 1 it did not, 2 the flows or the script cannot be used.
    """
    try:
        settings = load_config(config)
        chosen = choose(flow, settings)
        if script is not None:
            caller = load_caller(script)
            start = at or working_day(settings)
            report = asyncio.run(_scripted(chosen, settings, caller, language, start))
            _print_report(caller, report, as_json=as_json)
            raise typer.Exit(1 if report.failures else 0)
        if as_json:
            raise typer.BadParameter("--json needs --script")
        incoming = Incoming(
            dnis=number or _number(chosen), ani=ani, flow=chosen.flow, language=language, at=at
        )
        if record is not None:
            _check_record(record, chosen, incoming)
            incoming, at = replace(incoming, flow=None), at or working_day(settings)
        signal.signal(signal.SIGINT, _interrupt)
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(errors="replace")  # no key is lost for bytes that are no text
        call = _interactive(chosen, settings, incoming, at, verbose=verbose)
        recorder, report = asyncio.run(call)
        if record is not None:
            _write(record, recorder.caller(record.stem.replace("-", " "), incoming, report))
    except OneCallError as error:
        typer.echo(f"ivr simulate: {error}", err=True)
        raise typer.Exit(2) from None


async def _scripted(
    chosen: Chosen,
    settings: Config,
    caller: ScriptedCaller,
    language: str | None,
    at: datetime | None,
) -> Report:
    async with simulation(chosen.flows, settings, at) as running:
        return await running.play(caller, flow=chosen.flow, language=language)


async def _interactive(
    chosen: Chosen, settings: Config, incoming: Incoming, at: datetime | None, *, verbose: bool
) -> tuple[Recorder, Report]:
    shown = _SHOWN if verbose else _QUIET
    typer.echo(HELP)
    phone = Recorder(ConsolePhone(_ask, typer.echo))

    def observe(moment: Moment) -> None:
        if moment.kind in shown:
            typer.echo(_line(moment))

    async with simulation(chosen.flows, settings, at) as running:
        report = await running.call(phone, incoming, observe)
    if report.problem:
        typer.echo(f"no handler took it, Asterisk would go to its fallback: {report.problem}")
    return phone, report


def _check_record(file: Path, chosen: Chosen, incoming: Incoming) -> None:
    """Make a script's folder. Raise FlowError or ConfigError where a call cannot be written as a script
    that would do the same."""
    if file.exists():
        raise FlowError(f"{file} is there already: name a file that is not")
    if incoming.language is not None:
        raise FlowError("a script says no language; leave --language out, and choose it by keys")
    answers = chosen.flows.for_number(incoming.dnis)
    if answers is None or chosen.flow not in (None, answers.name):
        raise FlowError(f"a script dials a number, and `{chosen.flow}` answers none")
    folder(file.parent)


def _write(file: Path, caller: ScriptedCaller) -> None:
    try:
        file.write_text(dump_caller(caller), "utf-8")
    except OSError as error:
        raise FlowError(f"{file}: cannot be written: {error.strerror}") from error
    typer.echo(f"written to {file}; `ivr simulate --script {file}` does the same")


def _number(chosen: Chosen) -> str:
    """Return the number to dial when none is given."""
    if chosen.flow is None:
        return first_number(chosen.flows)
    return next(iter(chosen.flows.flows[chosen.flow].numbers), "")


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Have Ctrl-C end the reading of a line at once: the event loop's own handler would wait."""
    raise KeyboardInterrupt


def _ask(question: str) -> str | None:
    sys.stdout.write(question)
    sys.stdout.flush()
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        line = ""
    if not line:
        typer.echo()
        return None
    line = line.rstrip("\n")
    if not sys.stdin.isatty():
        # Typed by a terminal, it would stand there already.
        typer.echo(line)
    return line


def _print_report(caller: ScriptedCaller, report: Report, *, as_json: bool) -> None:
    if as_json:
        result = {
            "caller": caller.caller,
            "passed": not report.failures,
            "failures": list(report.failures),
            "ended": report.ended,
            "ms": report.ms,
            "trail": list(report.trail),
            "heard": list(report.heard),
            "transcript": [
                {"ms": m.at_ms, "kind": m.kind.value, "what": m.what, "text": m.text}
                for m in report.moments
            ],
        }
        typer.echo(json.dumps(result, ensure_ascii=False, indent=2))
        return
    typer.echo(caller.caller)
    for moment in _grouped(m for m in report.moments if m.kind in _SHOWN):
        typer.echo(_line(moment))
    for failure in report.failures:
        typer.echo(f"FAILED: {failure}", err=True)
    if not report.failures:
        typer.echo("as expected")


def _line(moment: Moment) -> str:
    """Write a moment as one line: time, what happened, and its text."""
    what = f"{moment.what}: {moment.text}" if moment.text else moment.what
    return f"{moment.at_ms / 1000:9.2f} s  {moment.kind.value:8} {what}"


def _grouped(moments: Iterable[Moment]) -> Iterator[Moment]:
    """Join keys that follow each other, and the segments of one spoken value, to one line."""
    last: Moment | None = None
    for moment in moments:
        joined = _joined(last, moment) if last is not None else None
        if joined is None and last is not None:
            yield last
        last = joined or moment
    if last is not None:
        yield last


def _joined(first: Moment, second: Moment) -> Moment | None:
    if first.kind is not second.kind:
        return None
    if first.kind is Kind.PRESSED and first.text == second.text:
        return Moment(first.at_ms, first.kind, first.what + second.what, first.text)
    if first.kind is Kind.HEARD and second.what.startswith("s-") and first.what.startswith("s-"):
        what, text = f"{first.what} {second.what}", f"{first.text} {second.text}"
        return Moment(first.at_ms, first.kind, what, text)
    return None
