"""`ivr prove`: what it says, what it saves, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from ivr.adapters.sim.callers import load_caller
from ivr.cli.main import app
from tests.engine.prove.kit import SOUND
from tests.queues import add_queues


def run(folder: Path, *arguments: str, text: str = SOUND) -> tuple[int, str]:
    flows = folder / "flows"
    flows.mkdir()
    (flows / "main.yaml").write_text(text, "utf-8")
    add_queues(flows)
    config = folder / "onecall.yaml"
    config.write_text("prompts: none\n", "utf-8")
    save = ("--save", str(folder / "saved"))
    done = CliRunner().invoke(app, ["prove", str(flows), "-c", str(config), *save, *arguments])
    return done.exit_code, done.output


def test_a_proof_tells_how_much_was_looked_at(tmp_path: Path) -> None:
    code, said = run(tmp_path)
    assert code == 0
    assert said.startswith("proved: 5 steps, ")
    assert not (tmp_path / "saved").exists()


def test_what_does_not_hold_is_saved_as_a_caller_who_shows_it(tmp_path: Path) -> None:
    code, said = run(tmp_path, "--json", text=SOUND.replace("no_input: agent,", "no_input: menu,"))
    told = json.loads(said)
    [finding] = told["findings"]
    assert (code, told["proved"], finding["code"], finding["line"]) == (1, False, "IVR506", 7)
    assert finding["shown"]
    caller = load_caller(Path(finding["caller"]))
    again = ["simulate", str(tmp_path / "flows"), "-c", str(tmp_path / "onecall.yaml")]
    shown = CliRunner().invoke(app, [*again, "--script", finding["caller"]])
    assert shown.exit_code == 1
    assert f"the step `{caller.expects.not_entered[0]}` was entered" in shown.output


def test_a_counter_example_that_cannot_be_saved_is_told(tmp_path: Path) -> None:
    (tmp_path / "saved/ivr506-main-7.yaml").mkdir(parents=True)
    code, said = run(tmp_path, text=SOUND.replace("no_input: agent,", "no_input: menu,"))
    assert code == 2
    assert "ivr506-main-7.yaml: cannot be written" in said


def test_what_check_would_find_is_to_be_mended_first(tmp_path: Path) -> None:
    code, said = run(tmp_path, text=SOUND.replace("next: menu", "next: mnu"))
    assert code == 2
    assert "IVR301" in said


def test_a_time_that_is_none_is_refused(tmp_path: Path) -> None:
    code, said = run(tmp_path, "--within", "soon")
    assert (code, said) == (
        2,
        'ivr prove: --within: not a duration; a whole number and ms, s, m or h: "5s", "300ms", "2m"\n',
    )
