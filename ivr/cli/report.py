"""`ivr report`: what happened, in figures, with the calls behind each."""

from __future__ import annotations

import csv
import enum
import sys
from collections.abc import Callable, Mapping
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.clock import SystemClock
from ivr.app.config import load_config
from ivr.app.queuereport import QueueReport, queue_report
from ivr.centre.kpi import Doing, Thresholds, Work
from ivr.centre.kpi.intervals import span
from ivr.cli import period, report_voc
from ivr.cli.acting import AsJson, Mistake, stop
from ivr.cli.figures import of_counts, share, tenths
from ivr.cli.serve import ConfigFile
from ivr.cli.survey_report import survey
from ivr.cli.told import told
from ivr.model.errors import OneCallError

app = typer.Typer(
    no_args_is_help=True, help="What happened, in figures, with the calls behind them."
)


class By(enum.StrEnum):
    """What a line of the report is about."""

    QUEUE = "queue"
    INTERVAL = "interval"
    AGENT = "agent"


app.command()(report_voc.voc)
app.command()(told(report_voc.verify))


app.command()(survey)


@app.callback()
def _reports() -> None:
    """Reports of what is kept."""


@app.command()
def queues(
    day: Annotated[str, typer.Option(help="today, yesterday, or a date.")] = "today",
    by: Annotated[By, typer.Option(help="What each line is about.")] = By.QUEUE,
    queue: Annotated[str, typer.Option(help="Only this queue.")] = "",
    calls: Annotated[
        str, typer.Option(help="List the calls behind a count instead: abandoned, missed, …")
    ] = "",
    within: Annotated[float, typer.Option(min=0, help="T of the service level, seconds.")] = 20,
    short: Annotated[float, typer.Option(min=0, help="A short abandonment, seconds.")] = 5,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="The table as CSV, with every figure.")
    ] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Report a day of queues and agents; docs/kpi.md defines every figure.

    A caller counts in the interval in which they were offered to the queue. Examples:

    ivr report queues --day yesterday --by interval --csv

    ivr report queues --calls abandoned --queue service

    Exit status: 0 reported, 2 it could not be.
    """
    try:
        settings = load_config(config)
        zone = ZoneInfo(settings.zone)
        now = SystemClock(settings.zone).now()
        wanted = period.day(day, now.date())
        begins, ends = span(wanted, zone)
        with period.progress(begins, min(now, ends)) as reached:
            report = queue_report(settings, wanted, now, Thresholds(within, short), reached)
        report = _only(report, queue)
        lines = _calls(report, calls, zone) if calls else _LINES[by](report, zone)
    except OneCallError as error:
        raise stop("report queues", error) from None
    if as_json:
        said = lines if calls else _whole(report, zone)
        typer.echo(msgspec.json.format(msgspec.json.encode(said)).decode())
    elif as_csv:
        _csv(lines)
    elif lines:
        Console(highlight=False).print(_table(lines, _CALL_COLUMNS if calls else _COLUMNS[by]))
    else:
        typer.echo(f"nothing on {wanted}{f': no call is behind `{calls}`' if calls else ''}")


Line = dict[str, Any]


def _only(report: QueueReport, queue: str) -> QueueReport:
    """Return the report of one queue; agents work for all of them, so they are left as they are."""
    if not queue:
        return report
    return msgspec.structs.replace(
        report,
        intervals={key: one for key, one in report.intervals.items() if key[0] == queue},
        callbacks={name: one for name, one in report.callbacks.items() if name == queue},
        stays=tuple(stay for stay in report.stays if stay.queue == queue),
    )


def _by_queue(report: QueueReport, zone: ZoneInfo) -> list[Line]:
    return [{"queue": name, **of_counts(one)} for name, one in report.queues().items()]


def _by_interval(report: QueueReport, zone: ZoneInfo) -> list[Line]:
    return [
        {"queue": name, "begins": start.astimezone(zone).isoformat(), **of_counts(one)}
        for (name, start), one in sorted(report.intervals.items())
    ]


def _by_agent(report: QueueReport, zone: ZoneInfo) -> list[Line]:
    return [{"agent": name, **_of_work(one)} for name, one in report.agents().items()]


def _of_work(work: Work) -> Line:
    times = {f"{doing}_ms": work.times[doing] for doing in Doing}
    pauses = {f"paused_{reason}_ms": spent for reason, spent in sorted(work.pauses.items())}
    counts = {name: getattr(work, name) for name in ("handled", "missed", "transferred")}
    figures = {"occupancy": work.occupancy, "aht_s": work.aht_s, "logged_in_ms": work.logged_in_ms}
    return {**counts, **figures, **times, **pauses}


def _calls(report: QueueReport, figure: str, zone: ZoneInfo) -> list[Line]:
    try:
        stays = report.behind(figure)
    except ValueError as error:
        raise Mistake(f"`{figure}` is no count; {error}") from None
    return [
        {**msgspec.structs.asdict(stay), "offered": stay.offered.astimezone(zone).isoformat()}
        for stay in sorted(stays, key=lambda stay: stay.offered)
    ]


def _whole(report: QueueReport, zone: ZoneInfo) -> Line:
    callbacks = {
        name: {
            **one.states,
            "accept_rate": one.accept_rate,
            "reach_rate": one.reach_rate,
            "bridge_rate": one.bridge_rate,
            "slip_s": one.slip_s,
        }
        for name, one in report.callbacks.items()
    }
    return {
        "day": report.day,
        "within_s": report.thresholds.within_s,
        "short_s": report.thresholds.short_s,
        "queues": _by_queue(report, zone),
        "intervals": _by_interval(report, zone),
        "agents": _by_agent(report, zone),
        "callbacks": callbacks,
    }


_LINES: Mapping[By, Callable[[QueueReport, ZoneInfo], list[Line]]] = {
    By.QUEUE: _by_queue,
    By.INTERVAL: _by_interval,
    By.AGENT: _by_agent,
}


def _span(ms: int) -> str:
    """Write a time spent, as h:mm:ss."""
    minutes, whole = divmod(ms // 1000, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{whole:02}"


Columns = Mapping[str, tuple[str, Callable[[Any], str]]]
"""Field → its heading, and how it is written."""

_COUNTS: Columns = {
    "offered": ("O", str),
    "handled": ("H", str),
    "abandoned": ("Ab", str),
    "callbacks": ("CB", str),
    "overflowed": ("OV", str),
    "waiting": ("wait", str),
    "service_level": ("SL", share),
    "abandonment": ("aband.", share),
    "abandonment_net": ("net", share),
    "asa_s": ("ASA s", tenths),
    "aht_s": ("AHT s", tenths),
}
_COLUMNS: Mapping[By, Columns] = {
    By.QUEUE: {"queue": ("queue", str), **_COUNTS, "missed": ("RNA", str)},
    By.INTERVAL: {
        "queue": ("queue", str),
        "begins": ("from", lambda text: text[11:16]),
        **_COUNTS,
    },
    By.AGENT: {
        "agent": ("agent", str),
        "handled": ("H", str),
        "missed": ("RNA", str),
        "transferred": ("sent", str),
        "aht_s": ("AHT s", tenths),
        "occupancy": ("occ.", share),
        "logged_in_ms": ("at work", _span),
        "available_ms": ("ready", _span),
        "paused_ms": ("pause", _span),
        "talk_ms": ("talk", _span),
        "hold_ms": ("hold", _span),
        "acw_ms": ("ACW", _span),
    },
}
_CALL_COLUMNS: Columns = {
    "call_id": ("call", str),
    "queue": ("queue", str),
    "offered": ("offered", lambda text: text[11:19]),
    "fate": ("fate", str),
    "how": ("how", str),
    "wait_ms": ("wait", _span),
    "agent": ("agent", str),
    "talk_ms": ("talk", _span),
    "missed": ("RNA", str),
    "target": ("to", str),
}


def _table(lines: list[Line], columns: Columns) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0))
    for field, (heading, _) in columns.items():
        number = isinstance(lines[0][field], int | float | None)
        table.add_column(heading, justify="right" if number else "left", no_wrap=True)
    for line in lines:
        table.add_row(*(write(line[field]) for field, (_, write) in columns.items()))
    return table


def _csv(lines: list[Line]) -> None:
    """Write every field of the lines; those of some lines only come last."""
    heads = list(dict.fromkeys(field for line in lines for field in line))
    out = csv.DictWriter(sys.stdout, heads, restval="", lineterminator="\n")
    out.writeheader()
    out.writerows(lines)
