"""The step type `callback`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from pydantic import Field

from ivr.centre.customers import customer_number
from ivr.centre.input import NO_INPUT_PROMPTS, Ended, Entry, Question, gather
from ivr.model.commands import Script, ask
from ivr.model.digits import Choices, Digits, Grammar
from ivr.model.errors import PortError
from ivr.model.fields import ConfiguredName
from ivr.model.inputfields import InputFields
from ivr.model.outcome import Outcome
from ivr.model.prompt import Audible, BargeIn, Prompted, Spoken
from ivr.model.properties import InputRules
from ivr.model.speech import Escalating, Speech
from ivr.model.step import Context, Step
from ivr.ports.callbacks import GetWindows, KeepCallback, MayCall, Wanted, Window
from ivr.ports.channel import Play
from ivr.ports.clock import Now

_ENDING, _CHOICE = "callback-number-ending", "callback-number-choice"
_IS, _CONFIRM = "callback-number-is", "callback-number-confirm"
_ENTER = Speech(("callback-enter-number",))
_REFUSED = Speech(("callback-number-refused",))
_KEPT = Speech(("callback-kept",))
_WHEN, _SOON, _BETWEEN, _AND = (
    "callback-when",
    "callback-as-soon",
    "callback-between",
    "callback-and",
)
_SCHEDULED = Speech(("callback-scheduled",))
_NOT_POSSIBLE = Speech(("callback-not-possible",))
_YES, _OTHER = "1", "2"
_SOONEST = "1"
_TAIL = 4
_LEAST, _MOST = 5, 15
"""Digits of a number (ITU-T E.164 knows 15 at most)."""


class _Left(Exception):
    """The caller leaves the step by this entry."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.ended)
        self.entry = entry


class Callback(Step, InputFields):
    """Have the caller called back instead of waiting, and keep their place in the queue.

    The number is the one they call from, if it may be called, or one that they key and hear read back.
    Only numbers of the configured list are called. With `windows` callers may also choose one of the next
    hours in which the bank calls, and give up their place for it. It follows the outcome `callback` of a `queue` step:
    whoever does not want it after all goes back there, and has lost nothing.
    """

    verb: ClassVar[str] = "callback"
    shorthand: ClassVar[str | None] = "queue"
    helps: ClassVar[tuple[str, ...]] = ("kept",)
    looks_up: ClassVar[bool] = False
    outcomes: ClassVar[dict[str, str]] = {
        "kept": "The callback is promised.",
        "refused": "No number that may be called was given, or the queue has no callbacks now.",
        "cancelled": "The caller pressed the cancel key.",
        "no_input": "The caller keyed nothing.",
        "unavailable": "It cannot be promised now.",
    }
    normal: ClassVar[str | None] = "kept"
    example: ClassVar[str] = """\
call-back:
  callback: service
  on: {kept: goodbye, refused: agent, cancelled: agent, no_input: agent, unavailable: agent}
"""

    queue: ConfiguredName = Field(description="The queue, by its name.")
    attempts: int = Field(
        3, ge=1, le=5, strict=True, description="How many numbers the caller may key (3)."
    )
    windows: int = Field(
        0,
        ge=0,
        le=5,
        strict=True,
        description="How many of the next hours callers may choose from (0).",
    )
    no_input: Escalating = Field(
        default=dict(NO_INPUT_PROMPTS), description="Said after silence, by count of silences."
    )
    invalid: Escalating = Field(
        default={1: Speech(("invalid-entry",))},
        description="Said after an entry that is not valid, by count of those.",
    )

    def run(self, context: Context) -> Script[Outcome]:
        try:
            number = yield from self._number(context, context.rules(self.properties()))
            if not number:
                return Outcome("refused")
            window = yield from self._window(context, context.rules(self.properties()))
            return (yield from self._keep(context, number, window))
        except _Left as left:
            return Outcome(_OUTCOMES[left.entry.ended], failures=left.entry.failures)
        except PortError:
            return Outcome("unavailable")

    def _number(self, context: Context, rules: InputRules) -> Script[str]:
        """Return the number that the caller agrees to, or nothing."""
        own = context.session.ani
        if own and (yield from ask(MayCall(own))) is None:
            key = yield from self._choose(context, rules, _ENDING, own[-_TAIL:], _CHOICE)
            if key == _YES:
                return own
        for _ in range(self.attempts):
            number = yield from self._keyed(context, rules)
            if number:
                return number
        return ""

    def _keyed(self, context: Context, rules: InputRules) -> Script[str]:
        """Have a number keyed and read back; nothing where it may not be called, or was wrong."""
        digits = Digits(_LEAST, _MOST, rules.terminator, rules.cancel)
        number = yield from self._ask(context, rules, _ENTER, digits)
        if (yield from ask(MayCall(number))) is not None:
            yield from ask(Play(context.audible(_REFUSED), bargein=BargeIn.NONE, flush=True))
            return ""
        key = yield from self._choose(context, rules, _IS, number, _CONFIRM)
        return number if key == _YES else ""

    def _window(self, context: Context, rules: InputRules) -> Script[Window | None]:
        """Return the hour that the caller chooses; None for as soon as possible."""
        offered = (yield from ask(GetWindows(self.queue, self.windows))) if self.windows else ()
        if not offered:
            return None
        today = (yield from ask(Now())).date()
        then: tuple[Audible, ...] = ()
        for number, window in enumerate(offered, 2):
            then += (*_hours(window, today), Prompted(f"press-{number}"))
        keys = Choices(tuple(str(key) for key in range(1, len(offered) + 2)))
        key = yield from self._ask(context, rules, Speech((_WHEN, _SOON, "press-1")), keys, then)
        return None if key == _SOONEST else offered[int(key) - 2]

    def _choose(
        self, context: Context, rules: InputRules, before: str, digits: str, after: str
    ) -> Script[str]:
        then = (Spoken("digits", digits), Prompted(after))
        grammar = Choices((_YES, _OTHER))
        return (yield from self._ask(context, rules, Speech((before,)), grammar, then))

    def _ask(
        self,
        context: Context,
        rules: InputRules,
        prompt: Speech,
        grammar: Grammar,
        then: tuple[Audible, ...] = (),
    ) -> Script[str]:
        question = Question(
            prompt={1: prompt},
            grammar=grammar,
            no_input=self.no_input,
            invalid=self.invalid,
            back=True,
            then=then,
        )
        entry = yield from gather(context, question, rules)
        if entry.ended is not Ended.ENTERED:
            raise _Left(entry)
        return entry.digits

    def _keep(self, context: Context, number: str, window: Window | None) -> Script[Outcome]:
        session = context.session
        customer = customer_number(session) or ""
        wanted = Wanted(session.call_id, self.queue, number, session.language, customer, window)
        kept = yield from ask(KeepCallback(wanted))
        said, outcome = (_KEPT, "kept") if kept.refused is None else (_NOT_POSSIBLE, "refused")
        heard = context.audible(said)
        if window is not None and kept.refused is None:
            heard = (*context.audible(_SCHEDULED), *_hours(window))
        yield from ask(Play(heard, bargein=BargeIn.ANY))
        return Outcome(outcome)

    def queues(self) -> tuple[str, ...]:
        return (self.queue,)

    def speeches(self) -> Iterator[Speech]:
        yield Speech((_ENDING, _CHOICE))
        yield Speech((_IS, _CONFIRM))
        yield from (_ENTER, _REFUSED, _KEPT, _NOT_POSSIBLE)
        if self.windows:
            keys = (f"press-{key}" for key in range(1, self.windows + 2))
            yield Speech((_WHEN, _SOON, _BETWEEN, _AND, *keys))
            yield _SCHEDULED
        for speeches in (self.no_input, self.invalid):
            yield from speeches.values()

    def questions(self) -> Iterator[tuple[Speech, int]]:
        yield Speech((_ENDING, _CHOICE)), 1


def _hours(window: Window, today: date | None = None) -> tuple[Audible, ...]:
    """Return how a window is spoken: with its day, unless that is today."""
    begins, ends = window.begins, window.ends
    day = () if begins.date() == today else (Spoken("date", begins.date().isoformat()),)
    hours = (Spoken("time", begins.isoformat()), Prompted(_AND), Spoken("time", ends.isoformat()))
    return (*day, Prompted(_BETWEEN), *hours)


_OUTCOMES = {Ended.NO_INPUT: "no_input", Ended.INVALID: "refused", Ended.BACK: "cancelled"}
