"""How long callers wait for the ports of an engine."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ivr.adapters.clock import SystemClock
from ivr.app import banking
from ivr.app.banking import bank_of, gateway_of, payments_of
from ivr.app.config import BankConfig, Config, PaymentsConfig, ProfilesConfig
from ivr.app.service import profiles_of
from ivr.model.errors import PortTimeout
from ivr.model.secret import Secret
from ivr.ports.payments import Card, Payment, PaymentState
from tests.adapters.seal.test_sealer import PRIVATE, certificate, opened


class Silent:
    """A port that never answers."""

    async def never(self, *_: object) -> None:
        await asyncio.Event().wait()

    balance = identify = products = matters = get = put = capture = merchant_order = pay = never


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


async def test_a_gateway_answers_within_its_budget_and_a_payment_is_waited_for_longer() -> None:
    config = Config(payments=PaymentsConfig.model_validate({"budget": "5ms"}))
    with pytest.raises(PortTimeout, match="payments: no answer within 5 ms"):
        await gateway_of(config, silent(), SystemClock("Asia/Shanghai")).capture("k")
    cashier = payments_of(config, silent())
    with pytest.raises(PortTimeout, match="payments: no answer within 5 ms"):
        await cashier.merchant_order("1")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(banking, "WAIT_MS", 20)
        with pytest.raises(PortTimeout, match="payments: no answer within 25 ms"):
            await payments_of(config, silent()).pay("1")


class Sealed:
    """A gateway that keeps the cards that it is given."""

    def __init__(self) -> None:
        self.cards: list[Card] = []

    async def tokenise(self, key: str, card: Card) -> Payment:
        self.cards.append(card)
        return Payment(key, PaymentState.TOKENISED)


async def test_with_certificates_no_gateway_sees_a_card(tmp_path: Path) -> None:
    clock = SystemClock("Asia/Shanghai")
    begins = clock.now() - timedelta(days=1)
    certificate(tmp_path / "bank.pem", PRIVATE[0], begins)
    config = Config(payments=PaymentsConfig(seal=(Path("bank.pem"),))).resolved(tmp_path)
    behind: Any = Sealed()
    card = Card(Secret("4242424242424242"), Secret("1230"), Secret("123"))
    await gateway_of(config, behind, clock).tokenise("k", card)
    (seen,) = behind.cards
    assert opened(seen.sealed, PRIVATE[0], "k") == {
        "pan": "4242424242424242",
        "expiry": "1230",
        "cvv": "123",
    }
    assert len(seen.pan) + len(seen.expiry) + len(seen.cvv) == 0
