"""The ear: what was played is what was heard, whatever was cut, joined, resumed or unknown."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import mulaw
from lab.ear import Ear
from lab.heard import FRAME, RATE, Heard
from lab.library import Library

SILENCE = "silence"
NOISE = "noise"


def noise(seed: int, samples: int) -> bytes:
    """Return µ-law that resembles nothing else."""
    return random.Random(seed).randbytes(samples)


INTRO = noise(100, 1300)
QUIET = b"\xff" * 900
RECORDINGS = {
    "zh/one": noise(1, 4000),
    "zh/two": noise(2, 3203),
    "zh/three": noise(3, 8000),
    "en/one": noise(4, 2401),
    "zh/intro-a": INTRO + noise(5, 3000),
    "zh/intro-b": INTRO + noise(6, 3000),
    "zh/prefix": INTRO,
    "zh/late-a": QUIET + noise(7, 2000),
    "zh/late-b": QUIET + noise(8, 2000),
    "zh/pause": noise(9, 1500) + b"\x7f" * 4000 + noise(10, 1500),
}
LIBRARY = Library(RECORDINGS.items())


@dataclass(frozen=True)
class Part:
    """A stretch of what is played: samples `begin` to `end` of a recording, or of nothing."""

    name: str
    begin: int
    end: int

    @property
    def codes(self) -> bytes:
        if self.name == SILENCE:
            return b"\xff" * (self.end - self.begin)
        if self.name == NOISE:
            return noise(self.end, self.end - self.begin)
        return RECORDINGS[self.name][self.begin : self.end]


def whole(name: str) -> Part:
    return Part(name, 0, len(RECORDINGS[name]))


def listen(*parts: Part, library: Library = LIBRARY, frame: int = FRAME) -> list[Heard]:
    """Play the parts without a gap, in frames, and return what was heard."""
    ear = Ear(library)
    samples = mulaw.decode(b"".join(part.codes for part in parts))
    for number, at in enumerate(range(0, len(samples), 2 * frame)):
        ear.feed(samples[at : at + 2 * frame], 10 + number * frame / RATE)
    ear.finish()
    return ear.heard


def described(heard: list[Heard]) -> list[tuple[str, int, int]]:
    return [(one.name, one.offset, one.offset + one.length) for one in heard]


def test_recordings_in_a_row_are_heard_whole_with_their_times() -> None:
    one, two = listen(whole("zh/one"), whole("zh/two"))
    assert (one.name, one.whole, two.name, two.whole) == ("zh/one", True, "zh/two", True)
    assert one.start == pytest.approx(10)
    assert one.end == two.start == pytest.approx(10 + 4000 / RATE, abs=0.001)
    assert two.end == pytest.approx(10 + 7203 / RATE, abs=0.001)


def test_a_recording_is_known_after_its_first_frame() -> None:
    ear = Ear(LIBRARY)
    ear.feed(mulaw.decode(RECORDINGS["zh/one"][:FRAME]), 1.0)
    (heard,) = ear.heard
    assert (heard.name, heard.certain, heard.done) == ("zh/one", True, False)


def test_one_cut_short_and_resumed_in_the_middle() -> None:
    parts = Part("zh/three", 0, 3200), whole("zh/one"), Part("zh/three", 3187, 8000)
    first, between, rest = listen(*parts)
    assert (first.name, first.to_end, first.length) == ("zh/three", False, 3200)
    assert between.whole
    assert (rest.name, rest.offset, rest.to_end, rest.whole) == ("zh/three", 3187, True, False)


def test_one_resumed_where_it_stopped_is_one() -> None:
    (heard,) = listen(Part("zh/three", 0, 3200), Part("zh/three", 3200, 8000))
    assert heard.whole


def test_a_common_beginning_is_undecided_until_it_differs() -> None:
    ear = Ear(LIBRARY)
    sound = mulaw.decode(RECORDINGS["zh/intro-b"])
    ear.feed(sound[:2000], 1.0)
    (heard,) = ear.heard
    assert not heard.certain
    assert {"zh/intro-a", "zh/intro-b", "zh/prefix"} == set(heard.names)
    ear.feed(sound[2000:], 1.02)
    assert (heard.names, heard.certain, heard.whole) == (("zh/intro-b",), True, True)


def test_cut_within_a_common_beginning_every_possible_name_is_given() -> None:
    (heard,) = listen(Part("zh/intro-a", 0, 800))
    assert set(heard.names) == {"zh/intro-a", "zh/intro-b", "zh/prefix"}


@pytest.mark.parametrize("after", ["zh/one", "zh/prefix", "zh/late-a"])
def test_one_that_begins_like_a_longer_one_and_ends_by_itself(after: str) -> None:
    heard = listen(whole("zh/prefix"), whole(after))
    assert [one.name for one in heard] == ["zh/prefix", after]
    assert all(one.whole for one in heard)


def test_a_beginning_of_silence_belongs_to_the_recording() -> None:
    a, b = listen(whole("zh/late-a"), whole("zh/late-b"))
    assert (a.name, a.whole, b.name, b.whole) == ("zh/late-a", True, "zh/late-b", True)
    assert b.start == pytest.approx(10 + 2900 / RATE, abs=0.001)


def test_a_pause_inside_a_recording_does_not_end_it() -> None:
    (heard,) = listen(whole("zh/pause"))
    assert heard.whole


def test_identical_recordings_have_both_names() -> None:
    library = Library([("zh/a", RECORDINGS["zh/one"]), ("en/b", RECORDINGS["zh/one"])])
    (heard,) = listen(whole("zh/one"), library=library)
    assert (heard.names, heard.certain, heard.whole) == (("zh/a", "en/b"), True, True)
    assert heard.is_called("a")
    assert heard.is_called("en/b")
    assert not heard.is_called("zh/b")


def test_unknown_sound_is_one_stretch_and_silence_is_nothing() -> None:
    heard = listen(Part(SILENCE, 0, 4000), Part(NOISE, 0, 40000), whole("zh/one"))
    assert [one.name for one in heard] == ["?", "zh/one"]
    assert heard[0].length == pytest.approx(40000, abs=2 * FRAME)
    assert heard[1].whole


def test_silence_on_the_wire_ends_what_played() -> None:
    ear = Ear(LIBRARY)
    ear.feed(mulaw.decode(RECORDINGS["zh/one"][:1600]), 1.0)
    ear.idle(1.05)
    assert not ear.heard[0].done
    ear.idle(1.2)
    assert (ear.heard[0].done, ear.heard[0].to_end) == (True, False)
    assert ear.last_sound == 1.0


@pytest.mark.parametrize(("pause", "stretches"), [(0.5, 1), (1.5, 2)])
def test_what_goes_on_after_a_short_pause_is_the_same(pause: float, stretches: int) -> None:
    ear = Ear(LIBRARY)
    sound = mulaw.decode(RECORDINGS["zh/one"])
    ear.feed(sound[:3200], 1.0)
    ear.feed(sound[3200:], 1.2 + pause)
    ear.finish()
    assert len(ear.heard) == stretches
    assert ear.heard[0].whole == (stretches == 1)
    assert ear.heard[0].continued == (stretches == 1)


def test_the_part_of_a_frame_that_stays_in_the_sender_is_not_missed() -> None:
    (heard,) = listen(Part("en/one", 0, 2400))
    assert heard.whole


names = st.sampled_from(sorted(RECORDINGS.keys() - {"zh/prefix"}))
pieces = st.one_of(
    names.map(whole),
    st.builds(Part, st.just(SILENCE), st.just(0), st.integers(1, 3000)),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(pieces, max_size=6), st.sampled_from([FRAME, 80, 113, 400]))
def test_what_is_played_whole_is_heard_whole(parts: list[Part], frame: int) -> None:
    heard = listen(*parts, frame=frame)
    expected = [(part.name, 0, part.end) for part in parts if part.name != SILENCE]
    assert described(heard) == expected


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(["zh/one", "zh/two", "zh/three"]),
    st.integers(0, 1000),
    st.integers(400, 2000),
    st.integers(0, 500),
)
def test_any_part_of_a_recording_is_found_where_it_was(
    name: str, begin: int, length: int, before: int
) -> None:
    part = Part(name, begin, begin + length)
    heard = listen(Part(SILENCE, 0, before), part, Part(SILENCE, 0, 800))
    (one,) = heard
    assert one.name == name
    # A sample of silence may happen to be what the recording goes on with.
    assert one.offset == pytest.approx(begin, abs=2)
    assert one.offset + one.length == pytest.approx(begin + length, abs=2)
    assert one.start == pytest.approx(10 + before / RATE, abs=0.001)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.binary(min_size=1, max_size=600), max_size=20))
def test_no_sound_can_break_the_ear(chunks: list[bytes]) -> None:
    ear = Ear(LIBRARY)
    for number, chunk in enumerate(chunks):
        ear.feed(mulaw.decode(chunk), number * 0.02)
    ear.finish()
    assert sum(one.length for one in ear.heard) <= sum(map(len, chunks))


def test_every_code_survives_the_way_through_linear_samples() -> None:
    codes = bytes(range(256))
    linear = memoryview(mulaw.decode(codes)).cast("h")
    assert mulaw.encode(linear) == codes.replace(b"\x7f", b"\xff")
    assert (linear[0], linear[0x80], linear[0xFF]) == (-32124, 32124, 0)
