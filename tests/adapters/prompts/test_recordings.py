"""The committed recordings: every text has one, and every one is fit to be heard."""

from __future__ import annotations

import array
import json
from itertools import pairwise
from pathlib import Path

import pytest

from ivr.adapters.prompts.catalogue import APOLOGY, load_catalogue
from ivr.adapters.prompts.manifest import NAME, digest, read_manifest, source_hash
from ivr.adapters.prompts.sound import linear
from ivr.model.say import segments

PROMPTS = Path(__file__).parents[3] / "prompts"
CATALOGUE = load_catalogue(PROMPTS)
LANGUAGES = pytest.mark.parametrize("language", CATALOGUE.languages)

# Milliseconds a character, by far the slowest and quickest that a voice reads.
PACE = {"en": (45, 150), "zh": (150, 400)}
CLIP = 32_000


def test_nothing_is_missing_in_any_language() -> None:
    assert CATALOGUE.missing() == ()


def test_every_language_has_the_apology() -> None:
    assert all(CATALOGUE.resolve(APOLOGY, language) for language in CATALOGUE.languages)


@LANGUAGES
def test_every_recording_is_what_its_manifest_says(language: str) -> None:
    manifest = read_manifest(PROMPTS / language)
    texts = CATALOGUE.texts(language)
    assert set(manifest) == set(texts)
    for name, entry in manifest.items():
        assert entry.text == texts[name], name
        assert entry.hash == source_hash(entry.text, entry.voice, entry.studio), name
        assert entry.audio == digest((PROMPTS / language / f"{name}.ulaw").read_bytes()), name


@LANGUAGES
def test_the_manifest_is_written_as_a_build_writes_it(language: str) -> None:
    text = (PROMPTS / language / NAME).read_text(encoding="utf-8")
    table = json.loads(text)
    assert text == json.dumps(table, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@LANGUAGES
def test_every_recording_can_be_heard_and_is_not_clipped(language: str) -> None:
    for name, text in CATALOGUE.texts(language).items():
        if not any(char.isalpha() for char in text):
            continue
        samples = array.array("h", linear((PROMPTS / language / f"{name}.ulaw").read_bytes()))
        peak = max(max(samples), -min(samples))
        assert 2000 < peak < CLIP, f"{name}: peak {peak}"
        # Loud somewhere, and not a hum from end to end: the edges are quiet.
        assert max(map(abs, samples[:24])) < peak / 3, f"{name}: begins with a click"
        assert max(map(abs, samples[-24:])) < peak / 3, f"{name}: ends with a click"


@LANGUAGES
def test_no_number_has_a_hole_in_it(language: str) -> None:
    for name, text in segments(language).items():
        if not any(char.isalpha() for char in text):
            continue
        samples = array.array("h", linear((PROMPTS / language / f"{name}.ulaw").read_bytes()))
        frames = [max(map(abs, samples[n : n + 80])) for n in range(0, len(samples), 80)]
        heard = [place for place, peak in enumerate(frames) if peak > 150]
        holes = [late - early for early, late in pairwise(heard)]
        assert max(holes, default=0) < 15, f"{name}: {10 * max(holes)} ms of silence inside"


@LANGUAGES
def test_every_recording_is_as_long_as_its_text(language: str) -> None:
    quick, slow = PACE[language]
    for name, text in CATALOGUE.texts(language).items():
        recording = CATALOGUE.resolve(name, language)
        assert recording is not None
        letters = sum(char.isalpha() for char in text)
        assert 200 if not letters else quick * letters <= recording.ms, f"{name}: {recording.ms} ms"
        assert recording.ms <= 500 + slow * letters, f"{name}: {recording.ms} ms"


def test_the_recordings_stay_small_enough_to_commit() -> None:
    assert sum(path.stat().st_size for path in PROMPTS.glob("*/*")) < 40_000_000
