"""The catalogue: what is heard for what a flow says, and what is heard when something is missing."""

from __future__ import annotations

import logging
import time
import timeit
from pathlib import Path

import pytest

from ivr.adapters.prompts.catalogue import APOLOGY, Missing, load_catalogue
from ivr.model.errors import PortError
from ivr.model.prompt import Audible, Prompted, Spoken
from ivr.model.say import say, segments
from ivr.model.values import Money


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Recordings of two prompts and of every English segment, 100 ms each."""
    (tmp_path / "en.yaml").write_text(f"welcome: Welcome.\n{APOLOGY}: Sorry.\n")
    (tmp_path / "zh.yaml").write_text("welcome: 您好。\n", encoding="utf-8")
    (tmp_path / "en").mkdir()
    for name in ["welcome", APOLOGY, *segments("en")]:
        (tmp_path / "en" / f"{name}.ulaw").write_bytes(bytes(800))
    return tmp_path


def test_a_prompt_is_its_recording(folder: Path) -> None:
    catalogue = load_catalogue(folder)
    (heard,) = catalogue.render([Prompted("welcome")], "en")
    assert (heard.id, heard.text, heard.ms) == ("welcome", "Welcome.", 100)
    assert heard.path == str(folder / "en" / "welcome")
    assert Path(f"{heard.path}.ulaw").is_file()
    assert catalogue.resolve("welcome", "en") == heard


def test_a_prompt_may_be_in_another_language_than_the_call(folder: Path) -> None:
    """For English, press two: said in English to a caller who hears Chinese."""
    (heard,) = load_catalogue(folder).render([Prompted("welcome", "en")], "zh")
    assert heard.text == "Welcome."


def test_a_value_is_its_segments_in_order(folder: Path) -> None:
    heard = load_catalogue(folder).render([Spoken("money", Money(1205)), Prompted("welcome")], "en")
    assert [each.id for each in heard] == [*say("en", "money", Money(1205)).segments, "welcome"]
    assert " ".join(each.text for each in heard[:-1]) == "twelve yuan and five fen"


def test_what_is_missing_is_an_apology_and_a_log_line(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    catalogue = load_catalogue(folder)
    with caplog.at_level(logging.ERROR):
        heard = catalogue.render([Prompted("nowhere"), Prompted("welcome")], "en")
    assert [each.id for each in heard] == [APOLOGY, "welcome"]
    assert caplog.messages == [f"no recording of nowhere in en: played {APOLOGY}"]


def test_half_an_amount_is_never_heard(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "en" / "s-cny.ulaw").unlink()
    catalogue = load_catalogue(folder)
    heard = catalogue.render([Spoken("money", Money(1205))], "en")
    assert [each.id for each in heard] == [APOLOGY]
    assert "12" not in caplog.text


def test_a_value_that_cannot_be_spoken_is_an_apology_without_the_value(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    heard = load_catalogue(folder).render([Spoken("account", "62220x")], "en")
    assert [each.id for each in heard] == [APOLOGY]
    assert "62220x" not in caplog.text


def test_not_even_an_apology(folder: Path) -> None:
    with pytest.raises(PortError, match=f"no recording of welcome nor of {APOLOGY} in zh"):
        load_catalogue(folder).render([Prompted("welcome")], "zh")
    with pytest.raises(PortError, match="nor of"):
        load_catalogue(folder).render([Prompted("welcome")], "fr")


def test_everything_that_is_missing_is_listed(folder: Path) -> None:
    missing = load_catalogue(folder).missing()
    assert Missing("zh", "welcome", "no recording") in missing
    assert Missing("zh", "s-0", "no recording") in missing
    assert Missing("zh", APOLOGY, "no text") in missing
    # There is no manifest that says what these say.
    assert Missing("en", "welcome", "recording says something else") in missing
    assert list(missing) == sorted(missing)


def test_an_empty_file_is_no_recording(folder: Path) -> None:
    (folder / "en" / "welcome.ulaw").write_bytes(b"")
    catalogue = load_catalogue(folder)
    assert catalogue.resolve("welcome", "en") is None
    assert Missing("en", "welcome", "no recording") in catalogue.missing()


def test_no_file_is_touched_after_loading(folder: Path) -> None:
    catalogue = load_catalogue(folder)
    for path in (folder / "en").iterdir():
        path.unlink()
    assert [each.id for each in catalogue.render([Prompted("welcome")], "en")] == ["welcome"]


@pytest.mark.parametrize("name", ["../en/welcome", "/etc/passwd", "welcome.ulaw", "", "welcome&x"])
def test_a_path_is_never_made_of_a_name(folder: Path, name: str) -> None:
    assert load_catalogue(folder).resolve(name, "en") is None
    assert load_catalogue(folder).resolve("welcome", f"../{name}") is None


def test_ids_and_texts(folder: Path) -> None:
    catalogue = load_catalogue(folder)
    assert catalogue.languages == ("en", "zh")
    assert catalogue.ids("en") == {"welcome", APOLOGY}
    assert catalogue.ids("fr") == frozenset()
    assert catalogue.texts("en") == {**segments("en"), "welcome": "Welcome.", APOLOGY: "Sorry."}


def test_rendering_is_fast_enough_for_the_call_path(folder: Path) -> None:
    catalogue = load_catalogue(folder)
    items: list[Audible] = [Prompted("welcome"), Spoken("money", Money(123_456_789_067))]
    runs = timeit.repeat(
        lambda: catalogue.render(items, "en"), number=1000, repeat=5, timer=time.thread_time
    )
    assert min(runs) / 1000 < 40e-6
