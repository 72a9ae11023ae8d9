"""What holds for every command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from ivr.cli.main import app, main

RUNS = {"ivr serve", "ivr desk", "ivr sandbox", "ivr supervise"}
"""What runs until it is ended, and says nothing but its log, which has a JSON of its own."""


def commands(command: Any, *names: str) -> Iterator[Any]:
    """Yield each command that does something, with the words that people type."""
    if not hasattr(command, "commands"):
        yield pytest.param(command, id=" ".join(names))
        return
    for name, inner in command.commands.items():
        yield from commands(inner, *names, name)


@pytest.mark.parametrize("command", list(commands(get_command(app), "ivr")))
def test_help_has_an_example_and_the_exit_status(command: Any) -> None:
    assert re.search(r"[Ee]xamples?:\s+`?ivr ", command.help)
    assert "Exit status: 0 " in command.help


@pytest.mark.parametrize("command", list(commands(get_command(app), "ivr")))
def test_programs_are_told_as_well(command: Any, request: pytest.FixtureRequest) -> None:
    told = [option for one in command.params for option in one.opts]
    assert ("--json" in told) is (request.node.callspec.id not in RUNS)


def test_words_that_are_no_text_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["ivr", "why", b"17\xff".decode("utf-8", "surrogateescape")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "`17\\xff` is not UTF-8" in capsys.readouterr().err
