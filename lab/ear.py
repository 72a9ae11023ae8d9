"""Which recordings a caller heard: how much of each, from when to when.

G.711 passes Asterisk unchanged, so a recording is recognised by its very bytes. The ear follows
the sound as it comes. While it knows what plays, each 20 ms is one comparison; when it does not, it
looks for a known window (see `lab.library`) and then asks which recordings agree with everything
around it. Several may, while they share their beginning: all of them are followed until the sound
decides. So it tells whole recordings from ones cut short, and ones resumed in the middle.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from lab.heard import FRAME, RATE, UNKNOWN, Heard
from lab.library import WIDTH, WINDOW, Library, Place, Recording, is_plain

KEEP = 3 * RATE
"""How much unexplained sound is kept, in samples: a recording may begin with silence."""
IDLE_SECONDS = 0.1
"""Silence on the wire for this long ends what was playing."""
CONTINUE_SECONDS = 1.0
"""What goes on at the very next sample within this time is still the same stretch."""


@dataclass(slots=True)
class _Track:
    """One explanation of what plays: `recording`, heard from `first` on; `next` is expected."""

    recording: Recording
    first: int
    begun: int
    """Position in the stream of the sample `first`."""
    next: int

    @property
    def end(self) -> int:
        """Position in the stream up to which this explains what was heard."""
        return self.begun + self.next - self.first

    @property
    def complete(self) -> bool:
        return self.next == self.recording.length


class Ear:
    """Listens to one call. Feed it sound; read `heard`."""

    def __init__(self, library: Library) -> None:
        self.heard: list[Heard] = []
        self.last_sound: float | None = None
        """When something other than silence was last heard."""
        self._library = library
        self._pending = bytearray()
        self._base = 0  # stream position of the first pending sample
        self._searched = 0  # how many pending samples cannot begin a window
        self._tracks: list[_Track] = []
        self._completed: list[_Track] = []
        self._since_completed = bytearray()
        self._current: Heard | None = None
        self._marks: deque[tuple[int, float]] = deque([(0, 0.0)], maxlen=256)
        self._received = 0
        self._last = 0.0

    def feed(self, samples: bytes, now: float) -> None:
        """Take the next piece of sound (16 bit, little-endian), which arrived at `now`."""
        if now - self._last > IDLE_SECONDS:
            self.idle(now)
        self._last = now
        self._marks.append((self._received, now))
        self._received += len(samples) // WIDTH
        self._pending += samples
        while self._pending and (self._follow() if self._tracks else self._search()):
            pass
        if self._tracks:
            self.last_sound = now
            self._publish(self._tracks)

    def idle(self, now: float) -> None:
        """Notice that nothing has come for a while: what was playing has ended."""
        if now - self._last > IDLE_SECONDS:
            self.finish()

    def finish(self) -> None:
        """Settle what was playing: no sound follows."""
        if self._tracks:
            self._finish(self._tracks)
        if self._pending:
            self._unknown(len(self._pending) // WIDTH)
            self._drop(len(self._pending) // WIDTH)

    # ------------------------------------------------------------------ while it is known

    def _follow(self) -> bool:
        """Compare what came with what the tracks expect; true when sound is left to explain."""
        chunk = bytes(self._pending)
        samples = len(chunk) // WIDTH
        going: list[_Track] = []
        for track in self._tracks:
            agreed = _agreement(chunk, track)
            track.next += agreed
            if track.complete:
                self._completed.append(track)
            elif agreed == samples:
                going.append(track)
        if not going:
            # The others stopped agreeing somewhere in this chunk, each at its own place.
            self._drop(0)
            return self._finish(self._tracks)
        if self._completed:
            self._since_completed += chunk
        self._tracks = going
        self._drop(samples)
        return False

    def _finish(self, tracks: Sequence[_Track]) -> bool:
        """Settle on the explanation that reached furthest; true when sound is left to explain."""
        furthest = max(track.end for track in [*tracks, *self._completed])
        # One that ended by itself beats one that agreed by chance a little longer.
        best = [t for t in self._completed if t.end > furthest - FRAME]
        best = best or [t for t in tracks if t.end == furthest]
        best = [t for t in best if t.end == max(t.end for t in best)]
        best = [t for t in best if t.begun == min(t.begun for t in best)]
        self._give_back(best[0].end)
        self._tracks, self._completed, self._since_completed = [], [], bytearray()
        if self._publish(best):
            assert self._current is not None  # for the type checker
            self._current.done = True
            self._current = None
        else:
            self._retry(best[0])
        return bool(self._pending)

    def _give_back(self, end: int) -> None:
        """Make the sound from stream position `end` on unexplained again."""
        if end < self._base:
            kept = self._since_completed
            self._pending[:0] = kept[len(kept) - WIDTH * (self._base - end) :]
            self._base = end
        else:
            self._drop(end - self._base)
        self._searched = 0

    def _retry(self, track: _Track) -> None:
        """Undo a chance agreement and look on, one sample after where it was found."""
        matched = track.recording.samples[WIDTH * track.first : WIDTH * track.next]
        self._pending[:0] = matched
        self._base = track.begun
        self._searched = max(1, len(matched) // WIDTH - WINDOW + 1)

    def _publish(self, tracks: Sequence[_Track]) -> bool:
        """Write down what the tracks say; false when it is too little to mean anything."""
        track = min(tracks, key=self._preference)
        length = track.next - track.first
        if length < FRAME and not track.complete:
            return False
        recordings = list(dict.fromkeys([track.recording, *(t.recording for t in tracks)]))
        heard = self._current
        if heard is None:
            heard = self._current = self._continued(track)
        if heard is None:
            start = self._time(track.begun)
            heard = self._current = Heard((), track.first, 0, 0, start, start)
            self.heard.append(heard)
        if not heard.continued:
            heard.offset = track.first
        heard.names = tuple(name for recording in recordings for name in recording.names)
        heard.certain = len(recordings) == 1
        heard.length = track.next - heard.offset
        heard.total = track.recording.length
        heard.end = self._time(track.end)
        return True

    def _continued(self, track: _Track) -> Heard | None:
        """Return what stopped just where this goes on: the wire was late, or it was resumed."""
        last = self.heard[-1] if self.heard else None
        if (
            last is None
            or last.names != track.recording.names
            or last.offset + last.length != track.first
            or self._time(track.begun) - last.end > CONTINUE_SECONDS
        ):
            return None
        last.done, last.continued = False, True
        return last

    def _preference(self, track: _Track) -> tuple[bool, int, int]:
        """Order of belief: from its beginning, then near where it last stopped, then longest."""
        last = self.heard[-1] if self.heard and self.heard[-1] is not self._current else None
        same = last is not None and last.names == track.recording.names
        stopped = last.offset + last.length if last is not None and same else -KEEP
        return (track.first >= FRAME, abs(track.first - stopped), track.begun)

    # ---------------------------------------------------------------- while it is not known

    def _search(self) -> bool:
        """Look for a known window; true when one was found."""
        sound = bytes(self._pending[WIDTH * self._searched :])
        if not is_plain(sound):
            self.last_sound = self._last
            found = self._library.find(sound)
            if found is not None:
                at, places = found
                self._lock(self._searched + at, places)
                return True
        samples = len(self._pending) // WIDTH
        self._searched = max(self._searched, samples - WINDOW + 1)
        if samples > KEEP:
            self._unknown(samples - KEEP)
            self._drop(samples - KEEP)
        return False

    def _lock(self, at: int, places: Sequence[Place]) -> None:
        """Begin to follow every recording that has this window, each from where it began."""
        before = bytes(self._pending[: WIDTH * at])
        here = self._base + at
        for recording, position in places:
            back = _agreement_backwards(before, recording.samples[: WIDTH * position])
            self._tracks.append(_Track(recording, position - back, here - back, position))
        self._unknown(min(track.begun for track in self._tracks) - self._base)
        self._drop(at)

    def _unknown(self, samples: int) -> None:
        """Write down the first pending samples as sound that is no recording, if it is sound."""
        sound = bytes(self._pending[: WIDTH * samples])
        if samples < FRAME or is_plain(sound):
            return
        start, end = self._time(self._base), self._time(self._base + samples)
        last = self.heard[-1] if self.heard else None
        if last is not None and last.name == UNKNOWN and start - last.end < IDLE_SECONDS:
            last.length += samples
            last.end = end
        else:
            self.heard.append(Heard((UNKNOWN,), 0, samples, 0, start, end, done=True))

    # -------------------------------------------------------------------------------- both

    def _drop(self, samples: int) -> None:
        """Forget the first pending samples: they are explained, or never will be."""
        del self._pending[: WIDTH * samples]
        self._base += samples
        self._searched = max(0, self._searched - samples)

    def _time(self, position: int) -> float:
        """Return when the sample at this stream position was heard."""
        for begin, arrived in reversed(self._marks):
            if begin <= position:
                return arrived + (position - begin) / RATE
        return self._marks[0][1]


def _agreement(chunk: bytes, track: _Track) -> int:
    """Return how many samples from the beginning of `chunk` are what the track expects."""
    begin = WIDTH * track.next
    expected = track.recording.samples[begin : begin + len(chunk)]
    if chunk.startswith(expected):
        return len(expected) // WIDTH
    low, high = 0, len(expected) // WIDTH  # agrees up to low, not up to high
    while high - low > 1:
        middle = (low + high) // 2
        if chunk.startswith(expected[: WIDTH * middle]):
            low = middle
        else:
            high = middle
    return low


def _agreement_backwards(before: bytes, recorded: bytes) -> int:
    """Return how many samples at the ends of both are the same."""
    low, high = 0, min(len(before), len(recorded)) // WIDTH + 1
    while high - low > 1:
        middle = (low + high) // 2
        if before.endswith(recorded[len(recorded) - WIDTH * middle :]):
            low = middle
        else:
            high = middle
    return low
