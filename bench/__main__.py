"""`python -m bench`: every figure, bounded in time, beside peers in the same run."""

from __future__ import annotations

import enum
import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench import (
    after,
    campaign,
    classifier,
    dispatch,
    held,
    live,
    orders,
    queuesim,
    store,
    summary,
    surveys,
    synthetic,
    takeover,
    voc,
)
from bench.processes import BenchError
from bench.report import Column, Report, show
from lab.errors import LabError

RESULTS = Path(__file__).resolve().parent / "results"


class What(enum.StrEnum):
    """What to measure."""

    SYNTHETIC = "synthetic"
    ASTERISK = "asterisk"
    HELD = "held"
    AFTER = "after"
    ORDERS = "orders"
    STORE = "store"
    DISPATCH = "dispatch"
    TAKEOVER = "takeover"
    QUEUE_SIM = "queue-sim"
    CAMPAIGN = "campaign"
    CLASSIFIER = "classifier"
    REPORT = "report"
    SURVEYS = "surveys"
    ALL = "all"


BENCHES: Mapping[What, tuple[Any, Any]] = {
    What.SYNTHETIC: (synthetic, synthetic.Size()),
    What.ASTERISK: (live, live.Plan()),
    What.HELD: (held, held.Size()),
    What.AFTER: (after, after.Size()),
    What.ORDERS: (orders, orders.Size()),
    What.STORE: (store, store.Size()),
    What.DISPATCH: (dispatch, dispatch.Size()),
    What.TAKEOVER: (takeover, takeover.Size()),
    What.QUEUE_SIM: (queuesim, queuesim.Size()),
    What.CAMPAIGN: (campaign, campaign.Size()),
    What.CLASSIFIER: (classifier, classifier.Size()),
    What.REPORT: (voc, voc.Size()),
    What.SURVEYS: (surveys, surveys.Size()),
}
"""The module of each, with QUICK, steps, measure and COLUMNS, and how much it measures by itself."""
ALONG = {What.SURVEYS: What.REPORT}
"""What is measured along with another: a month has two reports."""


def main(
    what: Annotated[What, typer.Argument(help="What to measure.")] = What.ALL,
    quick: Annotated[
        bool, typer.Option("--quick", help="A tiny run that shows that it works; no figures.")
    ] = False,
    rounds: Annotated[int | None, typer.Option(min=1, max=20, help="How many rounds (3).")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON instead of tables, and write no file.")
    ] = False,
) -> None:
    """Measure OneCall beside its peers, and print one table in the end: each figure, its peer's in the same run,
    their ratio, the target, met or missed. All of it takes some forty minutes.

    Against a synthetic Asterisk (three minutes) and on a real one beside the same menu as native dialplan (five);
    2,000 calls at the same time (three); what is asked after calls (two); how many orders are taken down durably,
    and how much of calls; how long the dispatcher decides, and the next leader needs; how many calls a minute are simulated; how many
    customers find nobody in a campaign's day (one each); and how long a month's report over a million calls takes,
    of the voice of the customer and of surveys (ten each, most of it to write the calls).
    """
    reports: dict[str, Report] = {}
    console = Console(stderr=as_json)
    try:
        for one, (bench, full) in BENCHES.items():
            if what in (one, ALONG.get(one), What.ALL):
                size = _sized(bench.QUICK if quick else full, rounds)
                report = _run(console, bench.steps(size), partial(bench.measure, size))
                _done(console, reports, one.value, report, bench.COLUMNS, as_json)
    except (BenchError, LabError) as error:
        console.print(f"[red]bench:[/] {error}", highlight=False)
        raise typer.Exit(1) from None
    if as_json:
        json.dump(summary.as_json(reports), sys.stdout, indent=1)
        print()
        return
    summary.show(reports, console)
    if what is What.ALL:
        _write(console, "all", summary.as_json(reports))


def _sized(size: Any, rounds: int | None) -> Any:
    return size if rounds is None else msgspec.structs.replace(size, rounds=rounds)


def _run(
    console: Console, total: int, measure: Callable[[Callable[[str], None]], Report]
) -> Report:
    columns = (TextColumn("{task.description:36}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        task = progress.add_task("starting", total=total)
        return measure(lambda name: progress.update(task, advance=1, description=name))


def _done(
    console: Console,
    reports: dict[str, Report],
    name: str,
    report: Report,
    columns: Iterable[Column],
    as_json: bool,
) -> None:
    reports[name] = report
    if as_json:
        return
    show(report, columns, console)
    _write(console, name, report.as_json())


def _write(console: Console, name: str, found: dict[str, Any]) -> None:
    RESULTS.mkdir(exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    file = RESULTS / f"{name}-{stamp}.json"
    file.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    console.print(f"  written: {file}", style="dim", highlight=False)


if __name__ == "__main__":
    typer.run(main)
