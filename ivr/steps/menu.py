"""The step type `menu`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, ClassVar

from msgspec.structs import replace
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ivr.centre.conditional import announced_apart, offered
from ivr.centre.customers import customer_number
from ivr.centre.input import INVALID_PROMPTS, NO_INPUT_PROMPTS, Ended, Entry, Question, gather
from ivr.centre.lines import id_of, lines, promoted, services
from ivr.centre.own_menu import (
    ADD_KEYS,
    EDIT_KEYS,
    LAST_SERVICE,
    OWN_KEYS,
    OwnMenu,
    announcements,
    count_use,
    joined,
    own_menu,
    why_offered,
)
from ivr.centre.personal import FULL_MENU_KEY
from ivr.model.choices import KEYS, Choice, Promoted, by_keys, told_apart
from ivr.model.commands import Script
from ivr.model.digits import STANDARD_KEYS, Choices
from ivr.model.expressions import Expression
from ivr.model.fields import OptionalKey
from ivr.model.inputfields import InputFields
from ivr.model.outcome import Outcome
from ivr.model.problem import BadValue
from ivr.model.profile import MOST_ENTRIES
from ivr.model.speech import Escalating, Speech, first
from ivr.model.step import Context, Step, Visit

REPEAT = "9"
PERSON = "0"
ADD = "add"
EDIT = "edit"
_ANYWHERE = {ADD_KEYS: ADD, EDIT_KEYS: EDIT}
"""What identified callers may key in every menu that has an edge for it: entry → outcome."""


class Menu(Step, InputFields):
    """Ask for one of several choices.

    A choice whose keys begin no other choice is taken at once; where `1` and `10` are both choices,
    `1` is taken after the inter-digit time, or at `1#`. Silence and wrong keys are counted apart, each up to its
    number of tries, and together up to `max_failures`; the counts begin anew whenever the menu is
    entered. Where `back` has an edge, the cancel key leads there.

    A `personal` menu is an identified caller's own one: what is promoted, then their own entries on
    the keys 1 to 6, then the way to this menu on 8. `*1` to `*6` take an own entry at once. Without
    own entries, or when they cannot be looked up in time, it is this menu, as for everybody else.
    See docs/personal-menus.md.
    """

    verb: ClassVar[str] = "menu"
    outcomes: ClassVar[dict[str, str]] = {
        "no_input": "The last try, or the one that was too many, heard no key.",
        "invalid": "The last try, or the one that was too many, heard keys that are no choice.",
    }
    optional: ClassVar[dict[str, str]] = {
        "back": "The caller pressed the cancel key (`*`).",
        ADD: "An identified caller pressed `*7`, to have the service used last in their own menu.",
        EDIT: "An identified caller pressed `*8`, to hear and change their own menu.",
    }
    example: ClassVar[str] = """\
main-menu:
  menu:
    prompt: {1: main-menu, 2: main-menu-short}
    personal: true
    choices:
      1: {goto: balance, label: balance, say: item-balance}
      2: {goto: branch-hours, say: item-branch-hours}
      3: {goto: funds, say: item-funds, when: "{{ 'fund' in customer.products }}"}
      0: agent
    promote:
      - {goto: transfer-state, say: matter-transfer, matter: transfer}
    no_input: {1: no-input, 2: no-input-again}
    tries: 3
  on: {no_input: agent, invalid: agent, add: add-service, edit: my-menu}
"""

    prompt: Escalating = Field(
        description="What is asked; by count, how often it was asked (once: 1)."
    )
    choices: Annotated[dict[str, Choice], BeforeValidator(by_keys), AfterValidator(told_apart)] = (
        Field(
            description="Keys → the step they lead to, or `{goto: step, label: text}`.",
            json_schema_extra={"propertyNames": {"pattern": f"^{KEYS.pattern}$"}},
        )
    )
    personal: bool = Field(
        False, description="Whether identified callers hear their own menu first (false)."
    )
    promote: tuple[Promoted, ...] = Field(
        (),
        max_length=20,
        description="What may be offered before anything else, on key 7: the first that fits the "
        "caller, and never more than one.",
    )
    add_offer: Speech | None = Field(
        None,
        description="Said after the prompt to an identified caller who has just used a service "
        "that is not in their own menu, e.g. add-to-menu; needs an edge for `add`.",
    )
    repeat: OptionalKey | None = Field(
        None,
        description='The key that has the menu played again, at most ten times; "" for none '
        "(9, unless a choice begins with it).",
    )
    no_input: Escalating = Field(
        default=dict(NO_INPUT_PROMPTS), description="Said after silence, by count of silences."
    )
    invalid: Escalating = Field(
        default=dict(INVALID_PROMPTS), description="Said after wrong keys, by count of those."
    )

    @model_validator(mode="after")
    def _repeat_is_free(self) -> Menu:
        if self.repeat and self.repeat in self.choices:
            raise BadValue(
                f"{self.repeat} is both a choice and the repeat key", 'repeat: "" for no repeat key'
            )
        return self

    @model_validator(mode="after")
    def _standard_keys_stay(self) -> Menu:
        if not self.personal:
            if self.promote:
                raise BadValue("promoted in a menu that is not personal", "personal: true")
            return self
        own = {str(place) for place in range(1, MOST_ENTRIES + 1)}
        for key in self.choices:
            if key not in own and key not in STANDARD_KEYS:
                raise BadValue(
                    f"the key {key} means something else in personal menus",
                    "choices of a personal menu stand on 1 to 6, 0, 9, * and #",
                )
        if PERSON not in self.choices or self._repeat_key() != REPEAT:
            raise BadValue(
                "a personal menu without its standard keys",
                "0 leads to a person, and 9 plays the menu again",
            )
        return self

    def run(self, context: Context) -> Script[Outcome]:
        customer = customer_number(context.session)
        choices = self.choices if self._always_offered else offered(self.choices, context)
        menu = None
        if customer is not None and self.personal:
            menu = yield from own_menu(
                context, customer, lines(self.choices, choices, self.promote)
            )
        entry = yield from self._ask(context, choices, menu)
        if entry.ended is not Ended.ENTERED:
            return Outcome(entry.ended.value, failures=entry.failures)
        outcome = self._outcomes[entry.digits]
        if outcome not in choices or choices[outcome].say is None:
            return Outcome(outcome, failures=entry.failures)
        last = entry.digits
        if menu is not None:
            last = "" if last in menu.profile.entries else last
            yield from count_use(menu, entry.digits)
        return Outcome(outcome, facts={LAST_SERVICE: last}, failures=entry.failures)

    def _ask(
        self, context: Context, choices: Mapping[str, Choice], menu: OwnMenu | None
    ) -> Script[Entry]:
        """Ask; the entry's digits are the id of what was chosen (`_outcomes`)."""
        known = customer_number(context.session) is not None
        anywhere = {
            keys: keys for keys, outcome in _ANYWHERE.items() if known and outcome in context.wired
        }
        addable = ADD_KEYS in anywhere and bool(context.session.facts.get(LAST_SERVICE))
        prompt = self._announcing(choices, self.add_offer if addable else None)
        ids = {key: id_of(key, choice) for key, choice in choices.items()}
        questions = (
            ((prompt, {**ids, **anywhere}),) if menu is None else menu.questions(prompt, anywhere)
        )
        entry = Entry(Ended.ENTERED, FULL_MENU_KEY)
        for asked, meanings in questions:
            if entry.digits == FULL_MENU_KEY:
                taken = yield from self._one_of(context, asked, meanings)
                entry = replace(taken, failures=entry.failures + taken.failures)
        return entry

    def _one_of(
        self, context: Context, prompt: Mapping[int, Speech], ids: Mapping[str, str]
    ) -> Script[Entry]:
        rules = context.rules(self.properties())
        question = Question(
            prompt=prompt,
            grammar=Choices(tuple(ids), rules.terminator),
            no_input=self.no_input,
            invalid=self.invalid,
            repeat=self._repeat_key(),
            back="back" in context.wired,
        )
        entry = yield from gather(context, question, rules)
        return replace(entry, digits=ids.get(entry.digits, ""))

    @cached_property
    def _always_offered(self) -> bool:
        return all(choice.when is None for choice in self.choices.values())

    def _announcing(
        self, choices: Mapping[str, Choice], offer: Speech | None
    ) -> Mapping[int, Speech]:
        """Return the prompt with what it does not say itself: conditional choices, and `offer`."""
        more = [] if self._always_offered else [*announced_apart(choices)]
        if offer is not None:
            more.append(offer)
        if not more:
            return self.prompt
        return {count: joined(speech, *more) for count, speech in self.prompt.items()}

    @cached_property
    def _outcomes(self) -> Mapping[str, str]:
        """Return the outcome for each id of what can be chosen."""
        chosen = {id_of(key, choice): key for key, choice in self.choices.items()}
        return {**chosen, **{name: name for name in promoted(self.promote)}, **_ANYWHERE}

    def because(self, visit: Visit, language: str) -> str:
        if not self.personal:
            return ""
        holding = offered(self.choices, visit.context)
        return why_offered(visit, lines(self.choices, holding, self.promote), language)

    def exits(self) -> Mapping[str, str]:
        keyed = {key: f"The caller keyed {key}." for key in self.choices}
        taken = dict.fromkeys(promoted(self.promote), "The caller took what was promoted.")
        return {**keyed, **taken, **self.outcomes}

    def edges(self) -> Mapping[str, str]:
        named: dict[str, Choice | Promoted] = {**self.choices, **promoted(self.promote)}
        return {outcome: one.goto for outcome, one in named.items()}

    def speeches(self) -> Iterator[Speech]:
        for speeches in (self.prompt, self.no_input, self.invalid):
            yield from speeches.values()
        yield from self.services().values()
        yield from (one.say for one in self.promote)
        yield from announced_apart(self.choices)
        if self.add_offer is not None:
            yield self.add_offer
        if self.personal:
            yield from announcements()

    def services(self) -> Mapping[str, Speech]:
        return services(self.choices)

    def expressions(self) -> Iterator[Expression]:
        yield from (one.condition for one in self.choices.values() if one.condition is not None)

    def wants(self) -> Iterator[tuple[Expression, tuple[str, ...]]]:
        yield from ((condition, ("truth",)) for condition in self.expressions())

    def facts(self) -> Mapping[str, str]:
        return {LAST_SERVICE: "text"} if self.services() else {}

    def compares(self) -> Mapping[str, tuple[str, ...]]:
        rules = self.promote
        return {
            "segment": tuple(text for one in rules for text in one.segments),
            "products": tuple(text for one in rules for text in (*one.products, *one.lacks)),
            "language": tuple(text for one in rules for text in one.languages),
            "kind": tuple(one.matter for one in rules if one.matter),
        }

    def labels(self) -> Mapping[str, str]:
        named: dict[str, Choice | Promoted] = {**self.choices, **promoted(self.promote)}
        return {outcome: one.label for outcome, one in named.items() if one.label}

    def questions(self) -> tuple[tuple[Speech, int], ...]:
        return ((first(self._announcing(self.choices, None)), 1),)

    def sometimes(self) -> tuple[str, ...]:
        return tuple(key for key, choice in self.choices.items() if choice.when is not None)

    def shortcuts(self) -> tuple[str, ...]:
        return (*_ANYWHERE, *(OWN_KEYS if self.personal else ()))

    def keys(self) -> tuple[str, ...]:
        repeat = self._repeat_key()
        return (*self.choices, repeat) if repeat else tuple(self.choices)

    def _repeat_key(self) -> str:
        if self.repeat is not None:
            return self.repeat
        return "" if any(key.startswith(REPEAT) for key in self.choices) else REPEAT
