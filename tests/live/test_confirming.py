"""A second factor by a call to the number on file, live: the bank rings the customer's telephone."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.engine import Engine
from lab.phone_call import PhoneCall
from lab.site import HOTLINE, Lab
from lab.telephone import Telephone
from tests.live.kit import bank

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(60)]

ON_FILE = "13800001003"
"""C1003's, whom the account and the PIN belong to."""
DIALLER = {"dialler": {"allow": ["1"], "ring": "10s"}}


async def ask_for_it(phone: Telephone) -> PhoneCall:
    """Want a new PIN, show the old one, and choose to be called back."""
    call = await phone.call(HOTLINE, ani=ON_FILE)
    await call.hears("welcome")
    await call.press("2")
    await call.hears("main-menu", within=10)
    await call.press("544")
    await call.hears("enter-account", within=10)
    await call.press("6222021003#")
    await call.hears("enter-pin")
    await call.press("719364#")
    await call.hears("press-2", within=10)
    await call.press("2")
    return call


async def figures(call: PhoneCall) -> tuple[str, str]:
    """Return the figures that a caller is told: the bank's, and their own. Whoever mishears listens again."""
    sign = await call.hears("confirm-call-sign", within=10)
    while True:
        answer = await call.hears("confirm-call-answer", within=10)
        again = await call.hears("confirm-call-sign", within=10)
        heard = [one.name.rpartition("/")[2] for one in call.heard]
        first, second, third = (call.heard.index(one) for one in (sign, answer, again))
        told = _digits(heard[first + 1 : second]), _digits(heard[second + 1 : third])
        if tuple(map(len, told)) == (2, 4):
            return told
        sign = again


def _digits(names: list[str]) -> str:
    return "".join(name[-1] for name in names)


async def test_the_bank_rings_the_number_on_file_and_the_call_goes_on_there(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    customer = phone.desk(ON_FILE)
    bank(tmp_path)
    async with Engine(lab, tmp_path, DIALLER) as engine:
        first = await ask_for_it(phone)
        sign, answer = await figures(first)
        await first.hang_up()  # as soon as they know: they are called all the same
        call = await customer.rings(within=5)
        await customer.pick_up(call)
        await call.hears("confirm-call-hello", within=10)
        await call.hears("confirm-call-enter", within=10)
        heard = [one.name.rpartition("/")[2] for one in call.heard]
        said = heard[heard.index("confirm-call-hello") + 1 : heard.index("confirm-call-enter")]
        assert _digits(said) == sign, "the bank proves itself first"
        await call.press(answer)
        await call.hears("enter-old-pin", within=10)
        await call.hang_up()
    assert not [line for line in engine.events if line["event"]["type"] == "StepFailed"]
