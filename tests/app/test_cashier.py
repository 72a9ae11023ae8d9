"""The cashier over a real ledger and the sandbox gateway, with whatever can go wrong between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ivr.adapters.ledger.sqlite import SqliteLedger
from ivr.adapters.payments.embedded import SandboxGateway
from ivr.app import cashier as module
from ivr.app.cashier import Cashier
from ivr.app.orderbook import OrderBook
from ivr.centre.orders.digest import digest
from ivr.model.errors import PortError, PortTimeout
from ivr.model.secret import Secret
from ivr.model.values import Money, Scalar
from ivr.ports.cashier import CHARGE, DESK, KEEP, REFUND, Paid
from ivr.ports.ledger import OrderRecord
from ivr.ports.orders import Authorised, Draft, Order, OrderState, ReadBack, Task
from ivr.ports.payments import Card, PaymentState
from tests.contracts.ledger_kit import StillClock, order_id

PRICE = Money.of("388.00")
GOOD = "4242424242424242"


class Gateway:
    """The sandbox, asked by somebody who writes down what is asked, and who can be cut off."""

    def __init__(self, sandbox: SandboxGateway) -> None:
        self.sandbox = sandbox
        self.asked: list[str] = []
        self.cut: dict[str, PortError] = {}
        self.gate: asyncio.Event | None = None
        self.reached = asyncio.Event()
        self.cards: list[Card] = []
        self.instead: dict[str, Callable[..., Any]] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def ask(*arguments: Any) -> Any:
            self.asked.append(name)
            self.cards += [one for one in arguments if isinstance(one, Card)]
            self.reached.set()
            if self.gate is not None:
                await self.gate.wait()
            if name in self.cut:
                raise self.cut[name]
            asked = self.instead.get(name, getattr(self.sandbox, name))
            return await asked(*arguments)

        return ask


class Till:
    """A cashier with all that is around it."""

    def __init__(self, ledger: SqliteLedger, sandbox: SandboxGateway) -> None:
        self.clock = StillClock()
        self.ledger = ledger
        self.gateway = Gateway(sandbox)
        self.book = OrderBook(ledger, self.clock)
        self.cashier = self.another()

    def another(self) -> Cashier:
        """Return a cashier of another engine on the same ledger."""
        gateway: Any = self.gateway
        return Cashier(OrderBook(self.ledger, self.clock, by="another"), gateway)

    async def frozen(
        self, number: int, task: Task, amount: Money = PRICE, customer: str = "C1001"
    ) -> tuple[str, str]:
        """Have an order read back; return its id and digest."""
        order, now = order_id(number), self.clock.now()
        kind = {CHARGE: "payment", KEEP: "card", REFUND: "refund"}[task.operation]
        await self.book.begin(Draft(order, kind, "1.1", customer, "", "zh", now, DESK))
        mark = digest(order, "text")
        await self.book.freeze(ReadBack(order, "text", mark, {}, task, now, amount))
        return order, mark

    async def pays(self, number: int = 1, pan: str = GOOD, cashier: Cashier | None = None) -> Order:
        order, mark = await self.frozen(number, charge())
        return await (cashier or self.cashier).pay(order, mark, self.clock.now(), card(pan))

    async def refunds(
        self, number: int, payment: int, amount: Money, customer: str = "C1001"
    ) -> Order:
        task = Task(REFUND, {"payment": order_id(payment)})
        order, mark = await self.frozen(number, task, amount, customer)
        return await self.cashier.confirm(order, mark, self.clock.now())

    async def later(self, seconds: float = 31) -> None:
        self.clock.at += timedelta(seconds=seconds)
        await self.cashier.catch_up()

    async def record(self, number: int = 1) -> OrderRecord:
        record = await self.ledger.record(order_id(number))
        assert record is not None
        return record


@asynccontextmanager
async def _till(folder: Path) -> AsyncIterator[Till]:
    async def gives_up(seconds: float) -> None:
        raise PortTimeout("gateway", 5_000)

    async with AsyncExitStack() as stack:
        ledger = await SqliteLedger.open(folder / "ledger.sqlite")
        stack.push_async_callback(ledger.close)
        sandbox = await SandboxGateway.open(folder / "payments.sqlite", gives_up)
        stack.push_async_callback(sandbox.close)
        yield Till(ledger, sandbox)


@pytest.fixture
async def till(tmp_path: Path) -> AsyncIterator[Till]:
    async with _till(tmp_path) as opened:
        yield opened


def card(pan: str = GOOD) -> Card:
    return Card(Secret(pan), Secret("1230"), Secret("123"))


def charge(order: str = "10000001", **more: Scalar) -> Task:
    return Task(CHARGE, {"order": order, "months": 0, "token": "", **more})


async def test_the_callers_card_may_be_wiped_at_once_and_the_copy_is_wiped_after(
    till: Till,
) -> None:
    order, mark = await till.frozen(1, charge())
    keyed = card()
    till.gateway.gate = asyncio.Event()
    paying = asyncio.ensure_future(till.cashier.pay(order, mark, till.clock.now(), keyed))
    await till.gateway.reached.wait()
    for secret in (keyed.pan, keyed.expiry, keyed.cvv):
        secret.wipe()
    till.gateway.gate.set()
    assert (await paying).state is OrderState.POSTED
    (sent,) = till.gateway.cards
    assert [len(one) for one in (sent.pan, sent.expiry, sent.cvv)] == [0, 0, 0]


async def test_nothing_is_sent_before_it_is_on_the_disk(till: Till) -> None:
    seen: list[OrderState] = []

    async def capture(*arguments: Any) -> Any:
        seen.append((await till.record()).state)
        return await till.gateway.sandbox.capture(*arguments)

    till.gateway.instead["capture"] = capture
    await till.pays()
    assert seen == [OrderState.POSTING]
    assert (await till.record()).attempts == 1


async def test_a_read_back_that_is_too_old_is_no_yes(till: Till) -> None:
    order, mark = await till.frozen(1, charge())
    at = till.clock.now() + timedelta(seconds=121)
    paid = await till.cashier.pay(order, mark, at, card())
    assert paid.state is OrderState.READ_BACK
    assert till.gateway.asked == []


async def test_the_same_payment_agreed_to_twice_is_one(till: Till) -> None:
    order, mark = await till.frozen(1, charge())
    both = await asyncio.gather(
        *(till.cashier.pay(order, mark, till.clock.now(), card()) for _ in range(2))
    )
    assert {one.state for one in both} == {OrderState.POSTED}
    assert till.gateway.asked.count("authorise") == 1


async def test_a_caller_who_does_not_wait_has_paid_all_the_same(till: Till) -> None:
    order, mark = await till.frozen(1, charge())
    till.gateway.gate = asyncio.Event()
    paying = asyncio.ensure_future(till.cashier.pay(order, mark, till.clock.now(), card()))
    await till.gateway.reached.wait()
    paying.cancel()
    till.gateway.gate.set()
    await till.cashier.catch_up()
    assert (await till.record()).state is OrderState.POSTED


class Slow(OrderBook):
    """A ledger that takes its time."""

    gate: asyncio.Event
    asked: asyncio.Event

    async def authorise(self, *arguments: Any) -> Authorised:
        self.asked.set()
        await self.gate.wait()
        return await super().authorise(*arguments)


async def test_a_caller_who_leaves_while_it_is_written_down_has_agreed(till: Till) -> None:
    gateway: Any = till.gateway
    book = Slow(till.ledger, till.clock)
    book.gate, book.asked = asyncio.Event(), asyncio.Event()
    cashier = Cashier(book, gateway)
    order, mark = await till.frozen(1, charge())
    paying = asyncio.ensure_future(cashier.pay(order, mark, till.clock.now(), card()))
    await book.asked.wait()
    paying.cancel()
    await asyncio.wait([paying])
    book.gate.set()
    async with asyncio.timeout(5):
        await till.gateway.reached.wait()
    await cashier.catch_up()
    assert (await till.record()).state is OrderState.POSTED


async def test_a_keyed_card_is_never_sent_again(till: Till) -> None:
    order, mark = await till.frozen(1, charge())
    assert await till.book.authorise(order, mark, till.clock.now(), ()) is Authorised.YES
    await till.later()
    assert till.gateway.asked == ["query", "void"]
    record = await till.record()
    assert (record.state, record.reason) == (OrderState.REJECTED, "void")


async def test_a_card_on_file_and_a_refund_are_sent_again_under_their_key(till: Till) -> None:
    order, mark = await till.frozen(1, charge(token="K1001"))
    assert await till.book.authorise(order, mark, till.clock.now(), ()) is Authorised.YES
    await till.later()
    assert till.gateway.asked == ["authorise_token", "capture"]
    assert (await till.record()).state is OrderState.POSTED
    till.gateway.cut["refund"] = till.gateway.cut["query"] = PortError("gateway", "cut off")
    assert (await till.refunds(2, 1, PRICE)).state is OrderState.UNKNOWN
    till.gateway.cut.clear()
    till.gateway.asked.clear()
    await till.later(2)
    assert till.gateway.asked == ["query", "refund"], "what was sent before is asked about first"
    assert (await till.record(2)).state is OrderState.POSTED
    held = await till.gateway.sandbox.query(order)
    assert held is not None
    assert held.refunded == PRICE


async def test_two_engines_that_race_capture_once(till: Till) -> None:
    till.gateway.cut["capture"] = till.gateway.cut["query"] = PortError("gateway", "cut off")
    assert (await till.pays()).state is OrderState.UNKNOWN
    till.gateway.cut.clear()
    till.clock.at += timedelta(seconds=60)
    await asyncio.gather(till.another().catch_up(), till.another().catch_up())
    assert (await till.record()).state is OrderState.POSTED
    assert till.gateway.asked.count("capture") == 2, "the one that failed, and one more"


async def test_a_late_request_finds_its_key_used_up(till: Till) -> None:
    till.gateway.cut["authorise"] = PortTimeout("gateway", 5_000)
    assert (await till.pays()).reason == "void"
    till.gateway.cut.clear()
    late = await till.gateway.sandbox.authorise(order_id(1), "10000001", PRICE, card(), 0)
    assert late.state is PaymentState.VOIDED
    assert (await till.pays(2)).state is OrderState.POSTED, "the order can be paid by another"


async def test_another_answer_than_to_what_was_asked_is_none(till: Till) -> None:
    async def authorise(key: str, *rest: Any) -> Any:
        return await till.gateway.sandbox.authorise("another", *rest)

    till.gateway.instead["authorise"] = authorise
    assert (await till.pays()).reason == "void"


async def test_a_card_is_kept(till: Till) -> None:
    order, mark = await till.frozen(1, Task(KEEP), Money(0))
    kept = await till.cashier.pay(order, mark, till.clock.now(), card())
    assert kept.state is OrderState.POSTED
    booked = (await till.record()).booked
    assert booked is not None
    assert booked.facts["token"].startswith("T")
    assert "authorise" not in till.gateway.asked


async def test_refunds_are_of_own_payments_and_never_more_than_was_paid(till: Till) -> None:
    paid = await till.pays()
    found = await till.cashier.find("C1001", paid.reference)
    assert found == Paid(paid.id, PRICE, PRICE, "visa", "4242")
    assert await till.cashier.find("C1002", paid.reference) is None
    part = Money.of("100.00")
    assert (await till.refunds(2, 1, part)).state is OrderState.POSTED
    found = await till.cashier.find("C1001", paid.reference)
    assert found is not None
    assert found.left == Money.of("288.00")
    too_much = await till.refunds(3, 1, PRICE)
    assert (too_much.state, too_much.reason) == (OrderState.REJECTED, "amount")
    stolen = await till.refunds(4, 1, part, customer="C1002")
    assert (stolen.state, stolen.reason) == (OrderState.REJECTED, "card")
    assert (await till.refunds(5, 1, Money.of("288.00"))).state is OrderState.POSTED
    assert await till.cashier.find("C1001", paid.reference) is None, "nothing is left"


async def test_what_is_declined_cannot_be_refunded(till: Till) -> None:
    declined = await till.pays(1, "4000000000009995")
    assert await till.cashier.find("C1001", declined.reference) is None
    assert (await till.refunds(2, 1, Money(1))).reason == "card"


class Stubborn(OrderBook):
    """A ledger that authorises and does not say so; `deaf`: it does not even hear of it."""

    deaf = False
    mute = False

    async def authorise(self, *arguments: Any) -> Authorised:
        if not self.deaf:
            await super().authorise(*arguments)
        raise PortTimeout("ledger", 2_000)

    async def cancel(self, order: str, why: str) -> None:
        if self.mute:
            raise PortTimeout("ledger", 2_000)
        await super().cancel(order, why)


@pytest.mark.parametrize(
    ("deaf", "mute", "state"),
    [(False, False, OrderState.POSTED), (True, False, None), (True, True, None)],
)
async def test_a_ledger_that_does_not_answer(
    till: Till, deaf: bool, mute: bool, state: OrderState | None
) -> None:
    gateway: Any = till.gateway
    book = Stubborn(till.ledger, till.clock)
    book.deaf, book.mute = deaf, mute
    copies: list[Card] = []

    def copied(one: Card) -> Card:
        copies.append(card())
        return copies[-1]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "_copied", copied)
        cashier = Cashier(book, gateway)
        if state is None:
            with pytest.raises(PortTimeout if mute else PortError):
                await till.pays(cashier=cashier)
            assert till.gateway.asked == []
        else:
            assert (await till.pays(cashier=cashier)).state is state
    (copy,) = copies
    assert len(copy.pan) == 0
    await till.later()
    over = (await till.record()).state
    assert over in (OrderState.POSTED, OrderState.CANCELLED, OrderState.READ_BACK)
