"""`ivr prompts`: build, list and hear the recordings."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ivr.adapters.prompts import builder
from ivr.adapters.prompts.catalogue import Catalogue, CatalogueError, load_catalogue
from ivr.adapters.prompts.sound import wav
from ivr.adapters.prompts.texts import load_texts
from ivr.adapters.voice.choose import open_voice, voices
from ivr.centre.confusable import REMEDIES, Confusable, confusable
from ivr.cli.told import told
from ivr.model.errors import PortError
from ivr.model.say import languages

app = typer.Typer(no_args_is_help=True, help="Build, list and hear the recordings callers hear.")

Folder = Annotated[
    Path, typer.Option("--prompts", help="Folder with <language>.yaml and the recordings.")
]
Home = Annotated[
    Path, typer.Option(help="Where `make voices` installed the voices.", envvar="ONECALL_VOICES")
]
DEFAULT_FOLDER = Path("prompts")
DEFAULT_HOME = Path(".voices")

PLAYERS = (
    ("aplay", "-q"),
    ("paplay",),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"),
    ("play", "-q"),
)
"""Programs that play a wav file, in the order they are tried."""

_out = Console()
_err = Console(stderr=True)


@app.command()
@told
def build(
    prompts: Folder = DEFAULT_FOLDER,
    language: Annotated[
        str | None, typer.Option(help="Only this language; all of them otherwise.")
    ] = None,
    voice: Annotated[
        str | None, typer.Option(help=f"Which synthesiser: {', '.join(voices())}.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Build everything again.")] = False,
    wide: Annotated[
        bool, typer.Option("--wide", help="Also 16 kHz files (.sln16) for wide-band callers.")
    ] = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Make the recordings that are missing or do not say their text any more.

    A studio recording prompts/<language>/<id>.wav wins over the voice. What is up to date is left
    alone, whichever voice made it; stopped with Ctrl-C, the next run goes on.

    Example: ivr prompts build --language zh

    Exit status: 0 all is there and up to date, 1 something could not be made.
    """
    failed = False
    try:
        for each in [language] if language else list(load_texts(prompts)):
            plan = builder.plan(prompts, each, force=force, wide=wide)
            if plan.idle:
                _out.print(f"{each}: up to date")
                continue
            failed |= _carry_out(plan, voice, home, wide)
    except (CatalogueError, PortError) as error:
        _err.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        _err.print("stopped; what is done is kept, the next run goes on", style="yellow")
        raise typer.Exit(130) from None
    if failed:
        raise typer.Exit(1)


def _carry_out(plan: builder.Plan, voice: str | None, home: Path, wide: bool) -> bool:
    """Build one language with a progress bar. Return whether anything failed."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[text]}"),
    )
    with Progress(*columns, console=_out) as progress:
        task = progress.add_task(plan.language, total=len(plan.jobs), text="")
        failures = builder.build(
            plan,
            lambda: open_voice(plan.language, home, voice),
            wide=wide,
            done=lambda job: progress.update(task, advance=1, text=job.text[:30]),
        )
        progress.update(task, text="")
    for failure in failures:
        _err.print(f"{plan.language}/{failure.id}: {failure.problem}", style="red", markup=False)
    made = len(plan.jobs) - len(failures)
    removed = f", {len(plan.obsolete)} removed" if plan.obsolete else ""
    _out.print(f"{plan.language}: {made} made{removed}, {len(failures)} failed")
    return bool(failures)


@app.command("list")
def list_(
    prompts: Folder = DEFAULT_FOLDER,
    language: Annotated[str | None, typer.Option(help="Only this language.")] = None,
    missing: Annotated[
        bool, typer.Option("--missing", help="Only what callers would miss; exit code 1 if any.")
    ] = False,
    segments: Annotated[
        bool, typer.Option("--segments", help="Also the say-layer's numbers, dates and units.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the prompts with their texts, lengths and what is wrong with them.

    Example: ivr prompts list --missing

    Exit status: 0 listed, 1 with --missing: callers would miss some, or the prompts cannot be read.
    """
    catalogue = _load(prompts)
    rows = _rows(catalogue, language, segments)
    if missing:
        rows = [row for row in rows if row["problem"]]
    if as_json:
        json.dump(rows, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
    elif rows:
        _out.print(_table(rows))
    else:
        _out.print("nothing is missing" if missing else "no prompts")
    if missing and rows:
        raise typer.Exit(1)


def _rows(
    catalogue: Catalogue, language: str | None, segments: bool
) -> list[dict[str, str | int | None]]:
    problems = {(each.language, each.id): each.why for each in catalogue.missing()}
    shown: dict[tuple[str, str], str] = {}
    for each in catalogue.languages:
        own = catalogue.ids(each)
        texts = catalogue.texts(each)
        shown |= {(each, name): text for name, text in texts.items() if segments or name in own}
    # A problem is shown whatever was left out above.
    shown |= {key: catalogue.texts(key[0]).get(key[1], "") for key in problems}
    rows: list[dict[str, str | int | None]] = []
    for (each, name), text in sorted(shown.items()):
        if language in (None, each):
            found = catalogue.resolve(name, each)
            rows.append(
                {
                    "language": each,
                    "id": name,
                    "text": text,
                    "ms": found.ms if found else None,
                    "problem": problems.get((each, name), ""),
                }
            )
    return rows


def _table(rows: list[dict[str, str | int | None]]) -> Table:
    table = Table("language", "id", "seconds", "text", "problem", box=None)
    for row in rows:
        ms = row["ms"]
        seconds = f"{ms / 1000:.1f}" if isinstance(ms, int) else "-"
        table.add_row(
            str(row["language"]), str(row["id"]), seconds, str(row["text"]), str(row["problem"])
        )
    return table


@app.command()
@told
def play(
    name: Annotated[str, typer.Argument(help="The prompt's id, for example welcome.")],
    language: Annotated[
        str | None, typer.Option(help="In this language; the first that has it otherwise.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write a wav file here instead of playing.")
    ] = None,
    prompts: Folder = DEFAULT_FOLDER,
) -> None:
    """Hear a prompt as a caller hears it.

    Example: ivr prompts play welcome --language en --out welcome.wav

    Exit status: 0 played or written, 1 it cannot be.
    """
    catalogue = _load(prompts)
    for each in [language] if language else catalogue.languages:
        found = catalogue.resolve(name, each)
        if found:
            break
    else:
        where = language or ", ".join(catalogue.languages)
        _err.print(f"no recording of {name!r} in {where}; try: ivr prompts list", markup=False)
        raise typer.Exit(1)
    sound = wav(Path(f"{found.path}.ulaw").read_bytes())
    _out.print(f"{each}/{found.id} ({found.ms / 1000:.1f} s): {found.text}", markup=False)
    if out:
        out.write_bytes(sound)
        return
    player = next((list(each) for each in PLAYERS if shutil.which(each[0])), None)
    if player is None:
        names = ", ".join(each[0] for each in PLAYERS)
        _err.print(f"no sound player here ({names}); take it elsewhere: --out {name}.wav")
        raise typer.Exit(1)
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        file.write(sound)
        file.flush()
        ended = subprocess.run([*player, file.name], check=False)  # noqa: S603 - from PLAYERS
    if ended.returncode:
        _err.print(f"{player[0]} could not play it; take it elsewhere: --out {name}.wav")
        raise typer.Exit(1)


@app.command("confusable")
def confusable_(
    language: Annotated[str | None, typer.Option(help="Only this language.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the spoken numbers, dates and letters that sound nearly alike, and what is done about it.

    Found by the sounds of their words, as far as the telephone lets them through.

    Example: ivr prompts confusable --language zh

    Exit status: 0 listed, 2 there is no such language.
    """
    if language not in (None, *languages()):
        _err.print(f"no language {language!r}; there are {', '.join(languages())}", markup=False)
        raise typer.Exit(2)
    pairs = [pair for each in languages() if language in (None, each) for pair in confusable(each)]
    if as_json:
        rows = [
            {
                "language": pair.language,
                "one": pair.one,
                "other": pair.other,
                "places": [
                    {"place": place, "examples": examples, "remedy": REMEDIES[place]}
                    for place, examples in pair.places.items()
                ],
            }
            for pair in pairs
        ]
        json.dump(rows, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
        return
    table = Table("language", "one", "other", "where", "for example", box=None)
    for pair in pairs:
        where = ", ".join(pair.places)
        table.add_row(pair.language, pair.one, pair.other, where, _example(pair))
    _out.print(table)
    _out.print("\nWhat is done about it:")
    told = dict.fromkeys(place for pair in pairs for place in pair.places)
    for place in told:
        _out.print(f"  {place:7} {REMEDIES[place]}", highlight=False)


def _example(pair: Confusable) -> str:
    one, other = list(pair.places.values())[-1]
    return f"{one} / {other}"


def _load(folder: Path) -> Catalogue:
    try:
        return load_catalogue(folder)
    except CatalogueError as error:
        _err.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
