"""`ivr draw`, run as people run it."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typer
from typer.testing import CliRunner

from ivr.cli.draw import draw
from tests.app.calls_kit import keep_calls
from tests.app.test_traffic import FLOW, HOURS

app = typer.Typer()
app.command()(draw)

TEXTS = {"en": "main-menu: Press one for hours.\nhours: We are open.\n"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("flows", "prompts"):
        (tmp_path / folder).mkdir()
    (tmp_path / "flows" / "shop.yaml").write_text(FLOW)
    (tmp_path / "flows" / "hours.yaml").write_text(HOURS)
    for language, texts in TEXTS.items():
        (tmp_path / "prompts" / f"{language}.yaml").write_text(texts)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.stdout, result.stderr


def test_the_configured_flows_as_svg(here: Path) -> None:
    code, shown, _ = run()
    assert code == 0
    texts = " ".join(ElementTree.fromstring(shown).itertext())
    for text in ("shop", "hours", "☎ 100", "Press one for hours.", "all flows, version"):
        assert text in texts.replace("\xa0", " ")


def test_one_flow_into_a_file_whose_name_says_the_format(here: Path) -> None:
    code, shown, _ = run("hours", "--out", "hours.mmd")
    assert (code, shown) == (0, "hours.mmd is drawn\n")
    drawn = (here / "hours.mmd").read_text()
    assert drawn.startswith("flowchart TB\n")
    assert "subgraph f0" in drawn
    assert "shop" not in drawn
    assert run("flows", "--flow", "hours", "-f", "mermaid")[1] == drawn
    assert run("hours", "-o", "hours.svg")[1] == "hours.svg is drawn: open it in a browser\n"
    assert (here / "hours.svg").read_text().startswith("<?xml")


def test_the_picture_in_the_docs_is_what_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "draw-and-diff.md").read_text("utf-8")
    flow, texts, drawn = re.findall(r"```(?:yaml|mermaid)\n(.*?)```", page, re.DOTALL)
    for file, text in (("flows/shop.yaml", flow), ("prompts/en.yaml", texts)):
        (tmp_path / file).parent.mkdir()
        (tmp_path / file).write_text(text)
    monkeypatch.chdir(tmp_path)
    assert run("shop", "--format", "mermaid") == (0, drawn, "")


def test_heat_from_the_store_that_calls_wrote(here: Path) -> None:
    (here / "var").mkdir()
    start = datetime(2026, 11, 22, 12, tzinfo=UTC)
    asyncio.run(keep_calls(here / "var", here / "flows", ["12", "2", "2", "1"], start))
    code, shown, _ = run("-f", "dot", "--heat", "--since", "2026-11-22T20:00")
    assert code == 0
    assert "4 calls, from 2026-11-22 20:00 to 2026-11-22 20:" in shown
    assert "6 visits · 16.7% gone · 1.8 s" in shown
    assert "invalid&#160;<BR/>&#160;3&#160;" in shown
    assert "penwidth=6.0" in shown


def test_heat_without_traffic_says_so(here: Path) -> None:
    code, shown, _ = run("-f", "mermaid", "--heat")
    assert code == 0
    assert "there is no traffic to show" in shown
    assert not (here / "var").exists()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["nowhere"], "there is no flow `nowhere`"),
        (["flows", "--flow", "nowhere"], "there is no flow `nowhere`; there are hours, shop"),
        (["--language", "fr"], "no flow speaks fr; they speak en"),
        (["--heat", "--since", "lately"], "`lately` is no time; write 7d"),
        (["-f", "dot", "--out", "no/such/folder.dot"], "cannot be written: No such file"),
        (
            ["--out", "flows.png"],
            "flows.png: no picture is written as .png; name it .svg, .mmd, .gv or .dot",
        ),
    ],
)
def test_what_cannot_be_drawn(here: Path, arguments: list[str], problem: str) -> None:
    code, shown, told = run(*arguments)
    assert (code, shown) == (2, "")
    assert told.startswith("ivr draw: ")
    assert problem in told
