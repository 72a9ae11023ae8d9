"""From any sound to a telephone recording: trim, change rate, level, fade, µ-law.

The libraries are imported when a recording is made, so that listing prompts stays quick and a
running hotline needs none of them (`pip install 'onecall[voice]'`).
"""

from __future__ import annotations

import io
import math
import warnings
import wave
from pathlib import Path
from typing import Any

import msgspec

from ivr.model.errors import OneCallError
from ivr.ports.voice import Sound

RATE = 8000
WIDE_RATE = 16_000
LOUDNESS = -19.0
"""Target loudness in LUFS (ITU-R BS.1770)."""

PEAK = -2.0
"""No sample above this, in dB of full scale."""

MAX_MS = 120_000
MIN_MS = 60
BLIP_MS = 120
"""A noise shorter than this, with BLIP_GAP_MS of silence between it and the words, is no word."""

BLIP_GAP_MS = 150
CHUNK_MS = 5


class SoundError(OneCallError):
    """A sound cannot be made into a recording. The text says why."""


class Edges(msgspec.Struct, frozen=True):
    """How much silence stays before and after the words, in ms."""

    head: int
    tail: int


class Made(msgspec.Struct, frozen=True):
    """A finished recording: 8 kHz µ-law, and 16 kHz 16-bit samples for wide-band channels."""

    ulaw: bytes
    sln16: bytes


def silence(ms: int) -> Made:
    """Return a pause."""
    return Made(b"\xff" * (ms * RATE // 1000), bytes(2 * ms * WIDE_RATE // 1000))


def read_wav(path: Path) -> Sound:
    """Read a studio recording: PCM wav of 16, 24 or 32 bits, any rate, mono or stereo.

    Raises SoundError.
    """
    segment = _audio_segment()
    try:
        data = path.read_bytes()
        with wave.open(io.BytesIO(data)) as file:
            if file.getnchannels() > 2:
                raise SoundError(f"{path}: {file.getnchannels()} channels; record mono or stereo")
            length = file.getnframes() * 1000 // max(1, file.getframerate())
        if length > MAX_MS:
            raise SoundError(
                f"{path}: {length // 1000} s long; a prompt is at most {MAX_MS // 1000} s"
            )
        sound = segment.from_wav(io.BytesIO(data)).set_channels(1).set_sample_width(2)
    except (wave.Error, EOFError, ValueError, IndexError, ZeroDivisionError) as error:
        hint = "save it as PCM wav, for example 16-bit, 48 kHz, mono"
        raise SoundError(f"{path}: not a wav file this can read ({error}); {hint}") from error
    return Sound(sound.frame_rate, sound.raw_data)


def make(sound: Sound, edges: Edges) -> Made:
    """Make a recording of a sound. Raises SoundError for one that has nothing to hear in it."""
    import numpy as np
    import soxr

    trimmed = _trim(sound, edges)
    samples = np.frombuffer(trimmed, dtype="<i2").astype(np.float64) / 32768
    narrow = soxr.resample(samples, sound.rate, RATE, quality="VHQ")
    # Levelled as it is heard: on what the telephone's band keeps.
    gain = _gain(narrow)
    narrow_pcm = _finish(_pcm(narrow * gain), RATE, edges)
    wide_pcm = _finish(
        _pcm(soxr.resample(samples, sound.rate, WIDE_RATE, quality="VHQ") * gain), WIDE_RATE, edges
    )
    return Made(ulaw(narrow_pcm), wide_pcm)


def ulaw(pcm: bytes) -> bytes:
    """Encode 16-bit samples as µ-law (ITU-T G.711)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import audioop
    return audioop.lin2ulaw(pcm, 2)


def linear(data: bytes) -> bytes:
    """Decode µ-law to 16-bit samples."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import audioop
    return audioop.ulaw2lin(data, 2)


def wav(ulaw_data: bytes) -> bytes:
    """Return a µ-law recording as a PCM wav file."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(linear(ulaw_data))
    return target.getvalue()


def _audio_segment() -> Any:
    with warnings.catch_warnings():
        # audioop leaves the standard library in 3.13, and pydub looks for an ffmpeg we never use.
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
    return AudioSegment


def _segment(pcm: bytes, rate: int) -> Any:
    return _audio_segment()(data=pcm, sample_width=2, frame_rate=rate, channels=1)


def _trim(sound: Sound, edges: Edges) -> bytes:
    """Cut silence, relative to the loudest part, and stray noises from both ends."""
    whole = _segment(sound.pcm[: len(sound.pcm) // 2 * 2], sound.rate)
    if not len(whole) or whole.max_dBFS < -50:
        raise SoundError("nothing to hear in it")
    heard = _words(_stretches(whole, whole.max_dBFS - 38))
    start, end = heard[0][0], heard[-1][1]
    words = whole[max(0, start - edges.head) : min(len(whole), end + edges.tail)]
    if len(words) < MIN_MS:
        raise SoundError(f"only {len(words)} ms of sound in it")
    return bytes(words.raw_data)


def _stretches(whole: Any, threshold: float) -> list[tuple[int, int]]:
    """Return the stretches of sound, (start, end) in ms, that silence sets apart."""
    found: list[tuple[int, int]] = []
    for start in range(0, len(whole), CHUNK_MS):
        if whole[start : start + CHUNK_MS].dBFS <= threshold:
            continue
        if found and start - found[-1][1] < BLIP_GAP_MS:
            found[-1] = (found[-1][0], start + CHUNK_MS)
        else:
            found.append((start, start + CHUNK_MS))
    return found


def _words(heard: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Drop short noises far from the words: a neural voice clicks now and then."""
    limit = min(BLIP_MS, max(end - start for start, end in heard))
    while heard[0][1] - heard[0][0] < limit:
        heard = heard[1:]
    while heard[-1][1] - heard[-1][0] < limit:
        heard = heard[:-1]
    return heard


def _gain(samples: Any) -> float:
    """Return the factor that brings samples to the target loudness without clipping."""
    import numpy as np
    import pyloudnorm

    # BS.1770 needs 0.4 s and gates by blocks: a single syllable is repeated until it can measure.
    length = math.ceil(0.5 * RATE)
    measured = np.tile(samples, math.ceil(length / len(samples)))
    loudness = float(pyloudnorm.Meter(RATE).integrated_loudness(measured))
    if not math.isfinite(loudness):
        raise SoundError("too quiet to level")
    gain = 10 ** ((LOUDNESS - loudness) / 20)
    return float(min(gain, 10 ** (PEAK / 20) / max(1e-9, float(np.max(np.abs(samples))))))


def _pcm(samples: Any) -> bytes:
    import numpy as np

    return bytes(np.clip(np.round(samples * 32767), -32768, 32767).astype("<i2").tobytes())


def _finish(pcm: bytes, rate: int, edges: Edges) -> bytes:
    """Fade both ends, so that joining recordings never clicks."""
    whole = _segment(pcm, rate)
    # At least a little: pydub takes a fade of 0 ms for none given.
    faded = whole.fade_in(max(2, min(edges.head, 15))).fade_out(max(2, min(edges.tail, 30)))
    return bytes(faded.raw_data)
