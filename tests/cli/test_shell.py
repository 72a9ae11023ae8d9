"""Every command, tried where things are wrong: one line that says what to do, and the exit status for it.

The commands are discovered, and get arguments that their types allow: a new one is tried by being there.
"""

from __future__ import annotations

import enum
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command
from typer.testing import CliRunner, Result

from ivr.app.config import load_config
from ivr.app.databases import databases
from ivr.cli.main import app
from ivr.cli.manual import commands
from tests.rights import closed_to_us, without_rights

ROOT = Path(__file__).parents[2]
FLOW = """\
flow: main
numbers: ["95500"]
languages: [zh, en]
start: end
steps:
  end: {hangup: completed}
"""
ALL: Mapping[tuple[str, ...], Any] = {
    names[1:]: command
    for names, command in commands(get_command(app), "ivr")
    if not getattr(command, "commands", {})
}
CONFIGURED = {words for words, one in ALL.items() if any("--config" in p.opts for p in one.params)}
ASKS = "is `ivr serve` running?"
SERVES = {("serve",), ("desk",), ("sandbox",), ("supervise",), ("bench",)}
"""What runs for as long as it is let."""
OWN = {
    ("cases", "link"): ("1", "call", "1"),
    ("db", "backup"): ("backup",),
    ("replay",): ("1",),
    ("survey", "opt-in"): ("13800001111",),
    ("survey", "opt-out"): ("13800001111",),
}
"""What a command must have that its types do not tell."""
LONG = {("prove",), ("test",), ("publish",), ("reference",), ("openapi",), ("prompts", "list")}
"""What takes seconds, and asks no engine."""
SPEAKS = {("simulate",), ("prompts", "build"), ("prompts", "play"), ("queue-sim",)}
"""What asks people or machines for minutes, and no store."""


def words_for(command: Any) -> Iterator[str]:
    """Yield arguments that a command must have, of the right types."""
    for one in command.params:
        if one.required:
            yield from (one.opts[0],) if one.param_type_name == "option" else ()
            kind = one.type_descriptor.annotation
            if isinstance(kind, type) and issubclass(kind, enum.Enum):
                yield str(next(iter(kind)).value)
            else:
                yield "none" if kind is Path else "1"


def tried(words: tuple[str, ...], *more: str) -> Result:
    """Run a command in this process, with what it must have."""
    own = OWN.get(words) or words_for(ALL[words])
    found = CliRunner().invoke(app, [*words, *more, *own], input="")
    assert found.exception is None or isinstance(found.exception, SystemExit), (
        f"{' '.join(words)}: {found.exception!r}"
    )
    assert "Traceback" not in found.output, words
    assert found.exit_code in (0, 1, 2), words
    assert found.exit_code == 0 or found.output.strip(), f"{' '.join(words)} ends without a word"
    return found


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of everybody's with a configuration; nothing was published, and no engine runs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "flows").mkdir()
        (folder / "flows/main.yaml").write_text(FLOW, "utf-8")
        (folder / "prompts").symlink_to(ROOT / "prompts")
        config = {"floor": {"port": 1}, "agi": {"port": 1}}
        (folder / "onecall.yaml").write_text(yaml.safe_dump(config), "utf-8")
        monkeypatch.chdir(folder)
        yield folder


def tried_by_nobody(name: str) -> None:
    """Run a function of this module in a process that may not read what is somebody else's."""
    code = f"from tests.cli import test_shell; test_shell.{name}()"
    done = subprocess.run(
        without_rights(sys.executable, "-c", code),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_an_option_that_there_is_not() -> None:
    for words in ALL:
        found = CliRunner().invoke(app, [*words, "--no-such-option"])
        assert found.exit_code == 2, words
        assert "No such option" in found.stderr, words


@pytest.mark.proof
@pytest.mark.timeout(240)
def test_a_configuration_that_cannot_be(here: Path) -> None:
    (here / "onecall.yaml").write_text("agi: {prot: 1}\n", "utf-8")
    for words in sorted(CONFIGURED):
        found = tried(words)
        assert found.exit_code == (1 if words == ("serve",) else 2), (words, found.output)
        assert "onecall.yaml:1:7: " in found.stderr.replace("\n", ""), (words, found.stderr)


@pytest.mark.proof
@pytest.mark.timeout(240)
def test_a_configuration_that_one_may_not_read(here: Path) -> None:
    closed_to_us(here / "onecall.yaml")
    tried_by_nobody("all_want_to_read_their_configuration")


def all_want_to_read_their_configuration() -> None:
    for words in sorted(CONFIGURED):
        found = tried(words, "-c", str(Path("onecall.yaml").absolute()))
        assert found.exit_code == 2, (words, found.output)
        assert "is not readable." in _plain(found.stderr), words


@pytest.mark.proof
@pytest.mark.timeout(240)
def test_without_an_engine_who_needs_one_says_so(here: Path) -> None:
    asking = {
        words
        for words in sorted(ALL.keys() - SERVES - SPEAKS - LONG)
        if (found := tried(words)).exit_code == 2 and ASKS in found.stderr
    }
    assert asking >= {
        *(("status",), ("drain",), ("resume",), ("top",), ("queues",), ("agents", "show")),
        *(("callbacks", "list"), ("agents", "ready")),
    }


@pytest.mark.proof
@pytest.mark.timeout(240)
def test_a_store_that_is_none_is_told_in_a_line(here: Path) -> None:
    for one in databases(load_config(None)):
        assert isinstance(one.place, Path)
        one.place.parent.mkdir(exist_ok=True)
        one.place.write_bytes(b"this is no database" * 400)
    telling = {
        words
        for words in sorted(ALL.keys() - (SERVES - {("serve",)}) - SPEAKS)
        if (found := tried(words)).exit_code and "sqlite is not a database" in _flat(found)
    }
    assert telling >= {
        *(
            ("serve",),
            ("calls",),
            ("events",),
            ("why",),
            ("releases",),
            ("orders", "show"),
            ("version",),
        ),
        *(("staff", "list"), ("survey", "verify"), ("bank", "show"), ("campaigns", "list")),
        *(("publish",), ("rollback",), ("hours", "show"), ("db", "backup"), ("report", "queues")),
    }


@pytest.mark.proof
@pytest.mark.timeout(240)
def test_a_state_folder_that_one_may_not_enter(here: Path) -> None:
    (here / "var").mkdir()
    closed_to_us(here / "var")
    tried_by_nobody("all_want_to_enter_the_state_folder")


def all_want_to_enter_the_state_folder() -> None:
    for words in sorted(ALL.keys() - (SERVES - {("serve",)}) - SPEAKS):
        tried(words)
    found = tried(("serve",))
    assert found.exit_code == 1
    assert "var" in found.stderr


@pytest.mark.proof
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["status"], 2, ASKS),
        (["check", "none"], 2, "none"),
        (["calls", "--since", "yesterday?"], 2, "yesterday?"),
        (["no-such-command"], 2, "No such command"),
    ],
)
def test_the_same_as_a_process_without_rights(
    here: Path, words: list[str], status: int, told: str
) -> None:
    # What is true in this process is true of a process: a sample, since each takes a second.
    done = subprocess.run(
        without_rights(sys.executable, "-m", "ivr", *words),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert told in _plain(done.stderr)
    assert "Traceback" not in done.stderr


def _flat(found: Result) -> str:
    return _plain(found.output)


def _plain(text: str) -> str:
    return " ".join(text.replace("│", " ").split())
