"""`ivr prompts`, as an administrator types it."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr.cli.prompts import app
from tests.adapters.prompts.kit import tone, write_wav

COMMITTED = Path(__file__).parents[2] / "prompts"


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    """A copy of the English prompts, without copying the sound."""
    (tmp_path / "en").mkdir()
    for path in (COMMITTED / "en").iterdir():
        (tmp_path / "en" / path.name).symlink_to(path)
    (tmp_path / "en.yaml").write_bytes((COMMITTED / "en.yaml").read_bytes())
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--prompts", str(folder)])


def unfolded(result: Result) -> str:
    """Return what was printed without the line breaks of a narrow terminal."""
    return " ".join(result.output.split())


def test_the_committed_prompts_need_no_build() -> None:
    result = run(COMMITTED, "build")
    assert result.output == "en: up to date\nzh: up to date\n"
    assert result.exit_code == 0


def test_nothing_of_the_committed_prompts_is_missing() -> None:
    result = run(COMMITTED, "list", "--missing")
    assert (result.exit_code, result.output) == (0, "nothing is missing\n")


def test_a_list_for_people_and_for_programs(prompts: Path) -> None:
    assert "Welcome" in run(prompts, "list").output
    rows = json.loads(run(prompts, "list", "--json").output)
    welcome = next(row for row in rows if row["id"] == "welcome")
    assert welcome["language"] == "en"
    assert welcome["ms"] > 500
    assert welcome["problem"] == ""
    assert not any(row["id"].startswith("s-") for row in rows)
    everything = json.loads(run(prompts, "list", "--json", "--segments").output)
    assert len(everything) > len(rows) + 400


def test_what_is_missing_is_listed_and_is_a_failure(prompts: Path) -> None:
    (prompts / "en" / "welcome.ulaw").unlink()
    (prompts / "en" / "s-7.ulaw").unlink()
    result = run(prompts, "list", "--missing", "--json")
    assert result.exit_code == 1
    assert [(row["id"], row["problem"]) for row in json.loads(result.output)] == [
        ("s-7", "no recording"),
        ("welcome", "no recording"),
    ]


def test_a_studio_recording_is_built_in_without_a_voice(prompts: Path) -> None:
    write_wav(prompts / "en" / "welcome.wav", tone(600, 900, 48_000), 48_000)
    result = run(prompts, "build")
    assert result.exit_code == 0, result.output
    assert "en: 1 made, 0 failed" in result.output
    assert run(prompts, "build").output == "en: up to date\n"


def test_a_voice_that_is_not_installed_says_what_to_do(prompts: Path) -> None:
    (prompts / "en" / "welcome.ulaw").unlink()
    result = run(prompts, "build", "--voice", "kokoro", "--home", str(prompts / "none"))
    assert result.exit_code == 1
    assert "run `make voices`" in unfolded(result)
    result = run(prompts, "build", "--voice", "siren")
    assert result.exit_code == 1
    assert "no voice 'siren'; there are kokoro, flite, espeak" in result.output


def test_bad_texts_say_where(prompts: Path) -> None:
    (prompts / "en.yaml").write_text("welcome: press 1\n")
    for arguments in (["build"], ["list"], ["play", "welcome"]):
        result = run(prompts, *arguments)
        assert result.exit_code == 1
        assert "en.yaml:1:10: P010 write '1' as words" in unfolded(result)


def test_a_prompt_can_be_taken_elsewhere(prompts: Path) -> None:
    target = prompts / "out.wav"
    result = run(prompts, "play", "welcome", "--out", str(target))
    assert result.exit_code == 0
    assert "Welcome" in result.output
    with wave.open(str(target)) as file:
        assert (file.getframerate(), file.getnchannels()) == (8000, 1)
        assert file.getnframes() == (prompts / "en" / "welcome.ulaw").stat().st_size


def test_playing_goes_through_the_first_player_there_is(
    prompts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = prompts / "bin"
    programs.mkdir()
    player = programs / "paplay"
    player.write_text(f'#!/bin/sh\n/bin/cp "$1" {prompts}/heard.wav\n')
    player.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    result = run(prompts, "play", "welcome")
    assert result.exit_code == 0, result.output
    assert (prompts / "heard.wav").stat().st_size > 8000
    player.write_text("#!/bin/sh\nexit 1\n")
    result = run(prompts, "play", "welcome")
    assert result.exit_code == 1
    assert "paplay could not play it" in result.output


def test_without_a_player_it_says_how_to_listen(
    prompts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(prompts))
    result = run(prompts, "play", "welcome")
    assert result.exit_code == 1
    assert "--out welcome.wav" in unfolded(result)


def test_a_name_that_is_not_there(prompts: Path) -> None:
    result = run(prompts, "play", "nowhere", "--language", "en")
    assert result.exit_code == 1
    assert "no recording of 'nowhere' in en" in result.output


def test_what_sounds_nearly_alike_is_listed() -> None:
    told = CliRunner().invoke(app, ["confusable"])
    assert told.exit_code == 0
    assert "fifteen" in told.output
    assert "四" in told.output
    assert "幺 for 1" in told.output
    rows = json.loads(CliRunner().invoke(app, ["confusable", "--language", "zh", "--json"]).stdout)
    assert {row["language"] for row in rows} == {"zh"}
    assert ["十月", "四月"] in [place["examples"] for row in rows for place in row["places"]]
    assert CliRunner().invoke(app, ["confusable", "--language", "fr"]).exit_code == 2
