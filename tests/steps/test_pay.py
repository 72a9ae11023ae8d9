"""A keyed card is wiped however the payment ends, and the window is shut."""

from __future__ import annotations

from typing import Any

import pytest

from ivr.model.commands import Command
from ivr.model.digits import Choices, Digits, Status
from ivr.model.errors import CallerHungUp, OneCallError, PortError, PortTimeout, StepDeadline
from ivr.model.secret import Secret
from ivr.model.values import Money
from ivr.ports.cashier import PayByCard
from ivr.ports.channel import Collect, Collected, Play, Played
from ivr.ports.clock import Now
from ivr.ports.orders import BeginOrder, Order, OrderState
from ivr.ports.window import CloseWindow, Opened, OpenWindow
from ivr.steps.pay import Pay
from tests.steps import kit

CASE = kit.Case(case="", body={}, ends=None)
AT = kit.context(CASE).session.started_at
FORM = {
    "pay_number": "10000001",
    "pay_merchant": "M01",
    "pay_amount": Money.of("388.00"),
    "pay_months": "",
    "pay_agreed": True,
    "pay_on_file": False,
    "pay_attempt": 1,
}
DIGITS = {13: "4242424242424242", 4: "1230", 3: "123"}


class Caller:
    """Who keys a card, and keeps an eye on what becomes of it. `order` is what comes of the payment."""

    def __init__(self, state: OrderState = OrderState.POSTED, reason: str = "") -> None:
        self.keyed: list[Secret] = []
        self.asked: list[Command[Any, Any]] = []
        self.paid = Order("o1", "payment", state, "", AT, reason=reason)

    def answer(self, command: Command[Any, Any]) -> Any:
        self.asked.append(command)
        match command:
            case Now():
                return AT
            case BeginOrder():
                return Order("o1", "payment", OrderState.DRAFT, "", AT)
            case OpenWindow():
                return Opened(open=True)
            case Play():
                return Played(interrupted=False)
            case PayByCard():
                card = command.card
                assert (len(card.pan), len(card.expiry), len(card.cvv)) == (16, 4, 3)
                return self.paid
            case Collect(grammar=Choices()):
                return Collected(Status.COMPLETE_LEN, "1")
            case Collect(grammar=Digits(least)):
                self.keyed.append(Secret(DIGITS[least]))
                return Collected(Status.COMPLETE_TERM, secret=self.keyed[-1])
        return command.perform_now(None) if command.instant else None  # type: ignore[attr-defined]

    def pays(self, failing: int = -1, error: OneCallError | None = None) -> None:
        """Go through the step; its `failing`th command fails. Then nothing of the card is left."""
        script = Pay.model_validate({}).run(
            kit.context(kit.Case(case="", body={}, form=FORM, ends=None))
        )
        try:
            command = next(script)
            for number in range(200):
                wrong = number == failing
                if wrong and error is None:
                    script.close()
                    break
                answer = None if wrong else self.answer(command)
                command = script.throw(error) if wrong and error else script.send(answer)
        except (StopIteration, OneCallError):
            pass
        assert [len(one) for one in self.keyed] == [0] * len(self.keyed)


def asked_by(state: OrderState = OrderState.POSTED, reason: str = "") -> list[Command[Any, Any]]:
    caller = Caller(state, reason)
    caller.pays()
    return caller.asked


MOMENTS = len(asked_by())


def test_a_payment_has_its_moments() -> None:
    kinds = [type(command) for command in asked_by()]
    assert kinds.index(OpenWindow) < kinds.index(PayByCard) < kinds.index(CloseWindow)
    assert MOMENTS > 12


@pytest.mark.parametrize(
    "error",
    [
        CallerHungUp("gone"),
        PortError("payments", "it fails"),
        PortTimeout("payments", 5_000),
        StepDeadline("too long"),
        None,
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_happens_the_card_is_wiped_and_the_window_shut(error: OneCallError | None) -> None:
    for moment in range(MOMENTS):
        caller = Caller()
        caller.pays(moment, error)
        kinds = [type(command) for command in caller.asked]
        if OpenWindow in kinds and error is not None and moment < MOMENTS - 1:
            assert CloseWindow in kinds, f"at {moment}"


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (OrderState.REJECTED, "funds"),
        (OrderState.REJECTED, "cvv"),
        (OrderState.REJECTED, "expired"),
        (OrderState.REJECTED, "void"),
        (OrderState.UNKNOWN, ""),
        (OrderState.READ_BACK, ""),
    ],
)
def test_whatever_comes_of_it_the_card_is_wiped(state: OrderState, reason: str) -> None:
    kinds = [type(command) for command in asked_by(state, reason)]
    assert kinds[-1] is CloseWindow
