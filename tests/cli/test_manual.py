"""Man pages and completion: written from the commands, whatever these say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from ivr.cli.main import app
from ivr.cli.manual import SHELLS, commands, completion_script, page

MACROS = {"TH", "SH", "PP", "TP", "B", "BR"}
ALL = dict(commands(get_command(app), "ivr"))


def test_every_command_and_group_has_a_page_that_roff_takes() -> None:
    for names, command in ALL.items():
        text = page(names, command)
        used = {re.split(r"\s", line[1:])[0] for line in text.splitlines() if line[:1] in ".'"}
        assert used <= MACROS, names
        headings = re.findall(r"^\.SH (.*)$", text, re.MULTILINE)
        assert headings[:3] == ["NAME", "SYNOPSIS", "DESCRIPTION"], names
        if not getattr(command, "commands", {}):
            assert {"EXAMPLES", "EXIT STATUS"} <= set(headings), names
        assert "\n\n" not in text, names
        assert len(text.splitlines()[4]) < 250, names


def test_what_stands_in_a_page() -> None:
    text = page(("ivr", "asterisk", "diff"), ALL["ivr", "asterisk", "diff"])
    assert "ivr\\-asterisk\\-diff \\- Show what the installed configuration lacks" in text
    assert "\n.B \\-\\-folder\n" in text
    assert ".SH EXIT STATUS\n0 no difference, 1 there are some, 2 it cannot be read." in text
    assert ".BR ivr\\-asterisk (1)" in text
    groups = page(("ivr", "asterisk"), ALL["ivr", "asterisk"])
    assert ".BR ivr\\-asterisk\\-diff (1)" in groups


def test_the_pages_are_written(tmp_path: Path) -> None:
    shells = tmp_path / "shells"
    done = CliRunner().invoke(app, ["manual", str(tmp_path / "man1"), "--completion", str(shells)])
    assert done.exit_code == 0
    for shell in SHELLS:
        assert f"_IVR_COMPLETE=complete_{shell}" in (shells / f"ivr.{shell}").read_text("utf-8")
    assert len(list((tmp_path / "man1").iterdir())) == len(ALL)
    (tmp_path / "file").touch()
    done = CliRunner().invoke(app, ["manual", str(tmp_path / "file")])
    assert done.exit_code == 2
    assert "cannot be made a folder" in done.stderr


@pytest.mark.proof
@pytest.mark.timeout(60)
def test_bash_completes_commands_by_its_script() -> None:
    shell = """
    eval "$SCRIPT"
    COMP_WORDS=(ivr asterisk d); COMP_CWORD=2; _ivr_completion ivr; echo "${COMPREPLY[@]}"
    """
    script = completion_script("bash")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", shell],
        env={**os.environ, "PATH": path, "SCRIPT": script},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["diff"], done.stderr
