"""The builder: what it makes, what it leaves alone, what it survives."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest

from ivr.adapters.prompts import builder
from ivr.adapters.prompts.catalogue import load_catalogue
from ivr.adapters.prompts.manifest import (
    Entry,
    digest,
    read_manifest,
    source_hash,
    write_manifest,
)
from ivr.adapters.prompts.texts import CatalogueError
from ivr.model.errors import PortError
from ivr.model.say import segments
from ivr.ports.voice import Voice
from tests.adapters.prompts.kit import ToneVoice, tone, write_wav


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    """A folder with two English prompts to build; the say-layer's segments are there already."""
    own = tmp_path / "en"
    own.mkdir()
    entries = {
        name: Entry(digest(b"sound"), source_hash(text, "tone"), text, "tone")
        for name, text in segments("en").items()
    }
    for name in entries:
        (own / f"{name}.ulaw").write_bytes(b"sound")
    write_manifest(own, entries)
    write_texts(tmp_path, welcome="Welcome.", goodbye="Goodbye.")
    return tmp_path


def write_texts(folder: Path, **texts: str) -> None:
    (folder / "en.yaml").write_text("".join(f"{name}: {text}\n" for name, text in texts.items()))


def run(folder: Path, voice: ToneVoice | None = None, *, wide: bool = False) -> list[str]:
    """Build, and return which recordings were made."""
    made: list[str] = []
    failures = builder.build(
        builder.plan(folder, "en", wide=wide),
        lambda: voice or ToneVoice(),
        wide=wide,
        done=lambda job: made.append(job.id),
    )
    assert failures == ()
    return made


def no_voice() -> Voice:
    raise PortError("voice", "must not be opened")


@pytest.mark.proof
@pytest.mark.timeout(60)
def test_missing_recordings_are_made_and_a_second_run_does_nothing(prompts: Path) -> None:
    voice = ToneVoice()
    assert run(prompts, voice) == ["welcome", "goodbye"]
    assert voice.said == ["Welcome.", "Goodbye."]
    assert voice.closed
    started = time.thread_time()
    assert builder.plan(prompts, "en").idle
    assert time.thread_time() - started < 1
    entry = read_manifest(prompts / "en")["welcome"]
    assert (entry.text, entry.voice, entry.studio) == ("Welcome.", "tone", "")
    assert load_catalogue(prompts).missing() == ()


def test_only_what_changed_is_made_again(prompts: Path) -> None:
    run(prompts)
    before = (prompts / "en" / "goodbye.ulaw").stat().st_mtime_ns
    write_texts(prompts, welcome="Welcome to the bank.", goodbye="Goodbye.")
    assert load_catalogue(prompts).missing()[0].why == "recording says something else"
    assert run(prompts) == ["welcome"]
    assert (prompts / "en" / "goodbye.ulaw").stat().st_mtime_ns == before


def test_another_voice_does_not_make_everything_again(prompts: Path) -> None:
    run(prompts, ToneVoice("first"))
    write_texts(prompts, welcome="Welcome.", goodbye="Farewell.")
    assert run(prompts, ToneVoice("second")) == ["goodbye"]
    voices = {name: entry.voice for name, entry in read_manifest(prompts / "en").items()}
    assert (voices["welcome"], voices["goodbye"]) == ("first", "second")


def test_force_makes_everything_again(prompts: Path) -> None:
    run(prompts)
    assert len(builder.plan(prompts, "en", force=True).jobs) == len(segments("en")) + 2


def test_a_damaged_or_lost_recording_is_made_again(prompts: Path) -> None:
    run(prompts)
    (prompts / "en" / "welcome.ulaw").write_bytes(b"cut off")
    (prompts / "en" / "goodbye.ulaw").unlink()
    assert run(prompts) == ["welcome", "goodbye"]


def test_a_text_that_is_gone_takes_its_recording_along(prompts: Path) -> None:
    run(prompts)
    (prompts / "en" / "goodbye.sln16").write_bytes(b"sound")
    write_texts(prompts, welcome="Welcome.")
    plan = builder.plan(prompts, "en")
    assert plan.obsolete == ("goodbye",)
    assert builder.build(plan, no_voice) == ()
    assert not list((prompts / "en").glob("goodbye.*"))
    assert "goodbye" not in read_manifest(prompts / "en")


def test_a_studio_recording_wins_and_needs_no_voice(prompts: Path) -> None:
    run(prompts)
    own = prompts / "en"
    spoken = (own / "welcome.ulaw").read_bytes()
    write_wav(own / "welcome.wav", tone(900, 700, 44_100), 44_100)
    assert builder.build(builder.plan(prompts, "en"), no_voice) == ()
    # Not beside the wav, which Asterisk would rather play to some callers, and could not.
    recording = load_catalogue(prompts).resolve("welcome", "en")
    assert recording is not None
    assert recording.path == str(own / "studio" / "welcome")
    assert recording.ms == pytest.approx(700, abs=250)
    assert not (own / "welcome.ulaw").exists()
    assert read_manifest(own)["welcome"].voice == "studio"
    assert builder.plan(prompts, "en").idle
    assert load_catalogue(prompts).missing() == ()
    write_wav(own / "welcome.wav", tone(500, 700, 44_100), 44_100)
    assert [each.why for each in load_catalogue(prompts).missing()] == [
        "studio recording not built in"
    ]
    assert run(prompts) == ["welcome"]
    (own / "welcome.wav").unlink()
    assert run(prompts) == ["welcome"]
    assert (own / "welcome.ulaw").read_bytes() == spoken
    assert not (own / "studio" / "welcome.ulaw").exists()


def test_a_bad_studio_recording_is_named_and_stops_nothing_else(prompts: Path) -> None:
    (prompts / "en" / "welcome.wav").write_bytes(b"not sound")
    failures = builder.build(builder.plan(prompts, "en"), ToneVoice)
    assert [failure.id for failure in failures] == ["welcome"]
    assert "welcome.wav: not a wav file" in failures[0].problem
    assert (prompts / "en" / "goodbye.ulaw").is_file()
    assert [job.id for job in builder.plan(prompts, "en").jobs] == ["welcome"]


def test_a_text_the_voice_refuses_is_named_and_stops_nothing_else(prompts: Path) -> None:
    failures = builder.build(builder.plan(prompts, "en"), lambda: ToneVoice(refuse="Welcome."))
    assert failures == (builder.Failure("welcome", "voice: cannot read that"),)
    assert run(prompts) == ["welcome"]


def test_stopped_in_the_middle_the_next_run_goes_on(prompts: Path) -> None:
    voice = ToneVoice(stop_at="Goodbye.")
    with pytest.raises(KeyboardInterrupt):
        builder.build(builder.plan(prompts, "en"), lambda: voice)
    assert voice.closed
    assert not list((prompts / "en").glob(".*"))
    assert "welcome" in read_manifest(prompts / "en")
    assert run(prompts) == ["goodbye"]


def test_killed_between_a_recording_and_its_manifest_the_next_run_goes_on(prompts: Path) -> None:
    manifest = (prompts / "en" / "manifest.json").read_bytes()
    run(prompts)
    (prompts / "en" / "manifest.json").write_bytes(manifest)
    assert run(prompts) == ["welcome", "goodbye"]


def test_wide_band_files_come_when_asked_and_never_go_stale(prompts: Path) -> None:
    run(prompts)
    shutil.rmtree(prompts / "en")
    (prompts / "en").mkdir()
    write_texts(prompts, welcome="Welcome.")
    jobs = tuple(job for job in builder.plan(prompts, "en").jobs if not job.id.startswith("s-"))
    work = builder.Plan("en", prompts / "en", jobs, ())
    assert builder.build(work, ToneVoice, wide=True) == ()
    wide, narrow = prompts / "en" / "welcome.sln16", prompts / "en" / "welcome.ulaw"
    assert wide.stat().st_size == pytest.approx(4 * narrow.stat().st_size, abs=8)
    assert builder.build(work, ToneVoice) == ()
    assert not wide.exists()


def test_a_voice_that_is_not_there_keeps_what_was_made(prompts: Path) -> None:
    with pytest.raises(PortError, match="must not be opened"):
        builder.build(builder.plan(prompts, "en"), no_voice)
    assert run(prompts) == ["welcome", "goodbye"]


def test_a_language_without_texts(prompts: Path) -> None:
    with pytest.raises(CatalogueError, match=r"no zh.yaml; there are en"):
        builder.plan(prompts, "zh")


def test_a_damaged_manifest_says_so(prompts: Path) -> None:
    (prompts / "en" / "manifest.json").write_text('{"welcome": 1}')
    with pytest.raises(
        CatalogueError, match=r"manifest.json:1:1: P011 damaged manifest: .*delete it"
    ):
        builder.plan(prompts, "en")
    (prompts / "en" / "manifest.json").write_bytes(b'{"\xff')
    with pytest.raises(CatalogueError, match="P011 damaged manifest"):
        load_catalogue(prompts)


def test_the_manifest_is_sorted_and_stable(prompts: Path) -> None:
    run(prompts)
    path = prompts / "en" / "manifest.json"
    names = list(json.loads(path.read_text(encoding="utf-8")))
    assert names == sorted(names)
    first = path.read_bytes()
    path.unlink()
    for recording in ("welcome", "goodbye"):
        (prompts / "en" / f"{recording}.ulaw").unlink()
    (prompts / "en" / "manifest.json").write_bytes(first)
    run(prompts)
    assert path.read_bytes() == first
