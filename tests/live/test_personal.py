"""Personal menus on a real Asterisk: built by phone on one node, offered on another, shown to nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from ivr.model.profile import Profile
from lab.engine import Engine
from lab.site import Lab
from lab.telephone import NotHeard, PhoneCall, Telephone
from tests.live.kit import bank, remembered

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(90)]

BUILDER, MATTER, TYPIST, ENGLISH, CHOOSER = (f"1380000100{n}" for n in (1, 2, 3, 6, 5))
SHARED = "13800001111"
KNOWN = (
    Profile("C1002", entries=("balance",)),
    Profile("C1003", entries=("balance", "branch-hours", "message")),
    Profile("C1006", language="en", entries=("message",)),
)


TRIES = 3
"""How often a caller calls: a busy machine may lose a key, which other tests judge."""

Doing = Callable[[Telephone], Awaitable[None]]


async def tried(phone: Telephone, doing: Doing) -> None:
    """Call until the caller hears what is expected."""
    for _ in range(TRIES - 1):
        with suppress(NotHeard):
            await doing(phone)
            return
    await doing(phone)


def _names(call: PhoneCall) -> set[str]:
    """Return what was heard so far, as `language/prompt`."""
    return {heard.name for heard in call.heard}


async def in_chinese(phone: Telephone, ani: str) -> PhoneCall:
    """Call and choose Chinese at the greeting, in whichever language that is."""
    call = await phone.call("95500", ani=ani)
    await call.hears("welcome")
    await call.press("1")
    return call


async def builds_a_menu(phone: Telephone) -> None:
    call = await in_chinese(phone, BUILDER)
    await call.hears("main-menu")
    await call.press("2")
    await call.hears("enter-branch")
    await call.press("105")
    await call.hears("anything-else", within=30)
    await call.press("*7")
    await call.hears("menu-shortcut")
    await call.hears("press-1", within=15)
    await call.hang_up()


async def asks_for_the_transfer(phone: Telephone) -> None:
    """Nothing is said of it before the PIN; after it, it comes first."""
    call = await in_chinese(phone, MATTER)
    await call.hears("item-balance")
    assert not any("about-" in name for name in _names(call))
    await call.press("1")
    await call.hears("enter-account")
    await call.press("6222021002#")
    await call.hears("enter-pin")
    await call.press("573916#")
    await call.hears("anything-else", within=30)
    await call.press("1")
    await call.hears("about-yesterday")
    await call.hears("press-7")
    await call.press("7")
    await call.hears("transfer-done")
    await call.hang_up()


async def types_ahead(phone: Telephone) -> None:
    """95500, then 1*3: no more of the menu is heard than there is between two keys."""
    call = await phone.call("95500", ani=TYPIST)
    await call.hears("welcome")
    await call.press("1*3")
    await call.hears("leave-message", within=15)
    assert not {"zh/item-branch-hours", "zh/all-services", "zh/main-menu"} & _names(call)
    await call.hang_up()


async def is_greeted_in_english(phone: Telephone) -> None:
    call = await phone.call("95500", ani=ENGLISH)
    await call.hears("en/welcome")
    await call.hears("en/item-message", within=20)
    await call.hang_up()


async def chooses_chinese(phone: Telephone) -> None:
    """The bank's language is English; what the caller chooses is kept, though they just hang up."""
    call = await phone.call("95500", ani=CHOOSER)
    await call.hears("en/welcome")
    await call.press("1")
    await call.hears("zh/main-menu")
    await call.hang_up()


async def is_nobody(phone: Telephone, ani: str = "anonymous") -> None:
    call = await in_chinese(phone, ani)
    await call.hears("main-menu")
    assert not any("item-" in name for name in _names(call))
    await call.hang_up()


async def shares_a_number(phone: Telephone) -> None:
    await is_nobody(phone, SHARED)


async def takes_the_first_entry(phone: Telephone) -> None:
    call = await in_chinese(phone, BUILDER)
    await call.hears("item-branch-hours")
    await call.press("*1")
    await call.hears("enter-branch")
    await call.hang_up()


async def is_greeted_in_chinese(phone: Telephone) -> None:
    call = await phone.call("95500", ani=CHOOSER)
    await call.hears("zh/welcome")
    await call.hang_up()


ON_THE_FIRST: tuple[Doing, ...] = (
    builds_a_menu,
    asks_for_the_transfer,
    types_ahead,
    is_greeted_in_english,
    chooses_chinese,
    is_nobody,
    shares_a_number,
)
ON_THE_SECOND: tuple[Doing, ...] = (takes_the_first_entry, is_greeted_in_chinese)


async def test_own_menus_are_built_offered_and_kept_across_nodes(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    bank(tmp_path)
    await remembered(tmp_path, *KNOWN)
    async with Engine(lab, tmp_path, port=lab.ports.agi_second) as second:
        async with Engine(lab, tmp_path):
            await asyncio.gather(*(tried(phone, doing) for doing in ON_THE_FIRST))
            assert second.events == []
        await asyncio.gather(*(tried(phone, doing) for doing in ON_THE_SECOND))
        await second.happens("MenuOffered", offered=["1 branch-hours"], own=True)
