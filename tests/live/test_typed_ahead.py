"""Keys typed ahead, 120 ms apart, across prompts, menus and a balance look-up of two seconds.

What counts is what reached Asterisk, by its own log: on a crowded machine the test's telephone may
swallow a key, and with it that whole call. So more callers type than a thousand keys need.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from ivr.adapters.bank.demo import ACCOUNTS
from lab.ami import Ami
from lab.engine import Engine
from lab.library import Library
from lab.site import Lab
from lab.telephone import NotHeard, Telephone
from tests.live.kit import ALWAYS, Watch, arrivals, bank, flows, hours, watching

Asterisk = tuple[Ami, Watch]

KEYS = 1000
APART_MS = 120
AT_A_TIME = 28
"""Four calls an account: more at once would use up its PIN attempts."""
ROUND = "105" + "1" + "2"
"""While the balance is looked up for two seconds and told: nothing of it is heard. Then branch 105's
hours, back to the main menu (1), branch hours again (2)."""
ROUNDS = 6
FIRST = "1" + "1"
"""Chinese, balance; then the account."""
AFTER = "1" + "2"
"""Pressed while the bank looks up the balance: main menu, branch hours."""


def typed() -> str:
    """All keys of one call after its PIN."""
    return AFTER + ROUND * ROUNDS


@dataclass(frozen=True)
class Done:
    """A call: the keys its caller meant to press, its channel, and the steps it came to."""

    keys: str
    channel: str
    steps: list[str]


async def one_call(phone: Telephone, engine: Engine, asterisk: Asterisk, number: int) -> Done:
    """Type everything ahead."""
    ami, watch = asterisk
    ani = f"139{number:08}"
    call = await phone.call("95500", ani=ani)
    started = await engine.happens("CallStarted", ani=ani)
    channel = await watch.channel(started["call"], ami)
    account = ACCOUNTS[number % len(ACCOUNTS)]
    await call.press(f"{FIRST}{account.number}#", spacing_ms=APART_MS)
    with suppress(NotHeard):  # the steps tell more than what was heard
        await call.hears("enter-pin", within=10)
        await call.press(f"{account.pin}#", spacing_ms=APART_MS)
        await call.press(typed(), spacing_ms=APART_MS)
        await call.hears("enter-branch", within=40)
    await call.hang_up()
    lines = [line["event"] for line in engine.events if line["call"] == started["call"]]
    steps = [str(event["step"]) for event in lines if event["type"] == "StepEntered"]
    return Done(f"{FIRST}{account.number}#{account.pin}#{typed()}", channel, steps)


@pytest.mark.asterisk
@pytest.mark.timeout(120)
async def test_no_key_of_a_thousand_is_lost(lab: Lab, library: Library, tmp_path: Path) -> None:
    settings = {
        "flows": str(flows(tmp_path, {"service.yaml": hours(ALWAYS)})),
        "bank": {"file": str(bank(tmp_path)), "delay": "2s", "budget": "5s"},
    }
    looked_up = ["which", "look-up"]
    around = [*looked_up, "open", "done", "anything-else", "menu", "branch-hours"]
    expected = [
        *[
            "who",
            "welcome",
            "in-chinese",
            "menu",
            "balance",
            "ask",
            "granted",
            "balance",
            "say-balance",
        ],
        *["anything-else", "menu", "branch-hours"],
        *around * ROUNDS,
        "which",
    ]
    async with (
        arrivals(lab) as arrived,
        Engine(lab, tmp_path, settings) as engine,
        Telephone(lab, library) as phone,
        watching(lab) as asterisk,
    ):
        calls = [one_call(phone, engine, asterisk, number) for number in range(AT_A_TIME)]
        done = await asyncio.gather(*calls)
        whole = [call for call in done if arrived.on(call.channel) == call.keys]
    assert sum(len(call.keys) for call in whole) >= KEYS, "the telephone did not deliver enough"
    # What is done for a caller who has hung up may follow.
    assert [call.steps for call in whole if call.steps[: len(expected)] != expected] == []
