"""The step type `my_menu`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from ivr.centre.customers import customer_number
from ivr.centre.entries import move, remove, set_learning
from ivr.centre.input import INVALID_PROMPTS, NO_INPUT_PROMPTS, Ended, Entry, Question, gather
from ivr.centre.own_menu import announced, called, joined, nameless
from ivr.centre.remember import recall, remember
from ivr.model.choices import SPOKEN_KEYS
from ivr.model.commands import Script, ask
from ivr.model.digits import Choices
from ivr.model.errors import PortError
from ivr.model.inputfields import InputFields
from ivr.model.outcome import Outcome
from ivr.model.profile import Profile
from ivr.model.speech import Escalating, Speech
from ivr.model.step import Context, Step
from ivr.ports.channel import Play
from ivr.ports.clock import Now

SEVENTH = "7"
"""Switches the learnt order; with an entry chosen, removes that."""
LEAVE = "#*"
PERSON = "0"
REPEAT = "9"

_INTRO = Speech(("edit-menu",))
_LEARN = Speech(("learning-offer",))
_LEARN_NO_MORE = Speech(("learning-stop",))
_LEARNING_ON = Speech(("learning-on",))
_LEARNING_OFF = Speech(("learning-off",))
_ENDING = Speech(("edit-menu-end",))
_ENTRY = Speech(("edit-entry",))
_MOVED = Speech(("entry-moved",))
_REMOVED = Speech(("entry-removed",))
_EMPTY = Speech(("menu-empty",))
_UNAVAILABLE = Speech(("menu-unavailable",))


class MyMenu(Step, InputFields):
    """Let an identified caller hear their own menu and change it.

    The entries are heard with their keys; pressing one chooses it, then the number of its new place
    moves it, and 7 removes it. 7 in the list switches the learnt order on or off. # and * go back, 0
    leads to a person, 9 plays it again. A visit makes at most one change: lead `again` back here.
    """

    verb: ClassVar[str] = "my_menu"
    outcomes: ClassVar[dict[str, str]] = {
        "again": "Something was changed, or the entry left as it is: hear the menu again.",
        "done": "The caller went back, or there is nothing in the menu.",
        "agent": "The caller pressed 0.",
        "unavailable": "Nobody is identified, or the menu is not to be had; the caller was told.",
        "no_input": "The last try heard no key.",
        "invalid": "The last try heard a key that means nothing.",
    }
    example: ClassVar[str] = """\
my-menu:
  my_menu: {}
  on:
    again: my-menu
    done: main-menu
    agent: agent
    unavailable: main-menu
    no_input: main-menu
    invalid: agent
"""

    no_input: Escalating = Field(
        default=dict(NO_INPUT_PROMPTS), description="Said after silence, by count of silences."
    )
    invalid: Escalating = Field(
        default=dict(INVALID_PROMPTS), description="Said after wrong keys, by count of those."
    )

    def run(self, context: Context) -> Script[Outcome]:
        customer = customer_number(context.session)
        try:
            if customer is not None:
                return (yield from self._edit(context, (yield from recall(customer))))
        except PortError:
            pass  # told below, as to somebody who is not identified
        return (yield from _told(context, _UNAVAILABLE, "unavailable"))

    def _edit(self, context: Context, profile: Profile) -> Script[Outcome]:
        """Have the menu heard, and one thing changed. Raises PortError."""
        if not profile.entries:
            return (yield from _told(context, _EMPTY, "done"))
        chosen = yield from self._ask(context, profile, _heard(context, profile))
        if chosen.ended is not Ended.ENTERED:
            return Outcome(chosen.ended.value, failures=chosen.failures)
        if chosen.digits == PERSON:
            return Outcome("agent", failures=chosen.failures)
        if chosen.digits in LEAVE:
            return Outcome("done", failures=chosen.failures)
        if chosen.digits == SEVENTH:
            learning = not profile.learning
            yield from remember(
                profile.customer, lambda stored: set_learning(stored, learning).profile
            )
            said = _LEARNING_ON if learning else _LEARNING_OFF
            return (yield from _told(context, said, "again", chosen.failures))
        service = profile.entries[int(chosen.digits) - 1]
        return (yield from self._edit_entry(context, profile, service, chosen.failures))

    def _edit_entry(
        self, context: Context, profile: Profile, service: str, failures: int
    ) -> Script[Outcome]:
        """Have one entry moved or removed. Raises PortError."""
        heard = joined(called(context.services, service), _ENTRY)
        wanted = yield from self._ask(context, profile, heard)
        failures += wanted.failures
        if wanted.ended is not Ended.ENTERED:
            return Outcome(wanted.ended.value, failures=failures)
        if wanted.digits == PERSON:
            return Outcome("agent", failures=failures)
        if wanted.digits in LEAVE:
            return Outcome("again", failures=failures)
        now = yield from ask(Now())
        if wanted.digits == SEVENTH:
            yield from remember(
                profile.customer, lambda stored: remove(stored, service, now).profile
            )
            return (yield from _told(context, _REMOVED, "again", failures))
        place = int(wanted.digits)
        yield from remember(
            profile.customer, lambda stored: move(stored, service, place, now).profile
        )
        return (yield from _told(context, _MOVED, "again", failures))

    def _ask(self, context: Context, profile: Profile, speech: Speech) -> Script[Entry]:
        rules = context.rules(self.properties())
        places = (str(place) for place in range(1, len(profile.entries) + 1))
        question = Question(
            prompt={1: speech},
            grammar=Choices((*places, SEVENTH, PERSON, *LEAVE), rules.terminator),
            no_input=self.no_input,
            invalid=self.invalid,
            repeat=REPEAT,
        )
        return (yield from gather(context, question, rules))

    def speeches(self) -> Iterator[Speech]:
        yield from (_INTRO, _ENDING, _LEARN, _LEARN_NO_MORE, _LEARNING_ON, _LEARNING_OFF)
        yield from (_ENTRY, _MOVED, _REMOVED, _EMPTY, _UNAVAILABLE, *nameless())
        for speeches in (self.no_input, self.invalid):
            yield from speeches.values()

    def keys(self) -> tuple[str, ...]:
        return (*SPOKEN_KEYS, PERSON, REPEAT, *LEAVE)


def _heard(context: Context, profile: Profile) -> Speech:
    """Return the menu as it is read out to be changed."""
    entries = (
        announced(called(context.services, service), str(place))
        for place, service in enumerate(profile.entries, 1)
    )
    switch = _LEARN_NO_MORE if profile.learning else _LEARN
    return joined(_INTRO, *entries, switch, _ENDING)


def _told(context: Context, said: Speech, outcome: str, failures: int = 0) -> Script[Outcome]:
    yield from ask(Play(context.audible(said)))
    return Outcome(outcome, failures=failures)
