"""`ivr report voc`, `ivr report verify` and `ivr voc`, through the shell."""

from __future__ import annotations

import csv
import io
import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ivr.cli.main import app
from tests.app.voc.kit import bank

pytestmark = [pytest.mark.proof, pytest.mark.timeout(90)]


class Shell:
    """A bank's folder, and commands in it: in this process, as each start takes seconds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        bank(folder, 150)
        (folder / "onecall.yaml").write_text("state: var\nflows: flows\n", "utf-8")

    def ivr(self, *arguments: str, status: int = 0) -> str:
        config = str(self.folder / "onecall.yaml")
        done = CliRunner().invoke(app, [*arguments, "--config", config])
        assert done.exit_code == status, done.output
        return done.stdout if status == 0 else done.stderr

    def path(self, name: str) -> str:
        return str(self.folder / name)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    return Shell(tmp_path_factory.mktemp("shell"))


def test_a_month_is_reported_in_every_form_and_verified(shell: Shell) -> None:
    month = ("report", "voc", "--month", "2026-10")
    shown = shell.ivr(*month, "--language", "en", "--html", shell.path("october.html"))
    assert "october.html; its figures are kept" in shown
    told = shell.ivr(*month, "--json")
    (shell.folder / "october.json").write_text(told, "utf-8")
    (total,) = _rows(json.loads(told), "totals")
    lines = list(csv.DictReader(io.StringIO(shell.ivr(*month, "--csv"))))
    cells = {(line["figure"], line["field"]): line["value"] for line in lines}
    assert cells["totals", "complaints"] == str(total["complaints"])
    assert f"{total['complaints']:,} complaints" in " ".join(shell.ivr(*month).split())
    for file in ("october.html", "october.json"):
        assert "each byte the same" in shell.ivr("report", "verify", shell.path(file))
    changed = told.replace('"matters": ', '"matters": 1', 1)
    (shell.folder / "changed.json").write_text(changed, "utf-8")
    assert "figure `" in shell.ivr("report", "verify", shell.path("changed.json"), status=1)
    mode = (shell.folder / "var" / "voc.sqlite").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_what_was_said_is_corrected_sent_and_answered(shell: Shell) -> None:
    found: list[dict[str, Any]] = json.loads(
        shell.ivr("voc", "items", "--month", "2026-10", "--json")
    )
    case = next(one["voice"]["id"] for one in found if one["voice"]["source"] == "case")
    said = shell.ivr("voc", "correct", case, "praise.suggestion", "--as", "li")
    assert "the classifier learns from it" in said
    themed = shell.ivr("voc", "items", "--month", "2026-10", "--theme", "praise.suggestion")
    assert case in themed
    assert "by" in shell.ivr("voc", "send", "--month", "2026-10", "--as", "head office")
    assert "nothing new" in shell.ivr("voc", "send", "--month", "2026-10")
    sent = json.loads(shell.ivr("voc", "replies", "--month", "2026-10", "--json"))
    name = sent[0]["sent"]["feedback"]
    assert "replied" in shell.ivr("voc", "reply", name, "-m", "paid back")
    assert "closed" in shell.ivr("voc", "close", name, "-m", "settled")
    left = json.loads(shell.ivr("voc", "replies", "--open", "--json"))
    assert len(left) == len(sent) - 1
    assert "paid back" in shell.ivr("voc", "replies")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("report voc --month 2026-13", "is no month"),
        ("report voc --month 2026-10 --branch 7", "there is no branch `7`"),
        ("report verify FOLDER/onecall.yaml", "no page of `ivr report voc`"),
        ("report verify nowhere.html", "cannot be read"),
        ("voc correct case:99999999 cards.fees", "there is no case"),
        ("voc correct intent:nobody:main.menu cards.fees", "there is no call"),
        ("voc correct nonsense cards.fees", "is no item"),
        ("voc correct case:00000001 cards.nonsense", "there is no theme"),
        ("voc reply 2026-10/102/nothing -m x", "there is no feedback"),
        ("voc reply 2026-10/102/nothing", "the message says nothing"),
    ],
)
def test_what_cannot_be_says_why(shell: Shell, command: str, said: str) -> None:
    arguments = command.replace("FOLDER", str(shell.folder)).split()
    assert said in " ".join(shell.ivr(*arguments, status=2).split())


def test_a_changed_page_fails_in_a_shell(shell: Shell) -> None:
    shell.ivr("report", "voc", "--month", "2026-10", "--html", shell.path("page.html"))
    page = shell.folder / "page.html"
    page.write_text(page.read_text("utf-8").replace("<h2", "<h2 ", 1), "utf-8")
    command = [sys.executable, "-m", "ivr", "report", "verify", "page.html"]
    done = subprocess.run(
        command, cwd=shell.folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert "the text around them is not" in done.stderr


def _rows(report: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return next(one["rows"] for one in report["figures"] if one["name"] == name)
