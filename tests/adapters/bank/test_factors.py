"""Codes by message: made, sent and checked by the bank; good for five minutes, and for one answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from ivr import pins
from ivr.adapters.bank.audit import callbacks
from ivr.adapters.bank.embedded import EmbeddedBank
from ivr.centre.pin import (
    ANSWER_FIGURES,
    FIGURES_VALID,
    MAX_ATTEMPTS,
    MAX_MESSAGES,
    MESSAGE_CODE_VALID,
    MESSAGES_WINDOW,
    SIGN_FIGURES,
)
from ivr.model.errors import PortError
from ivr.model.secret import Secret
from ivr.ports.identity import Begun, Factor, PinResult
from ivr.ports.notify import Notice
from tests.contracts.conftest import StillClock, seeded


class Handset:
    """Takes messages."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.there = True

    async def send(self, notice: Notice) -> bool:
        if not self.there:
            raise PortError("notify", "no route")
        self.notices.append(notice)
        return True

    @property
    def code(self) -> str:
        """The code received last."""
        return str(self.notices[-1].values["code"])


@pytest.fixture
def handset() -> Handset:
    return Handset()


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    for name, content in zip(("bank.sqlite", "bank.pepper"), seeded(), strict=True):
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o600)
    return tmp_path / "bank.sqlite"


@pytest.fixture
async def bank(path: Path, clock: StillClock, handset: Handset) -> AsyncIterator[EmbeddedBank]:
    bank = await EmbeddedBank.open(path, clock, notify=handset, chance=Random(1))
    yield bank
    await bank.close()


async def sent(bank: EmbeddedBank) -> Begun:
    return (await bank.begin_factor("C1003", Factor.MESSAGE, "en", "1.1")).begun


async def keyed(bank: EmbeddedBank, code: str) -> PinResult:
    return await bank.verify_factor("C1003", Factor.MESSAGE, Secret(code))


def another(code: str) -> str:
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"


async def test_the_code_that_was_sent_is_right_once(bank: EmbeddedBank, handset: Handset) -> None:
    assert await sent(bank) is Begun.READY
    notice = handset.notices[0]
    assert (notice.customer, notice.template, notice.language) == ("C1003", "one-time-code", "en")
    assert len(handset.code) == 6
    assert notice.values["minutes"] == 5
    assert await keyed(bank, another(handset.code)) is PinResult.WRONG
    assert await keyed(bank, handset.code) is PinResult.RIGHT
    assert await keyed(bank, handset.code) is PinResult.WRONG


async def test_a_code_is_good_for_five_minutes(
    bank: EmbeddedBank, handset: Handset, clock: StillClock
) -> None:
    await sent(bank)
    clock.at += MESSAGE_CODE_VALID
    assert await keyed(bank, handset.code) is PinResult.WRONG


async def test_only_the_last_code_sent_is_good(bank: EmbeddedBank, handset: Handset) -> None:
    await sent(bank)
    first = handset.code
    await sent(bank)
    assert len({one.key for one in handset.notices}) == 2
    assert await keyed(bank, first) is PinResult.WRONG
    assert await keyed(bank, handset.code) is PinResult.RIGHT


async def test_another_customers_code_is_wrong(bank: EmbeddedBank, handset: Handset) -> None:
    await sent(bank)
    result = await bank.verify_factor("C1001", Factor.MESSAGE, Secret(handset.code))
    assert result is PinResult.WRONG


async def test_new_codes_give_no_new_tries(bank: EmbeddedBank, handset: Handset) -> None:
    results = []
    for _ in range(MAX_MESSAGES):
        await sent(bank)
        results += [await keyed(bank, another(handset.code)) for _ in range(2)]
    assert results == [PinResult.WRONG] * MAX_ATTEMPTS + [PinResult.LOCKED]
    assert await keyed(bank, handset.code) is PinResult.LOCKED
    assert await sent(bank) is Begun.LOCKED


async def test_so_many_messages_and_no_more_within_a_time(
    bank: EmbeddedBank, clock: StillClock, handset: Handset
) -> None:
    assert [await sent(bank) for _ in range(MAX_MESSAGES)] == [Begun.READY] * MAX_MESSAGES
    assert await sent(bank) is Begun.REFUSED
    assert await keyed(bank, handset.code) is PinResult.RIGHT
    clock.at += MESSAGES_WINDOW
    assert await sent(bank) is Begun.READY


async def test_a_message_that_cannot_be_sent_is_told(bank: EmbeddedBank, handset: Handset) -> None:
    handset.there = False
    with pytest.raises(PortError, match="no route"):
        await sent(bank)


async def test_codes_are_kept_nowhere_in_the_bank(
    bank: EmbeddedBank, handset: Handset, path: Path
) -> None:
    await sent(bank)
    kept = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert handset.code.encode() not in kept


async def test_without_messages_nobody_is_offered_one(path: Path, clock: StillClock) -> None:
    bank = await EmbeddedBank.open(path, clock)
    assert await bank.factors("C1003") == (Factor.CALLBACK,)
    assert await sent(bank) is Begun.REFUSED
    await bank.close()


async def called(bank: EmbeddedBank, call: str = "1.7") -> str:
    """Have figures told for a call back; return those to key."""
    challenge = await bank.begin_factor("C1005", Factor.CALLBACK, "en", call)
    assert (challenge.begun, challenge.number) == (Begun.READY, "13800001005")
    assert len(challenge.figures) == SIGN_FIGURES + ANSWER_FIGURES
    return challenge.figures[SIGN_FIGURES:]


async def answers(bank: EmbeddedBank, figures: str) -> PinResult:
    return await bank.verify_factor("C1005", Factor.CALLBACK, Secret(figures))


async def test_the_figures_told_for_a_call_back_are_right_once(bank: EmbeddedBank) -> None:
    figures = await called(bank)
    assert await answers(bank, another(figures)) is PinResult.WRONG
    assert await bank.verify_factor("C1001", Factor.CALLBACK, Secret(figures)) is PinResult.WRONG
    assert await bank.verify_factor("C1005", Factor.MESSAGE, Secret(figures)) is PinResult.WRONG
    assert await answers(bank, figures) is PinResult.RIGHT
    assert await answers(bank, figures) is PinResult.WRONG


async def test_the_figures_told_last_are_good_for_ten_minutes(
    bank: EmbeddedBank, clock: StillClock
) -> None:
    first, second = await called(bank), await called(bank, "1.8")
    assert await answers(bank, first) is PinResult.WRONG
    clock.at += FIGURES_VALID
    assert await answers(bank, second) is PinResult.WRONG


async def test_the_figures_of_a_call_that_came_back_are_good(bank: EmbeddedBank) -> None:
    first, again = await called(bank), await called(bank)
    assert first != again
    assert await answers(bank, again) is PinResult.RIGHT


async def test_wrong_figures_lock_all_second_factors(bank: EmbeddedBank) -> None:
    figures = await called(bank)
    results = [await answers(bank, another(figures)) for _ in range(MAX_ATTEMPTS)]
    assert results == [PinResult.WRONG] * MAX_ATTEMPTS
    assert await answers(bank, figures) is PinResult.LOCKED


async def test_the_number_on_file_is_called_and_no_other(bank: EmbeddedBank, path: Path) -> None:
    await called(bank)
    (promised,) = callbacks(path, None)
    assert (promised.customer, promised.number, promised.call) == ("C1005", "13800001005", "1.7")
