"""`ivr manual`: the man pages, a page a command, written from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.completion import get_completion_script  # type: ignore[attr-defined]  # not in its list
from typer.main import get_command

from ivr.app.config import folder
from ivr.cli.acting import stop
from ivr.model.errors import OneCallError

SHELLS = ("bash", "zsh", "fish")

_CODE = re.compile(r"`([^`]+)`")
_HEADING = re.compile(r"\b(?:For )?(Examples?|examples?|Exit status):(?:\s|$)")


def manual(
    to: Annotated[Path, typer.Argument(help="Where the pages go; made if it is not there.")],
    completion: Annotated[
        Path | None, typer.Option(help="Where completion for bash, zsh and fish goes as well.")
    ] = None,
) -> None:
    """Write a man page for each command: ivr.1, ivr-serve.1, ivr-db-backup.1 …

    For yourself alone, `ivr --install-completion` puts completion in place.

    Example: ivr manual build/man1 && man build/man1/ivr-serve.1

    Exit status: 0 written, 2 the folder cannot be written.
    """
    from ivr.cli.main import app

    try:
        folder(to)
        count = 0
        for names, command in commands(get_command(app), "ivr"):
            (to / f"{'-'.join(names)}.1").write_text(page(names, command), "utf-8")
            count += 1
        if completion is not None:
            _complete(folder(completion))
    except OSError as error:
        raise stop("manual", f"{error.filename}: cannot be written: {error.strerror}") from None
    except OneCallError as error:
        raise stop("manual", error) from None
    typer.echo(f"{count} pages in {to}")


def _complete(to: Path) -> None:
    for shell in SHELLS:
        (to / f"ivr.{shell}").write_text(f"{completion_script(shell)}\n", "utf-8")


def completion_script(shell: str) -> str:
    """Return what a shell has to read to complete `ivr`."""
    script: str = get_completion_script(prog_name="ivr", complete_var="_IVR_COMPLETE", shell=shell)
    return script


def commands(command: Any, *names: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each command and each group of commands, with the words that people type."""
    yield names, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, *names, name)


def page(names: tuple[str, ...], command: Any) -> str:
    """Return a command's page, in roff."""
    brief, *said = (command.help or "").strip().split("\n\n")
    title = "-".join(names)
    lines = [
        f'.TH "{title.upper()}" "1" "" "OneCall {version("onecall")}" "OneCall"',
        ".SH NAME",
        f"{_plain(title)} \\- {_plain(_flat(brief).partition('. ')[0].rstrip('.:'))}",
        ".SH SYNOPSIS",
        f".B {_plain(' '.join(names))}",
        *map(_plain, _usage(command)),
        ".SH DESCRIPTION",
        _marked(_flat(brief)),
    ]
    for paragraph in said:
        lines += _paragraph(_flat(paragraph))
    lines += _options(command)
    inner = getattr(command, "commands", {})
    if inner:
        lines.append(".SH COMMANDS")
        for name, one in inner.items():
            first = (one.help or "").strip().split("\n\n")[0]
            lines += [".TP", f".BR {_plain(f'{title}-{name}')} (1)", _marked(_flat(first))]
    if len(names) > 1:
        lines += [".SH SEE ALSO", f".BR {_plain('-'.join(names[:-1]))} (1)"]
    return "\n".join(lines) + "\n"


def _paragraph(text: str) -> Iterator[str]:
    """Yield a paragraph of a command's help; what it says of examples and exits has a heading."""
    before, *parts = _HEADING.split(text)
    if before.strip():
        yield from (".PP", _marked(before.strip()))
    for word, said in zip(parts[::2], parts[1::2], strict=True):
        yield ".SH EXIT STATUS" if word == "Exit status" else ".SH EXAMPLES"
        if said.strip():
            yield _marked(said.strip())


def _usage(command: Any) -> Iterator[str]:
    if any(one.param_type_name == "option" for one in command.params):
        yield "[OPTIONS]"
    for one in command.params:
        if one.param_type_name == "argument":
            name = (one.metavar or one.name).upper()
            yield name if one.required else f"[{name}]"
    if getattr(command, "commands", {}):
        yield "COMMAND"


def _options(command: Any) -> Iterator[str]:
    for kind, heading in (("argument", "ARGUMENTS"), ("option", "OPTIONS")):
        shown = [one for one in command.params if one.param_type_name == kind]
        if shown:
            yield f".SH {heading}"
        for one in shown:
            names = ", ".join((*one.opts, *one.secondary_opts))
            name = names if kind == "option" else (one.metavar or one.name).upper()
            yield ".TP"
            yield f".B {_plain(name)}"
            yield _marked(_flat(one.help or ""))


def _flat(text: str) -> str:
    return " ".join(text.split())


def _plain(text: str) -> str:
    """Return a text as roff takes it for itself."""
    text = text.replace("\\", "\\\\").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text


def _marked(text: str) -> str:
    """Return a text with what stands in backquotes in bold."""
    return _CODE.sub(r"\\fB\1\\fP", _plain(text))
