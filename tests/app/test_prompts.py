"""An engine's prompts: read again when there is something new, kept when that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.app.config import Config, ConfigError
from ivr.app.prompts import LatestPrompts
from ivr.model.prompt import Prompted

ROOT = Path(__file__).parents[2]
NEW = "goodbye"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demo's recordings, and texts that a test may change."""
    for language in ("en", "zh"):
        (tmp_path / language).symlink_to(ROOT / "prompts" / language)
        text = (ROOT / "prompts" / f"{language}.yaml").read_text("utf-8")
        (tmp_path / f"{language}.yaml").write_text(text, "utf-8")
    return tmp_path


def heard(prompts: LatestPrompts) -> str:
    [recording] = prompts.render([Prompted(NEW)], "en")
    return recording.id


async def test_a_new_prompt_is_heard_once_it_is_read(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = [folder / "en.yaml", folder / "zh.yaml"]
    whole = {file: file.read_text("utf-8") for file in files}
    for file, text in whole.items():
        lines = (line for line in text.splitlines() if not line.startswith(f"{NEW}:"))
        file.write_text("\n".join(lines), "utf-8")
    prompts = LatestPrompts(Config(prompts=folder))
    assert heard(prompts) == "sorry-technical"
    for file, text in whole.items():
        file.write_text(text, "utf-8")
    await prompts.read_again()
    assert heard(prompts) == NEW
    english = files[0]
    for unusable in ("- no mapping", f"{whole[english]}\nunspoken: Nobody has recorded this.\n"):
        caplog.clear()
        english.write_text(unusable, "utf-8")
        await prompts.read_again()
        assert heard(prompts) == NEW
        assert "the prompts stay as they were" in caplog.text


def test_prompts_without_a_recording_are_no_beginning(folder: Path) -> None:
    with (folder / "en.yaml").open("a", encoding="utf-8") as file:
        file.write("unspoken: Nobody has recorded this.\n")
    with pytest.raises(ConfigError, match=r"en/unspoken.*ivr prompts build"):
        LatestPrompts(Config(prompts=folder))
