"""What is remembered from one call to the next, through the demo hotline on the virtual clock."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.adapters.flowfile.loader import load
from ivr.adapters.sim.simulation import Report, Simulation
from ivr.app.config import Config
from ivr.app.simulation import prompts_of, rehearsing
from ivr.centre.listening import heard_ms
from ivr.model.prompt import Prompted
from ivr.model.scripted import ScriptedCaller

ROOT = Path(__file__).parents[2]
FLOWS = load(ROOT / "flows")
PROMPTS = prompts_of(ROOT / "prompts")
MONDAY = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
EMILY, CUSTOMER = "13800001005", "C1005"
"""The bank's records say that she speaks English."""


async def call(simulation: Simulation, *script: object) -> Report:
    caller = {"caller": "Emily", "calls": "95500", "ani": EMILY, "script": script}
    return await simulation.play(ScriptedCaller.model_validate(caller))


def said(report: Report, prompt: str) -> str:
    """Return the text of the first time that a prompt was heard."""
    return next(moment.text for moment in report.moments if moment.what == prompt)


async def test_the_language_of_a_call_that_was_hung_up_is_that_of_the_next() -> None:
    with rehearsing(FLOWS, Config().resolved(ROOT), MONDAY) as begin:
        async with begin() as simulation:
            silent = await call(simulation, {"hears": "main-menu"}, "hangs_up")
            assert "Welcome" in said(silent, "welcome")
            assert "For your account balance" in said(silent, "main-menu")
            chosen = await call(
                simulation,
                {"hears": "welcome"},
                {"presses": "1"},
                {"hears": "main-menu"},
                "hangs_up",
            )
            assert chosen.ended == "caller"
            again = await call(simulation, {"hears": "main-menu"}, "hangs_up")
            assert "您好" in said(again, "welcome")
            assert "查询余额" in said(again, "main-menu")


async def test_who_keys_slowly_has_more_time_in_the_next_call() -> None:
    """The first key is 4.5 s late, then 6 s, of a timer of 5 s."""
    told = [Prompted(one) for one in ("main-menu", "item-complaints", "press-6")]
    menu = heard_ms(PROMPTS, told, "en")
    slow = [
        {"hears": "main-menu"},
        {"waits": f"{menu + 4500}ms"},
        {"presses": "9"},
    ]
    with rehearsing(FLOWS, Config().resolved(ROOT), MONDAY) as begin:
        async with begin() as simulation:
            for _ in range(4):
                assert "no-input" not in (await call(simulation, *slow, *slow, "hangs_up")).heard
            profile = await simulation.port("profiles").get(CUSTOMER)
            assert profile.pace.timeout(5_000) > 6_000
            slower = [{"hears": "main-menu"}, {"waits": f"{menu + 6000}ms"}, {"presses": "2"}]
            late = await call(simulation, *slower, {"hears": "enter-branch"}, "hangs_up")
            assert "no-input" not in late.heard
            assert late.failures == ()
