"""Scripted callers: what a caller hears and does, and how the call must end.

The same script runs on the simulator's virtual clock, in pytest, and live over SIP.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from ivr.model.duration import Duration
from ivr.model.profile import Profile
from ivr.model.speech import PromptId

KEY_APART_MS = 120
"""As fast as a practised thumb."""
SPEAKING_MS = 250
"""What a syllable or a Chinese character takes, about."""


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Hears(_Written):
    """Wait until a prompt begins. What is heard before is passed over."""

    hears: PromptId = Field(description="The prompt, by its id (or a segment of a spoken value).")
    within: Duration | None = Field(
        None, description="How long at most; then the caller gives up and the script has failed."
    )


class Presses(_Written):
    """Press keys, each `apart` after the one before."""

    presses: Annotated[str, Field(pattern=r"^[0-9*#]{1,128}$")]
    apart: Duration = KEY_APART_MS

    @model_validator(mode="before")
    @classmethod
    def _number(cls, body: Any) -> Any:
        if isinstance(body, dict) and type(body.get("presses")) is int:
            raise ValueError('keys are a text: write presses: "1", in quotes')
        return body


class Waits(_Written):
    """Do nothing for a while."""

    waits: Duration


class Says(_Written):
    """Speak: into a recording, for as long as the words take."""

    says: Annotated[str, Field(min_length=1, max_length=1000)]
    takes: Duration | None = Field(
        None, description="How long it takes, if not what it looks like."
    )

    @property
    def ms(self) -> int:
        """How long it takes."""
        return (
            self.takes if self.takes is not None else SPEAKING_MS * max(len(self.says.split()), 4)
        )


class HangsUp(_Written):
    """Hang up."""

    hangs_up: Literal[True]

    @model_validator(mode="before")
    @classmethod
    def _word(cls, body: Any) -> Any:
        return {"hangs_up": True} if body == "hangs_up" else body


def _verb(value: Any) -> str | None:
    """Return which action it is, by its verb."""
    if isinstance(value, _Written):
        return next(iter(type(value).model_fields))
    if isinstance(value, dict):
        return next((verb for verb in _VERBS if verb in value), None)
    return value if value == "hangs_up" else None


_VERBS = ("hears", "presses", "waits", "says", "hangs_up")

Action = Annotated[
    Annotated[Hears, Tag("hears")]
    | Annotated[Presses, Tag("presses")]
    | Annotated[Waits, Tag("waits")]
    | Annotated[Says, Tag("says")]
    | Annotated[HangsUp, Tag("hangs_up")],
    Discriminator(
        _verb,
        custom_error_type="action",
        custom_error_message="an action is one of hears, presses, waits, says, hangs_up",
    ),
]


class Fault(_Written):
    """How a port misbehaves, in the simulator: it answers late, fails, or never answers.

    It answers `well` so many times first. With `only`, nothing but these of its methods is concerned.
    """

    delay: Duration = 0
    fails: bool = False
    times_out: bool = False
    done: bool = Field(
        False, description="What it is asked is done all the same: only the answer is lost."
    )
    well: int = Field(0, ge=0)
    only: tuple[str, ...] = Field((), description="Methods of the port, such as `post`.")


class Alone(_Written):
    """What an agent has prepared for the caller to do alone with the machine."""

    kind: Literal["order", "payment", "identity"] = Field(
        "order", description="A dictated order, a payment, or showing who one is."
    )
    name: str = Field("", description="The order type, or the merchant's order number.")
    form: dict[str, str] = Field(
        {}, description="What the agent has filled in, by slot.", examples=[{"amount": "200.00"}]
    )


class Person(_Written):
    """Who takes calls at a queue or a destination, in the simulator.

    Answers `after` a while and `talks` before hanging up, or is `busy`, `no_answer` or `unavailable`
    (a destination), `full`, `empty`, `closed` or `overflow` (a queue). Between two talks of that
    length there is one of the `errands`, if any. Where `offers`, who waits is offered a call back; who has
    talked is sent on to the queue `sends_on`, if that is said.
    """

    after: Duration = 5_000
    talks: Duration = 30_000
    is_: (
        Literal["busy", "no_answer", "unavailable", "full", "empty", "closed", "overflow"] | None
    ) = Field(None, alias="is")
    errands: tuple[Alone, ...] = ()
    offers: bool = False
    sends_on: str = ""


AgentBegins = Literal["ready", "paused", "talking", "holding", "consulting", "wrap_up"]


class Remembered(_Written):
    """What is remembered of a customer before the call, in the simulator."""

    language: str = Field("", description="The language chosen in an earlier call.")
    entries: tuple[str, ...] = Field((), description="Their own menu: ids of choices, in order.")
    learning: bool = Field(False, description="Whether they let the order of it be learnt.")
    uses: dict[str, dict[Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}$")], int]] = Field(
        {}, description="How often each entry was used, by month: {balance: {2026-11: 9}}."
    )

    def profile(self, customer: str) -> Profile:
        """Return it as the profile of a customer."""
        return Profile(customer, self.language, self.entries, self.learning, self.uses)


class Expectations(_Written):
    """What must have happened when the call is over. What is not said may be anything."""

    ends: str | None = Field(None, description="The reason the call ended with.")
    trail: tuple[str, ...] = Field(
        (), description="Steps entered (`flow.step`), in this order, others may stand between."
    )
    heard: tuple[PromptId, ...] = Field(
        (), description="Prompts heard, in this order, others may stand between."
    )
    not_heard: tuple[PromptId, ...] = Field((), description="Prompts that must not be heard.")
    not_entered: tuple[str, ...] = Field((), description="Steps that must not be entered.")
    talks_with: tuple[str, ...] | None = Field(
        None,
        description="All agents talked with, in order: the call's row of the coverage ledger names them. In"
        " the simulator an agent has the name of their queue.",
    )

    def failures(
        self,
        *,
        ended: str,
        trail: Sequence[str],
        heard: Sequence[str],
        talked: Sequence[str] = (),
    ) -> tuple[str, ...]:
        """Return what is not as expected, in plain words; empty when all is."""
        found: list[str] = []
        if self.ends is not None and ended != self.ends:
            found.append(f"the call ended by `{ended}`, not by `{self.ends}`")
        found += _missing("step", "was not entered", self.trail, trail)
        found += _missing("prompt", "was not heard", self.heard, heard)
        found += [f"the prompt `{name}` was heard" for name in self.not_heard if name in heard]
        found += [f"the step `{name}` was entered" for name in self.not_entered if name in trail]
        if self.talks_with is not None and tuple(talked) != self.talks_with:
            wanted, came = (", ".join(one) or "nobody" for one in (self.talks_with, talked))
            found.append(f"the caller talked with {came}, not with {wanted}")
        return tuple(found)


class ScriptedCaller(_Written):
    """One call: who calls, what they do, and what must come of it."""

    caller: str = Field(min_length=1, description="What the call is about, for people.")
    calls: str = Field(pattern=r"^[0-9*]{1,20}$", description="The number dialled.")
    ani: str = Field("", pattern=r"^\+?[0-9]{0,20}$", description="The caller's number.")
    at: datetime | None = Field(
        None, description="When, on the bank's clock (simulator only); local time."
    )
    faults: dict[str, Fault] = Field({}, description="Ports that misbehave (simulator only).")
    people: dict[str, Person] = Field(
        {}, description="Who answers at queues and destinations (simulator only): nobody else does."
    )
    endpoint: str = Field(
        "",
        pattern=r"^[A-Za-z0-9_-]{0,64}$",
        description="The agent's telephone that calls, such as agent1001 (simulator only).",
    )
    agents: dict[str, AgentBegins] = Field(
        {}, description="What agents do before the call (simulator only): the others are offline."
    )
    profiles: dict[str, Remembered] = Field(
        {}, description="What is remembered of customers, by number (simulator only)."
    )
    script: tuple[Action, ...] = Field((), description="What the caller does, in order.")
    expects: Expectations = Expectations()

    @property
    def simulated_only(self) -> bool:
        """Whether it asks for what only the simulator can do."""
        own = self.endpoint or self.agents
        return bool(self.at or self.faults or self.people or self.profiles or own)


def _missing(
    kind: str, problem: str, expected: Iterable[str], happened: Sequence[str]
) -> list[str]:
    """Return the first of `expected` that does not follow the ones before it in `happened`."""
    position = 0
    before = ""
    for name in expected:
        try:
            position = happened.index(name, position) + 1
        except ValueError:
            after = f" after `{before}`" if before else ""
            seen = ", ".join(happened) or "nothing"
            return [f"the {kind} `{name}` {problem}{after}; in order: {seen}"]
        before = name
    return []
