"""The script that Asterisk starts itself, spoken to as Asterisk speaks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "dialplans" / "survivability.py"


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    for language in ("zh", "en"):
        (tmp_path / language).mkdir()
        (tmp_path / language / "survivability.ulaw").touch()
    return tmp_path


def serve(prompts: Path, language: str, replies: str) -> subprocess.CompletedProcess[str]:
    """Run the script against these replies; its commands are what it printed."""
    environment = f"agi_request: survivability.py\nagi_language: {language}\n\n"
    return subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(prompts), "600"],
        input=environment + replies,
        capture_output=True,
        text=True,
        timeout=9,
    )


@pytest.mark.parametrize(
    ("language", "played"),
    [("zh", "zh"), ("en", "en"), ("fr", "zh"), ("../x", "zh"), ('e" n', "zh")],
)
def test_it_apologises_and_says_how_to_queue(prompts: Path, language: str, played: str) -> None:
    done = serve(prompts, language, "200 result=1\n" * 2 + "200 result=0 endpos=9\n200 result=1\n")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        'SET VARIABLE "IVR_QUEUE_SECONDS" "600"',
        'SET VARIABLE "QUEUE_PRIO" "5"',
        f'STREAM FILE "{prompts}/{played}/survivability" "" 0',
        'SET VARIABLE "IVR_APOLOGISED" "1"',
    ]
    assert done.stderr == ""


def test_a_missing_recording_leaves_the_apology_to_the_dialplan(prompts: Path) -> None:
    done = serve(prompts, "zh", "200 result=1\n" * 2 + "200 result=-1 endpos=0\n")
    assert done.returncode == 1
    assert "IVR_APOLOGISED" not in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("replies", ["", "HANGUP\n", "511 Command Not Permitted\n", "520 no\n"])
def test_whatever_goes_wrong_it_ends_quietly(prompts: Path, replies: str) -> None:
    done = serve(prompts, "zh", replies)
    assert done.returncode == 1
    assert done.stderr == ""


def test_a_value_cannot_become_another_command(prompts: Path) -> None:
    folder = prompts / 'quo"te'
    (folder / "zh").mkdir(parents=True)
    done = serve(folder, "zh", "200 result=1\n" * 2 + "200 result=0 endpos=9\n200 result=1\n")
    assert f'STREAM FILE "{prompts}/quo\\"te/zh/survivability" "" 0' in done.stdout.splitlines()
