"""Hang up at every prompt of the demo flow: the channel is gone, the session closed, nothing leaks.

Every prompt that the demo's flows can say is in the table below, in both languages where both can be
reached; a test without Asterisk proves that none is missing.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ivr.adapters.flowfile import load
from ivr.model.flow import is_service_code
from ivr.model.profile import Profile
from lab.ami import Ami
from lab.caller import SPEECH
from lab.engine import Engine
from lab.errors import LabError
from lab.installation import REPOSITORY
from lab.library import Library
from lab.site import Lab
from lab.telephone import NotHeard, PhoneCall, Telephone
from tests.live.kit import (
    ALWAYS,
    NEVER,
    Watch,
    bank,
    customer,
    flows,
    hours,
    lock,
    remembered,
    shut,
    today_and_tomorrow,
    watching,
)

AT_A_TIME = 12
TRIES = 3
"""How often a prompt is tried to be reached: a busy machine may lose a key on the way there, which other
tests judge. What is judged here begins when the prompt is heard."""
GONE_WITHIN = 1.0
QUICK = {"timeout: 5s": "timeout: 600ms", "interdigit: 3s": "interdigit: 600ms"}
OPEN = {"main.yaml": {**QUICK, "timeout: 60s": "timeout: 1s"}, "service.yaml": hours(ALWAYS)}
CLOSED = {"main.yaml": QUICK, "service.yaml": hours(NEVER)}


@dataclass(frozen=True)
class World:
    """An engine to call: how its flows differ from the demo's, and its settings."""

    changes: Mapping[str, Mapping[str, str]]
    settings: Mapping[str, Any] = field(default_factory=dict)


WORLDS = {
    "open": World(OPEN),
    "closed": World(CLOSED),
    "holiday": World({"main.yaml": QUICK, "service.yaml": hours(NEVER, today_and_tomorrow())}),
    "bank-down": World(OPEN, {"bank": {"delay": "2s", "budget": "100ms"}}),
    "broken": World(OPEN, {"limits": {"steps": 4}}),
    "personal": World(OPEN),
    "personal-late": World(OPEN, {"profiles": {"delay": "2s"}}),
}

LANGUAGES = {"zh": "1", "en": "2"}
"""The key that chooses each at the greeting."""
ACCOUNTS = {"zh": ("6222021002", "573916"), "en": ("6222021005", "947318")}
LOCKED = "6222021006"
SHUT_BRANCH = "104"
SPEAK = "~"
"""Instead of keys: say something for a while, then `#`."""
REDIRECT = "!"
"""Instead of keys: Asterisk takes the call off the engine and brings it back."""

Doing = tuple[str, str]
"""Once a prompt is heard (or at once, for an empty one), press these keys."""


def signed_in(language: str) -> list[Doing]:
    """From the main menu to after the PIN."""
    account, pin = ACCOUNTS[language]
    return [("main-menu", "1"), ("enter-account", f"{account}#"), ("enter-pin", f"{pin}#")]


def wrong_pins(account: str, times: int) -> list[Doing]:
    """From the main menu to after so many wrong PINs."""
    return [
        ("main-menu", "1"),
        *[("enter-account", f"{account}#"), ("enter-pin", "739146#")] * times,
    ]


def cases(language: str) -> dict[str, tuple[str, list[Doing]]]:
    """Return prompt → (world, what the caller does after choosing the language)."""
    return {
        "main-menu": ("open", []),
        "main-menu-short": ("open", [("main-menu", "7")]),
        "no-input": ("open", []),
        "no-input-again": ("open", []),
        "invalid-choice": ("open", [("main-menu", "7")]),
        "invalid-choice-again": ("open", [("main-menu", "7"), ("main-menu-short", "7")]),
        "enter-account": ("open", [("main-menu", "1")]),
        "entry-cleared": ("open", [("main-menu", "1"), ("enter-account", "12*")]),
        "invalid-entry": ("open", [("main-menu", "1"), ("enter-account", "1#")]),
        "enter-pin": ("open", signed_in(language)[:2]),
        "wrong-account-or-pin": ("open", wrong_pins("6222029999", 1)),
        "not-authenticated": ("open", wrong_pins(f"622202888{LANGUAGES[language]}", 3)),
        "account-locked": ("open", wrong_pins(LOCKED, 1)),
        "balance-is": ("open", signed_in(language)),
        "anything-else": ("open", signed_in(language)),
        "goodbye": (
            "open",
            [
                *signed_in(language),
                ("anything-else", "#"),
                ("survey-easy", "5"),
                ("survey-solved", "1"),
            ],
        ),
        "enter-branch": ("open", [("main-menu", "2")]),
        "branch-opens": ("open", [("main-menu", "2"), ("enter-branch", "105")]),
        "branch-closes": ("open", [("main-menu", "2"), ("enter-branch", "105")]),
        "branch-unknown": ("open", [("main-menu", "2"), ("enter-branch", "999")]),
        "branch-closed-today": ("open", [("main-menu", "2"), ("enter-branch", SHUT_BRANCH)]),
        "leave-message": ("open", [("main-menu", "3")]),
        "message-saved": ("open", [("main-menu", "3"), ("leave-message", SPEAK)]),
        "nothing-recorded": ("open", [("main-menu", "3"), ("leave-message", "")]),
        "agents-busy": ("open", [("main-menu", "0")]),
        "agents-closed": ("closed", [("main-menu", "0")]),
        "agents-holiday": ("holiday", [("main-menu", "0")]),
        "bank-unavailable": ("bank-down", signed_in(language)),
        "sorry-technical": ("broken", [("main-menu", "1")]),
        "sorry-repeat": ("open", [("main-menu", REDIRECT)]),
    }


SERVICES = ("balance", "branch-hours", "gone")
LEARNT = Profile(
    "", entries=SERVICES, learning=True, uses={"branch-hours": {f"{today_and_tomorrow()[1:8]}": 9}}
)
MATTERS = {
    "yesterday": ("6222021002", "573916", "transfer-done"),
    "today": ("6222021005", "947318", "transfer-pending"),
    "recent": ("6222021007", "638295", "transfer-rejected"),
}
"""When a transfer was made → whose it is, and what is told of it."""


def personal_cases() -> dict[str, tuple[Profile, list[Doing]]]:
    """Return prompt → (what is remembered of an identified caller, what they do)."""
    nothing, own = Profile(""), Profile("", entries=SERVICES)
    edit = ("item-balance", "*8")
    return {
        "item-balance": (own, []),
        "menu-moved": (LEARNT, []),
        "fund-hours": (nothing, [("main-menu", "4")]),
        "nothing-to-add": (nothing, [("main-menu", "*7")]),
        "add-to-menu": (nothing, [("main-menu", "4"), ("fund-hours", "")]),
        "menu-shortcut": (nothing, [("main-menu", "4"), ("add-to-menu", "*7")]),
        "menu-empty": (nothing, [("main-menu", "*8")]),
        "edit-menu": (own, [edit]),
        "edit-entry": (own, [edit, ("edit-menu", "2")]),
        "entry-moved": (own, [edit, ("edit-menu", "2"), ("edit-entry", "1")]),
        "entry-removed": (own, [edit, ("edit-menu", "1"), ("edit-entry", "7")]),
        "learning-on": (own, [edit, ("edit-menu", "7")]),
        "learning-off": (LEARNT, [("menu-moved", ""), edit, ("edit-menu", "7")]),
    }


def matter_cases() -> dict[str, list[Doing]]:
    """Return prompt → what a stranger does until there is an open matter to be told of."""
    found: dict[str, list[Doing]] = {}
    for when, (account, pin, told) in MATTERS.items():
        keys = [("main-menu", "1"), ("enter-account", f"{account}#"), ("enter-pin", f"{pin}#")]
        found[f"about-{when}"] = [*keys, ("anything-else", "1")]
        found[told] = [*keys, ("anything-else", "1"), (f"about-{when}", "7")]
    return found


DICTATED = {
    *("orders-menu", "transfers", "savings", "bills", "others", "fees", "payments"),
    *("order-status", "change-pin", "alone", "complaints", "survey-back"),
}
"""Flows whose hundreds of prompts are heard by a few step types: one way for each kind of moment stands for
the others of its kind."""
BEYOND_A_SECOND_FACTOR = {
    *("factor-code", "factor-message", "factor-callback", "wrong-code", "no-second-factor"),
    *("code-positions", "code-by-message"),
    *("confirm-call-sign", "confirm-call-answer", "confirm-call-nothing-else"),
    *(f"code-position-{place}" for place in range(1, 13)),
}
"""Heard by those who have a telephone or a code that no test has; they are asked as all keys are."""


AMONG_PEOPLE = {
    *("queue", "callback", "assist", "agent", "called_back", "confirm_call"),
    *("survey", "campaign_call", "offer"),
}
"""Step types that wait for people, or speak to them: who hangs up there is tried with agents there
(test_floor.py, test_handoff.py, test_agents.py, test_callbacks.py, test_confirming.py); an offer comes once all else is done."""


def dictated_cases() -> dict[str, list[Doing]]:
    """Return language/prompt → what the caller does: a menu, a choice, digits, an amount, a date, what
    cannot be cut, a PIN, what came of it, a card in its secure window, a second factor."""
    orders, transfers = ("main-menu", "5"), ("orders-menu", "1")
    known = {
        "zh": [("enter-account", "6222021001#"), ("enter-pin", "408297#")],
        "en": [("enter-account", "6222021004#"), ("enter-pin", "862075#")],
    }
    to_amount = [("from-which-account", "1"), ("to-whom", "1")]
    transfer = [orders, transfers, ("transfers-menu", "1")]
    travel = [orders, ("orders-menu", "4"), ("others-menu", "2"), *known["zh"]]
    card = [("enter-merchant-order", "10000001#"), ("pay-agree", "1"), ("pay-method", "2")]
    cancel = [("enter-amount", "80#"), ("order-confirm", "*")]
    bills = [orders, ("orders-menu", "3")]
    return {
        "zh/orders-menu": [orders],
        "en/from-which-account": [*transfer, *known["en"]],
        "en/enter-payee-account": [*transfer, *known["en"], to_amount[0], ("to-whom", "3")],
        "zh/enter-amount": [*transfer, *known["zh"], *to_amount],
        "zh/enter-travel-day": [*travel, ("which-travel", "2"), ("to-which-city", "1")],
        "zh/check-transfer": [*transfer, *known["zh"], *to_amount, ("enter-amount", "80#")],
        "en/order-cancelled": [*transfer, *known["en"], *to_amount, *cancel],
        "zh/order-pin": [
            *(*transfer, *known["zh"], *to_amount),
            *(("enter-amount", "80#"), ("order-confirm", "1")),
        ],
        "en/order-posted": [
            *(*transfer, *known["en"], *to_amount),
            *(("enter-amount", "80#"), ("order-confirm", "1"), ("order-pin", "862075#")),
        ],
        "zh/second-factor": [*transfer, *known["zh"], *to_amount, ("enter-amount", "60000#")],
        "en/fee-rate": [*bills, ("bills-menu", "4"), ("fees-menu", "2")],
        "zh/enter-card-number": [*bills, ("bills-menu", "2"), *card],
        "en/enter-payment-reference": [*bills, ("bills-menu", "3"), *known["en"]],
        "en/enter-reference": [
            *(orders, ("orders-menu", "4"), ("others-menu", "3"), ("status-menu", "2")),
            *known["en"],
        ],
    }


IN_ONE_BREATH = {
    *(f"press-{key}" for key in range(1, 8)),
    *(
        "item-branch-hours",
        "item-message",
        "item-funds",
        "item-orders",
        "item-complaints",
        "all-services",
        "matter-transfer",
    ),
    *("edit-hint", "entry-gone", "learning-offer", "learning-stop", "edit-menu-end"),
}
"""Heard in one question with a prompt of the table, and with nothing between them."""
NOT_IN_THE_DEMO = {"menu-full"}
"""The demo has fewer services than a menu has room for."""


@dataclass(frozen=True)
class Case:
    """Where to hang up, and how to get there; what is `remembered` of a caller who is identified."""

    prompt: str
    world: str
    choose: str
    doings: tuple[Doing, ...]
    remembered: Profile | None = None

    def __str__(self) -> str:
        return self.prompt


def all_cases() -> list[Case]:
    """Return a case for each prompt in each language."""
    found = [
        Case(f"{language}/{prompt}", world, key, tuple(doings))
        for language, key in LANGUAGES.items()
        for prompt, (world, doings) in cases(language).items()
    ]
    for language, key in LANGUAGES.items():
        found += [
            Case(f"{language}/{prompt}", "personal", key, tuple(doings), profile)
            for prompt, (profile, doings) in personal_cases().items()
        ]
        found += [
            Case(f"{language}/{prompt}", "personal", key, tuple(doings))
            for prompt, doings in matter_cases().items()
        ]
        late = (("main-menu", "*8"),)
        found += [
            Case(prompt, "open", key, tuple(doings))
            for prompt, doings in dictated_cases().items()
            if prompt.startswith(language)
        ]
        found.append(Case(f"{language}/menu-unavailable", "personal-late", key, late, Profile("")))
    found.append(Case("en/welcome", "personal", "", (), Profile("", language="en")))
    greeting = ("zh/welcome", "zh/choose-language", "en/choose-language")
    return [*(Case(prompt, "open", "", ()) for prompt in greeting), *found]


def test_the_table_has_every_prompt_of_the_flows() -> None:
    """In both languages all of them, but for what is heard in one breath with another; of what is
    dictated, one for each type of step that speaks."""
    spoken: dict[str, set[str]] = {}
    for flow in load(REPOSITORY / "flows").flows.values():
        for node in flow.steps.values():
            served = flow.numbers and all(map(is_service_code, flow.numbers))
            apart = served or flow.name in DICTATED or node.step.verb in AMONG_PEOPLE
            where = node.step.verb if apart else ""
            prompts = {prompt.id for said in node.step.speeches() for prompt in said.prompts()}
            spoken.setdefault(where, set()).update(prompts)
    everywhere = spoken.pop("")
    assert everywhere >= IN_ONE_BREATH | NOT_IN_THE_DEMO | BEYOND_A_SECOND_FACTOR
    told = everywhere - IN_ONE_BREATH - NOT_IN_THE_DEMO - BEYOND_A_SECOND_FACTOR - {"second-factor"}
    wanted = {f"{language}/{prompt}" for language in LANGUAGES for prompt in told}
    wanted |= {
        f"{language}/sorry-{kind}" for language in LANGUAGES for kind in ("repeat", "technical")
    }
    covered = [case.prompt for case in all_cases()]
    dictated = set(dictated_cases())
    assert len(covered) == len(set(covered))
    assert wanted == set(covered) - dictated
    heard = {prompt.partition("/")[2] for prompt in dictated}
    unheard = {verb for verb, prompts in spoken.items() if prompts and not heard & prompts}
    # A PIN is changed, and a case told of, beyond a menu that is heard; agents key as callers key a branch.
    assert unheard - AMONG_PEOPLE == {"case", "case_status", "change_pin", "collect"}


class Run:
    """Calls of one world, hung up one by one where they should be."""

    def __init__(self, phone: Telephone, engine: Engine, ami: Ami, watch: Watch) -> None:
        self.phone = phone
        self.engine = engine
        self.ami = ami
        self.watch = watch
        self.failures: list[str] = []
        self._slots = asyncio.Semaphore(AT_A_TIME)

    async def hang_up_at(self, number: int, case: Case) -> None:
        """Call, get to the prompt, hang up, and measure how long the channel stays."""
        async with self._slots:
            call, call_id = await self._call(number, case, TRIES)
            try:
                hung_up = asyncio.get_running_loop().time()
                await call.hang_up()
                gone = await self.watch.when_gone(call_id, within=5) - hung_up
                if gone > GONE_WITHIN:
                    self.failures.append(f"{case}: the channel was there for {gone:.2f} s")
                await self._closed(call_id, case)
            except (LabError, TimeoutError) as error:
                self.failures.append(f"{case}: {error!r}; heard: {call.transcript}")
                await call.hang_up()

    async def _call(self, number: int, case: Case, tries: int) -> tuple[PhoneCall, str]:
        """Call until the prompt is heard; return the call and its id."""
        ani = telephone(number) if case.remembered else f"138{tries}{number:07}"
        since = len(self.engine.events)
        call = await self.phone.call("95500", ani=ani)
        try:
            started = await self.engine.happens("CallStarted", since=since, ani=ani)
            await self._reach(call, case, started["call"])
        except NotHeard:
            await call.hang_up()
            if tries == 1:
                raise
            return await self._call(number, case, tries - 1)
        return call, str(started["call"])

    async def _reach(self, call: PhoneCall, case: Case, call_id: str) -> None:
        if case.choose:
            await call.hears("welcome")
            await call.press(case.choose)
        for prompt, keys in case.doings:
            if prompt:
                await call.hears(prompt, within=30, whole=keys == SPEAK)
            if keys == SPEAK:
                # Longer than the tone that comes first; the message is what follows it.
                call.speak(SPEECH * 24)
                await call.quiet(1.5)
                await call.press("#")
            elif keys == REDIRECT:
                await self.watch.redirect(call_id, self.ami)
            elif keys:
                await call.press(keys)
        await call.hears(case.prompt, within=40)

    async def _closed(self, call_id: str, case: Case) -> None:
        lines = self.engine.events
        ended = [line for line in lines if line["call"] == call_id]
        since = lines.index(ended[0])
        while not any(
            line["call"] == call_id and line["event"]["type"] == "CallEnded" for line in lines
        ):
            await self.engine.happens("CallEnded", since=since, within=5)
            since = len(lines)


def telephone(number: int) -> str:
    """Return the number of the customer of a case."""
    return f"1390{number:07}"


async def introduce(folder: Path, file: Path, cases: Sequence[Case]) -> None:
    """Make a customer of each caller who is to be identified, and remember what is to be."""
    profiles = []
    for number, case in enumerate(cases):
        if case.remembered is not None:
            customer(file, f"H{number}", telephone(number), "fund")
            profiles.append(replace(case.remembered, customer=f"H{number}"))
    await remembered(folder, *profiles)


@pytest.mark.asterisk
@pytest.mark.timeout(180)
@pytest.mark.parametrize("world", WORLDS)
async def test_hang_up_at_every_prompt(
    lab: Lab, library: Library, tmp_path: Path, world: str
) -> None:
    file = bank(tmp_path)
    await lock(file, LOCKED)
    shut(file, SHUT_BRANCH)
    definition = WORLDS[world]
    settings = {"flows": str(flows(tmp_path, definition.changes)), **definition.settings}
    if "bank" in settings:
        settings["bank"] = {"file": str(file), **settings["bank"]}
    chosen = [case for case in all_cases() if case.world == world]
    await introduce(tmp_path, file, chosen)
    async with (
        Engine(lab, tmp_path, settings) as engine,
        Telephone(lab, library) as phone,
        watching(lab) as (ami, watch),
    ):
        run = Run(phone, engine, ami, watch)
        # The first call opens what all calls share.
        await run.hang_up_at(len(chosen), Case("zh/welcome", world, "", ()))
        before = engine.descriptors()
        await asyncio.gather(*(run.hang_up_at(n, case) for n, case in enumerate(chosen)))
        assert run.failures == []
        assert len(watch.gone) >= len(chosen)
        assert await lab.exchange.ask("core show channels count") is not None
        assert lab.exchange.channels() == []
        assert engine.descriptors() <= before
    with closing(sqlite3.connect(tmp_path / "onecall.sqlite")) as store:
        assert store.execute("SELECT count(*) FROM sessions").fetchone() == (0,)
