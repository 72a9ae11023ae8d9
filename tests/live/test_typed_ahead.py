"""Keys typed ahead, 120 ms apart, across prompts, menus and a balance look-up of two seconds."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from ivr.adapters.bank.demo import ACCOUNTS
from lab.engine import Engine
from lab.library import Library
from lab.site import Lab
from lab.telephone import NotHeard, PhoneCall, Telephone
from tests.live.kit import ALWAYS, bank, flows, hours

KEYS = 1000
APART_MS = 120
AT_A_TIME = 21
"""Three calls an account: more at once would use up its PIN attempts."""
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


async def one_call(phone: Telephone, engine: Engine, number: int) -> list[str]:
    """Type everything ahead; return the steps of the call, in order."""
    ani = f"139{number:08}"
    call: PhoneCall = await phone.call("95500", ani=ani)
    started = await engine.happens("CallStarted", ani=ani)
    account = ACCOUNTS[number % len(ACCOUNTS)]
    await call.press(f"{FIRST}{account.number}#", spacing_ms=APART_MS)
    await call.hears("enter-pin", within=10)
    await call.press(f"{account.pin}#", spacing_ms=APART_MS)
    await call.press(typed(), spacing_ms=APART_MS)
    with suppress(NotHeard):  # the steps tell more than what was heard
        await call.hears("enter-branch", within=40)
    await call.hang_up()
    lines = [line["event"] for line in engine.events if line["call"] == started["call"]]
    return [f"{e['step']}" for e in lines if e["type"] == "StepEntered"]


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
        *["welcome", "in-chinese", "menu", "balance", "ask", "granted", "balance", "say-balance"],
        *["anything-else", "menu", "branch-hours"],
        *around * ROUNDS,
        "which",
    ]
    keys = len(f"{FIRST}{ACCOUNTS[0].number}#{ACCOUNTS[0].pin}#{typed()}")
    assert keys * AT_A_TIME >= KEYS
    async with (
        Engine(lab, tmp_path, settings) as engine,
        Telephone(lab, library) as phone,
    ):
        calls = [one_call(phone, engine, number) for number in range(AT_A_TIME)]
        steps = await asyncio.gather(*calls)
    lost = [taken for taken in steps if taken != expected]
    assert lost == []
