"""A telephone line on a virtual clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from ivr.adapters.sim.clock import VirtualClock
from ivr.adapters.sim.faults import Slow
from ivr.adapters.sim.phone import Deed, Happening, Listening, Phone
from ivr.adapters.sim.transcript import Kind, Transcript
from ivr.model.errors import CallerHungUp, StepDeadline
from ivr.model.prompt import Recording
from ivr.model.scripted import Person
from ivr.ports.line import DialStatus, LineRecording, RecordEnd, Streamed

R = TypeVar("R")

SAMPLES_PER_MS = 8
_REFUSING_MS = 1_000
"""How long it takes to be told that a destination is busy."""


class SimLine:
    """Implements the Line port. Time passes as the sounds and the caller take it, at once."""

    def __init__(
        self,
        phone: Phone,
        clock: VirtualClock,
        transcript: Transcript,
        people: Mapping[str, Person] | None = None,
    ) -> None:
        self._phone = phone
        self._clock = clock
        self._transcript = transcript
        self._people = people or {}
        self._deadline_ms: int | None = None
        self._gone = False
        self._voice_until_ms = 0

    @property
    def gone(self) -> bool:
        """Whether the call is over."""
        return self._gone

    def begin_step(self, deadline_ms: int) -> None:
        """Give a step its time."""
        self._deadline_ms = self._clock.ms + deadline_ms

    async def stream(self, recording: Recording, *, start: int, interruptible: bool) -> Streamed:
        """Play a recording for as long as it is."""
        self._ready()
        begin = self._clock.ms
        if start == 0:
            self._transcript.add(Kind.HEARD, recording.id, recording.text)
            self._phone.began(recording, begin)
        end = begin + max(recording.ms - start // SAMPLES_PER_MS, 0)
        happening = self._until(end, Listening.NOT, keys=interruptible)
        if happening is None:
            return Streamed(None, recording.ms * SAMPLES_PER_MS)
        played = (self._clock.ms - begin) * SAMPLES_PER_MS
        # One sample at least, so that going on there is never taken for beginning again.
        return Streamed(happening.key, start + max(played, 1))

    async def announce(
        self,
        recordings: Sequence[Recording],
        news: Awaitable[object],
        heard: Callable[[str], bool],
        missing: Callable[[Recording], None],
    ) -> bool:
        """Play recordings until the moment of the news: what is not slow is new at once."""
        self._ready()
        until = self._clock.ms + (news.delay_ms if isinstance(news, Slow) else 0)
        for recording in recordings:
            if self._clock.ms >= until:
                continue
            self._transcript.add(Kind.HEARD, recording.id, recording.text)
            self._phone.began(recording, self._clock.ms)
            end = self._clock.ms + recording.ms
            while (happening := self._until(min(end, until), Listening.NOT)) is not None:
                if heard(happening.key):
                    return False
        if self._clock.ms < until:
            return True
        await news
        return False

    async def wait_digit(self, timeout_ms: int) -> str | None:
        """Wait for a key."""
        self._ready()
        happening = self._until(self._clock.ms + timeout_ms, Listening.KEY)
        return happening.key if happening is not None else None

    async def attend(self, work: Awaitable[R], heard: Callable[[str], None]) -> R:
        """Let the delay of a slow port pass, then await its answer."""
        if isinstance(work, Slow) and not self._gone:
            end = self._clock.ms + work.delay_ms
            try:
                while (happening := self._until(end, Listening.NOT)) is not None:
                    heard(happening.key)
            except CallerHungUp:
                self._clock.advance_to(end)
        return await work

    async def record(
        self, name: str, *, max_ms: int, silence_ms: int, stop_keys: str
    ) -> LineRecording:
        """Record what the caller says. `ms` counts to the end of the last words."""
        self._ready()
        self._transcript.add(Kind.NOTE, "recording", name)
        begin = self._clock.ms
        # A caller who does not wait for the tone is heard from there on.
        quiet_since = max(begin, self._voice_until_ms)
        while True:
            limit = min(quiet_since + silence_ms, begin + max_ms)
            happening = self._phone.next(self._clock.ms, limit, Listening.VOICE)
            if happening is None:
                self._clock.advance_to(limit)
                longest = limit == begin + max_ms
                end = RecordEnd.TIMEOUT if longest else RecordEnd.SILENCE
                return LineRecording(min(quiet_since, limit) - begin, end)
            self._clock.advance_to(happening.at_ms)
            if happening.deed is Deed.VOICE:
                quiet_since = self._speaking(happening)
            elif happening.deed is Deed.HANGUP:
                self._hung_up()
                return LineRecording(self._clock.ms - begin, RecordEnd.HANGUP)
            elif happening.key in stop_keys:
                self._transcript.add(Kind.PRESSED, happening.key)
                recorded = min(quiet_since, self._clock.ms) - begin
                return LineRecording(recorded, RecordEnd.KEY, happening.key)

    async def dial(self, destination: str, *, ring_ms: int) -> DialStatus:
        """Ring whoever the script says is there."""
        self._ready()
        self._transcript.add(Kind.NOTE, "dialling", destination)
        person = self._people.get(destination)
        if person is None:
            self._pass(ring_ms)
            return DialStatus.NO_ANSWER
        if person.is_ is not None:
            self._pass(ring_ms if person.is_ == "no_answer" else _REFUSING_MS)
            known = person.is_ in tuple(DialStatus)
            return DialStatus(person.is_) if known else DialStatus.UNAVAILABLE
        if not self._talked(destination, person, ring_ms):
            return DialStatus.NO_ANSWER
        return DialStatus.ANSWERED

    async def hold(self, work: Awaitable[R], heard: Callable[[str], None]) -> R | None:
        """Let the time pass that `work` takes, until a key."""
        self._ready()
        if isinstance(work, Slow):
            happening = self._until(self._clock.ms + work.delay_ms, Listening.NOT)
            if happening is not None:
                heard(happening.key)
                return None
        return await work

    async def ring(self, endpoint: str, *, call_id: str, ring_ms: int, record: str) -> DialStatus:
        """Talk with whoever the script says is at the queue of this name."""
        self._ready()
        self._talk(endpoint, self._people[endpoint])
        return DialStatus.ANSWERED

    async def meet(self, channel: str) -> DialStatus:
        """Talk again with whoever the script says is at the queue of this name."""
        self._ready()
        self._talk(channel, self._people[channel])
        return DialStatus.ANSWERED

    async def hang_up(self) -> None:
        """End the call."""
        self._gone = True

    def _talked(self, name: str, person: Person, patience_ms: int) -> bool:
        self._pass(min(person.after, patience_ms))
        if person.after > patience_ms:
            return False
        self._talk(name, person)
        return True

    def _talk(self, name: str, person: Person) -> None:
        self._transcript.add(Kind.NOTE, "talking with", name)
        try:
            self._pass(person.talks)
        except CallerHungUp as gone:
            raise CallerHungUp(str(gone), talked=True) from gone

    def _pass(self, ms: int) -> None:
        """Let time pass in which keys mean nothing."""
        self._until(self._clock.ms + ms, Listening.NOT, keys=False)

    def _until(self, end_ms: int, listening: Listening, *, keys: bool = True) -> Happening | None:
        """Let time pass until a key (if `keys`) or the end. Raises CallerHungUp."""
        while True:
            happening = self._phone.next(self._clock.ms, end_ms, listening)
            if happening is None:
                self._clock.advance_to(end_ms)
                return None
            self._clock.advance_to(happening.at_ms)
            if happening.deed is Deed.HANGUP:
                self._hung_up()
                raise CallerHungUp("the caller hung up")
            if happening.deed is Deed.VOICE:
                self._speaking(happening)
            if happening.deed is Deed.KEY:
                self._transcript.add(Kind.PRESSED, happening.key, "" if keys else "lost")
                if keys:
                    return happening

    def _speaking(self, happening: Happening) -> int:
        """Take words; return when they end."""
        self._transcript.add(Kind.SAID, f"{happening.ms} ms")
        self._voice_until_ms = self._clock.ms + happening.ms
        return self._voice_until_ms

    def _hung_up(self) -> None:
        self._gone = True
        self._transcript.add(Kind.NOTE, "the caller hung up")

    def _ready(self) -> None:
        if self._gone:
            raise CallerHungUp("the call is over")
        if self._deadline_ms is not None and self._clock.ms >= self._deadline_ms:
            raise StepDeadline("the step took longer than a step may take")
