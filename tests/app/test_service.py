"""How long callers wait for the ports of an engine."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ivr.app.config import BankConfig, Config, ProfilesConfig
from ivr.app.service import bank_of, profiles_of
from ivr.model.errors import PortTimeout


class Silent:
    """A port that never answers."""

    async def never(self, *_: object) -> None:
        await asyncio.Event().wait()

    balance = identify = products = matters = get = put = never


def silent() -> Any:
    return Silent()


async def test_what_makes_a_call_personal_is_given_up_sooner_than_the_bank() -> None:
    bank = bank_of(
        Config(bank=BankConfig.model_validate({"budget": "40ms", "look_up": "5ms"})), silent()
    )
    with pytest.raises(PortTimeout, match="bank: no answer within 40 ms"):
        await bank.balance("1")
    for method in ("identify", "products", "matters"):
        with pytest.raises(PortTimeout, match="bank: no answer within 5 ms"):
            await getattr(bank, method)("C1")


async def test_a_profile_is_waited_for_within_its_budget() -> None:
    profiles = profiles_of(
        Config(profiles=ProfilesConfig.model_validate({"budget": "5ms"})), silent()
    )
    for method in ("get", "put"):
        with pytest.raises(PortTimeout, match="profiles: no answer within 5 ms"):
            await getattr(profiles, method)("C1")
    assert ProfilesConfig().budget == BankConfig().look_up == 800
