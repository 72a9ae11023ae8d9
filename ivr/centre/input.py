"""Asking for an entry until there is one: retries, escalation, repeat, cancel and back.

Steps that read keys share this dialogue. It is a generator of commands, as they are.

- No-input and invalid entries are counted apart; each has its own number of tries, and
  `max_failures` caps both together. Counters begin anew whenever the step is entered.
- What is said after a failure escalates with the count of that kind (highest count ≤ current), and
  so does the question with the number of times it was asked.
- After an invalid entry keys typed ahead are forgotten and the error prompt cannot be cut; after a
  no-input it can, and keys are kept: the caller who has just woken up is not told to wait.
- The cancel key clears an entry and asks again; pressed again at once it means back, where the step
  has an edge for that. In a menu it means back at once.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from functools import lru_cache

import msgspec

from ivr.model.commands import Script, ask
from ivr.model.digits import Choices, Grammar, Status
from ivr.model.prompt import Audible, BargeIn
from ivr.model.properties import InputRules
from ivr.model.secret import Secret
from ivr.model.speech import Speech, escalate
from ivr.model.step import Context
from ivr.ports.channel import Collect, Collected, Flush, Play

NO_INPUT = "no_input"
INVALID = "invalid"
BACK = "back"

NO_INPUT_PROMPTS: Mapping[int, Speech] = {1: Speech(("no-input",))}
INVALID_PROMPTS: Mapping[int, Speech] = {1: Speech(("invalid-choice",))}


class Ended(enum.StrEnum):
    """Why asking ended."""

    ENTERED = "entered"
    NO_INPUT = NO_INPUT
    INVALID = INVALID
    BACK = BACK


class Entry(msgspec.Struct, frozen=True):
    """What asking led to. `digits` (or `secret`) is set when ENTERED; `failures` counts all."""

    ended: Ended
    digits: str = ""
    secret: Secret | None = None
    failures: int = 0


class Question(msgspec.Struct, frozen=True):
    """What is asked, and what is said after a failure, each by count.

    `repeat` is the key that has the question asked again, `back` whether the cancel key may leave
    the step; `cleared` is said when it cleared an entry. A `secret` is read with nothing typed ahead
    and comes back as a Secret; `what` names it. `then` is heard after the prompt: a list put into words already;
    `offers` are what its keys stand for, in their order: an id, and how it is heard.
    """

    prompt: Mapping[int, Speech]
    grammar: Grammar
    no_input: Mapping[int, Speech]
    invalid: Mapping[int, Speech]
    repeat: str = ""
    cleared: Speech | None = None
    back: bool = False
    secret: bool = False
    what: str = ""
    then: tuple[Audible, ...] = ()
    offers: tuple[tuple[str, tuple[Audible, ...]], ...] = ()

    def speeches(self) -> Iterator[Speech]:
        """Yield all that may be said."""
        for speeches in (self.prompt, self.no_input, self.invalid):
            yield from speeches.values()
        if self.cleared is not None:
            yield self.cleared


def gather(context: Context, question: Question, rules: InputRules) -> Script[Entry]:
    """Ask until there is a valid entry, too many failures, or the caller goes back."""
    asking = context.asking or inquire
    entry: Entry = yield from asking(context, question, rules)
    return entry


def inquire(context: Context, question: Question, rules: InputRules) -> Script[Entry]:
    """Ask as `gather` does, whoever wants to ask instead."""
    return (yield from _Asking(context, question, rules).run())


@lru_cache(maxsize=1024)
def _with(grammar: Choices, *extra: str) -> Choices:
    """Return the choices with further keys, as far as there are any."""
    more = (key for key in extra if key and key not in grammar.keys)
    return Choices((*grammar.keys, *more), grammar.terminator)


class _Meaning(enum.Enum):
    ENTRY = "entry"
    AGAIN = "again"
    BACK = "back"
    NO_INPUT = "no_input"
    INVALID = "invalid"


class _Asking:
    """One question being asked."""

    def __init__(self, context: Context, question: Question, rules: InputRules) -> None:
        self._context = context
        self._question = question
        self._rules = rules
        self._back = rules.cancel if question.back else ""
        self._no_inputs = 0
        self._invalids = 0
        self._extras = 0

    @property
    def _failures(self) -> int:
        return self._no_inputs + self._invalids

    def run(self) -> Script[Entry]:
        lead: tuple[Audible, ...] = ()
        flush = self._rules.flush or self._question.secret
        count, cleared = 1, False
        while True:
            collected = yield from ask(self._collect(count, lead, cleared=cleared, flush=flush))
            meaning = self._meaning(collected)
            if collected.secret is not None and meaning is not _Meaning.ENTRY:
                collected.secret.wipe()
            # Only a failure and the first question may forget keys: what follows a repeat, a cancel
            # or a silence is meant.
            lead, cleared, flush = (), False, False
            if meaning is _Meaning.AGAIN:
                self._extras += 1
                cleared = collected.status is Status.CANCELLED
                count = 1 + self._failures if cleared else 1
                if cleared and self._question.cleared is not None:
                    lead = self._context.audible(self._question.cleared)
                continue
            ended = self._ended(meaning, collected)
            if ended is not None:
                return ended
            count = 1 + self._failures
            if meaning is _Meaning.INVALID:
                yield from self._refuse()
            else:
                lead = self._said(self._question.no_input, self._no_inputs)

    def _meaning(self, collected: Collected) -> _Meaning:
        status = collected.status
        if status is Status.BACK:
            return _Meaning.BACK
        if status.no_input:
            return _Meaning.NO_INPUT
        if status is Status.CANCELLED:
            return self._again()
        if not status.complete:
            return _Meaning.INVALID
        grammar = self._question.grammar
        if not isinstance(grammar, Choices) or collected.digits in grammar.keys:
            return _Meaning.ENTRY
        return _Meaning.BACK if collected.digits == self._back else self._again()

    def _again(self) -> _Meaning:
        return _Meaning.AGAIN if self._extras < self._rules.repeats else _Meaning.INVALID

    def _ended(self, meaning: _Meaning, collected: Collected) -> Entry | None:
        """Count a failure; return an Entry when asking is over."""
        if meaning is _Meaning.ENTRY:
            return Entry(Ended.ENTERED, collected.digits, collected.secret, self._failures)
        if meaning is _Meaning.BACK:
            return Entry(Ended.BACK, failures=self._failures)
        if meaning is _Meaning.NO_INPUT:
            self._no_inputs += 1
            ended, over = Ended.NO_INPUT, self._no_inputs >= self._rules.no_input_tries
        else:
            self._invalids += 1
            ended, over = Ended.INVALID, self._invalids >= self._rules.invalid_tries
        if over or self._failures >= self._rules.max_failures:
            return Entry(ended, failures=self._failures)
        return None

    def _refuse(self) -> Script[None]:
        said = self._said(self._question.invalid, self._invalids)
        if said:
            yield from ask(Play(said, bargein=BargeIn.NONE, flush=True))
        else:
            yield from ask(Flush())

    def _collect(
        self, count: int, lead: tuple[Audible, ...], *, cleared: bool, flush: bool
    ) -> Collect:
        return Collect(
            prompts=lead + self._said(self._question.prompt, count) + self._question.then,
            grammar=self._grammar(cleared=cleared),
            timeout_ms=self._rules.timeout_ms,
            interdigit_ms=self._rules.interdigit_ms,
            bargein=self._rules.bargein,
            flush=flush,
            secret=self._question.secret,
            what=self._question.what,
        )

    def _grammar(self, *, cleared: bool) -> Grammar:
        grammar = self._question.grammar
        if isinstance(grammar, Choices):
            return _with(grammar, self._question.repeat, self._back)
        return msgspec.structs.replace(grammar, cleared=cleared and self._question.back)

    def _said(self, speeches: Mapping[int, Speech], count: int) -> tuple[Audible, ...]:
        speech = escalate(speeches, count)
        return self._context.audible(speech) if speech is not None else ()
