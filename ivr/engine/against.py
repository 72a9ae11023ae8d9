"""Would a call have ended elsewhere on other flows? Its caller does again what they did.

- Where the candidate asks what was asked then, it gets the answer of then.
- A question is known by its step, or by what is heard: its caller keys the same keys, read by the
  candidate's grammar; keys that are too many are typed ahead. A question that is asked no more is
  passed over.
- The caller hangs up where they did.
- A port answers what it answered to the same question; so do a queue, a destination, a recording.
- What nobody can know of a call where it was not asked makes the comparison `UNKNOWN`: it is never
  guessed (but see `Command.presumed`). Only a call that has come to a step that callers ring for, and
  that it never came to then, would end elsewhere, however it goes on there.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import msgspec
from msgspec.structs import replace

from ivr.engine.course import Course, Ending
from ivr.engine.interpreter import Interpreter
from ivr.engine.recalled import Recalled, asked_of
from ivr.engine.replay import Part, parts
from ivr.model.commands import Command, Unknowable
from ivr.model.errors import Unhandled
from ivr.model.flow import FlowSet
from ivr.model.limits import Limits
from ivr.model.session import Frame, Session
from ivr.ports.events import Emit
from ivr.ports.sessions import Save


class Verdict(enum.StrEnum):
    """What came of a comparison."""

    SAME = "same"
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"


class Comparison(msgspec.Struct, frozen=True):
    """How a call ended, and how it would on the candidate (`would`: as far as that is known).

    `before` and `after` are the first steps that differ, empty where the call would be over;
    `unknown` says what the candidate asks that nobody can know.
    """

    verdict: Verdict
    was: Ending
    would: Ending
    before: str = ""
    after: str = ""
    unknown: str = ""

    @property
    def rerouted(self) -> bool:
        """Whether the call takes another way, wherever it ends."""
        return self.before != self.after


class Against:
    """Compares calls with a candidate."""

    def __init__(self, candidate: FlowSet, limits: Limits | None = None) -> None:
        self._candidate = candidate
        self._limits = limits
        self._interpreter = Interpreter(candidate, limits)

    def compare(self, flows: FlowSet, journal: Sequence[bytes]) -> Comparison:
        """Compare a call that is over with what it would be. `flows` are those it ran on.

        Raises Divergence for a journal that does not fit them.
        """
        recorded = parts(journal)
        then, callers = Course(flows), []
        interpreter = Interpreter(flows, self._limits)
        for part in recorded:
            callers.append(Recalled(part, asked_of(interpreter, part, then)))
        now = Course(self._candidate)
        unknown = ""
        try:
            self._run(flows, recorded, callers, now)
        except Unknowable as error:
            unknown = f"{now.step}: {error}"
        return _compared(then, now, unknown)

    def _run(
        self,
        flows: FlowSet,
        recorded: Sequence[Part],
        callers: Sequence[Recalled],
        now: Course,
    ) -> None:
        session = self._first(flows, recorded[0].session)
        for number, caller in enumerate(callers):
            lost = number + 1 < len(callers)
            saved = self._connection(session, caller, now, lost=lost)
            if saved is None:
                return
            later = recorded[number + 1].session if lost else saved
            on_track = all(one.on_track for one in callers[: number + 1])
            if not on_track or not self._knows(later):
                later = replace(saved, resumed=saved.resumed + 1)
            session = later

    def _first(self, flows: FlowSet, session: Session) -> Session:
        """Return the session as the candidate would begin it. Raises Unknowable."""
        then = flows.for_number(session.dnis)
        flow = self._candidate.for_number(session.dnis)
        if flow is None:
            raise Unknowable(f"no flow answers {session.dnis}")
        language = session.language
        if language not in flow.languages or (then and language == then.languages[0]):
            language = flow.languages[0]
        frames = (Frame(flow.name, flow.start),)
        return replace(session, version=self._candidate.version, frames=frames, language=language)

    def _knows(self, session: Session) -> bool:
        """Whether a session can go on here."""
        flows = self._candidate.flows
        return all(
            frame.flow in flows and frame.step in flows[frame.flow].steps
            for frame in session.frames
        )

    def _connection(
        self, session: Session, caller: Recalled, now: Course, *, lost: bool
    ) -> Session | None:
        """Run one connection; return the session to go on with when it is lost, else None."""
        script = self._interpreter.run(session)
        answer: Any = None
        while True:
            try:
                command = (
                    script.throw(answer) if isinstance(answer, Exception) else script.send(answer)
                )
            except (StopIteration, Unhandled):
                return None
            answer = None
            match command:
                case Emit(_, event):
                    now.take(event)
                case Save(saved):
                    session = saved
                case Command(journalled=True):
                    if lost and caller.done:
                        script.close()
                        return session
                    answer = caller.answer(command, now.step)


def _compared(then: Course, now: Course, unknown: str) -> Comparison:
    pairs = zip_longest(then.trail, now.trail, fillvalue="")
    before, after = next(((was, is_) for was, is_ in pairs if was != is_), ("", ""))
    if unknown and not now.arrived(then):
        return Comparison(Verdict.UNKNOWN, then.ending, now.ending, before, after, unknown)
    verdict = Verdict.SAME if then.ending == now.ending else Verdict.ELSEWHERE
    return Comparison(verdict, then.ending, now.ending, before, after)
