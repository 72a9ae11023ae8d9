"""Recordings: trimmed, levelled, at telephone rate, without clicks."""

from __future__ import annotations

import array
import math
from pathlib import Path

import pytest

from ivr.adapters.prompts.sound import (
    Edges,
    SoundError,
    linear,
    make,
    read_wav,
    silence,
    ulaw,
    wav,
)
from ivr.ports.voice import Sound
from tests.adapters.prompts.kit import tone, write_wav

EDGES = Edges(head=20, tail=40)


def rms(pcm: bytes) -> float:
    """Return the level in dB of full scale."""
    samples = array.array("h", pcm)
    return 20 * math.log10(math.sqrt(sum(n * n for n in samples) / len(samples)) / 32768)


def test_silence_is_cut_to_the_edges() -> None:
    quiet = bytes(2 * 24_000)
    made = make(Sound(24_000, quiet + tone(700, 500, 24_000) + quiet), EDGES)
    assert len(made.ulaw) / 8 == pytest.approx(560, abs=12)
    assert len(made.sln16) / 32 == pytest.approx(560, abs=12)


def test_a_click_before_and_after_the_words_is_cut_off() -> None:
    click, quiet = tone(900, 60, 24_000), bytes(2 * 24 * 250)
    words = tone(700, 300, 24_000)
    made = make(Sound(24_000, click + quiet + words + quiet + click), EDGES)
    assert len(made.ulaw) / 8 == pytest.approx(360, abs=12)


def test_a_pause_between_words_stays() -> None:
    words, quiet = tone(700, 300, 24_000), bytes(2 * 24 * 250)
    made = make(Sound(24_000, words + quiet + words), EDGES)
    assert len(made.ulaw) / 8 == pytest.approx(850, abs=12)


@pytest.mark.parametrize("level", [0.01, 0.1, 0.9])
@pytest.mark.parametrize("ms", [120, 900])
def test_every_recording_is_equally_loud(level: float, ms: int) -> None:
    made = make(Sound(22_050, tone(1000, ms, 22_050, level)), Edges(0, 0))
    # A 1 kHz tone measures about as loud in LUFS as its level in dB.
    assert rms(linear(made.ulaw)) == pytest.approx(-19, abs=1.2)
    assert rms(made.sln16) == pytest.approx(-19, abs=1.2)


def test_a_peak_is_never_clipped() -> None:
    click = array.array("h", tone(400, 800, 16_000, 0.02))
    click[6000:6004] = array.array("h", [32000, -32000, 32000, -32000])
    made = make(Sound(16_000, click.tobytes()), EDGES)
    assert max(map(abs, array.array("h", linear(made.ulaw)))) < 32_000


def test_what_the_telephone_cannot_carry_does_not_fold_back() -> None:
    mixed = array.array("h", tone(1000, 600, 22_050, 0.2))
    for place, sample in enumerate(array.array("h", tone(6000, 600, 22_050, 0.2))):
        mixed[place] += sample
    made = make(Sound(22_050, mixed.tobytes()), Edges(0, 0))
    # 6 kHz would fold back to 2 kHz at 8 kHz.
    assert level_at(linear(made.ulaw), 2000) < level_at(linear(made.ulaw), 1000) - 35


def level_at(pcm: bytes, hertz: int) -> float:
    samples = array.array("h", pcm)[800:4000]
    step = 2 * math.pi * hertz / 8000
    re = sum(sample * math.cos(step * n) for n, sample in enumerate(samples))
    im = sum(sample * math.sin(step * n) for n, sample in enumerate(samples))
    return 20 * math.log10(math.hypot(re, im) / len(samples) / 32768 + 1e-9)


def test_recordings_begin_and_end_without_a_click() -> None:
    made = make(Sound(16_000, tone(500, 400, 16_000, 0.8)), EDGES)
    samples = array.array("h", linear(made.ulaw))
    assert max(map(abs, samples[:4])) < 200
    assert max(map(abs, samples[-4:])) < 600


@pytest.mark.parametrize(
    ("pcm", "problem"),
    [
        (b"", "nothing to hear in it"),
        (bytes(32_000), "nothing to hear in it"),
        (tone(500, 20, 16_000), "only .* ms of sound in it"),
    ],
)
def test_what_is_no_recording(pcm: bytes, problem: str) -> None:
    with pytest.raises(SoundError, match=problem):
        make(Sound(16_000, pcm), EDGES)


@pytest.mark.parametrize(("channels", "width", "rate"), [(1, 2, 48_000), (2, 2, 44_100)])
def test_a_studio_recording_is_read(tmp_path: Path, channels: int, width: int, rate: int) -> None:
    pcm = tone(600, 300, rate)
    frames = b"".join(pcm[n : n + 2] * channels for n in range(0, len(pcm), 2))
    write_wav(tmp_path / "a.wav", frames, rate, channels=channels, width=width)
    sound = read_wav(tmp_path / "a.wav")
    assert sound.rate == rate
    assert len(make(sound, Edges(0, 0)).ulaw) / 8 == pytest.approx(300, abs=12)


def test_24_bits_are_read(tmp_path: Path) -> None:
    pcm = tone(600, 300, 48_000)
    frames = b"".join(b"\0" + pcm[n : n + 2] for n in range(0, len(pcm), 2))
    write_wav(tmp_path / "a.wav", frames, 48_000, width=3)
    assert rms(read_wav(tmp_path / "a.wav").pcm) == pytest.approx(rms(pcm), abs=0.1)


def test_what_is_no_studio_recording(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"ID3 not a wav at all")
    with pytest.raises(SoundError, match=r"a.wav: not a wav file .*save it as PCM wav"):
        read_wav(path)
    path.write_bytes(b"")
    with pytest.raises(SoundError, match="not a wav file"):
        read_wav(path)
    write_wav(path, bytes(12 * 100), 48_000, channels=6)
    with pytest.raises(SoundError, match="6 channels; record mono or stereo"):
        read_wav(path)
    write_wav(path, bytes(2 * 8000 * 121), 8000)
    with pytest.raises(SoundError, match="121 s long; a prompt is at most 120 s"):
        read_wav(path)


def test_a_cut_off_file_is_still_refused_or_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, tone(600, 300, 16_000), 16_000)
    path.write_bytes(path.read_bytes()[:30])
    with pytest.raises(SoundError, match="not a wav file"):
        read_wav(path)


def test_a_pause_is_silent_and_as_long_as_asked() -> None:
    made = silence(220)
    assert len(made.ulaw) == 1760
    assert set(linear(made.ulaw)) == {0}
    assert len(made.sln16) == 2 * 3520


def test_wav_and_back() -> None:
    data = ulaw(tone(440, 100, 8000))
    assert ulaw(wav(data)[44:]) == data
