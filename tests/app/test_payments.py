"""Payments by phone, from the keys to the gateway: in the simulator, with every test card, cut off and
hung up everywhere. What the gateway has taken and what the ledger says are compared, both ways."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from ivr.adapters.flowfile import load_files
from ivr.adapters.ledger.sqlite import SqliteLedger
from ivr.adapters.payments.embedded import SandboxGateway
from ivr.adapters.sim.phone import Deed, Happening, Listening, ScriptedPhone
from ivr.adapters.sim.prompts import SimPrompts
from ivr.adapters.sim.simulation import Incoming, Report, Simulation
from ivr.adapters.window.granting import GrantingWindow
from ivr.app.cashier import Cashier, cashiers
from ivr.app.clerk import clerks
from ivr.app.orderbook import OrderBook
from ivr.engine.replay import rerun
from ivr.model.errors import PortTimeout
from ivr.model.events import OrderChanged
from ivr.model.prompt import Recording
from ivr.model.scripted import ScriptedCaller
from ivr.model.values import Money
from ivr.ports.ledger import OrderRecord, Wanted
from ivr.ports.notify import Notice
from ivr.ports.orders import OrderState
from ivr.ports.payments import PaymentState
from ivr.ports.posting import Item

MONDAY = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
GOOD = "4242424242424242"
PAY = """\
flow: main
numbers: ["95500"]
languages: [en]
start: pay
on: {error: sorry}
steps:
  pay:
    pay: {on_file: false, attempts: 2, most: "50000.00"}
    on:
      success: paid
      payment_declined: declined
      unknown: unknown
      too_many_failed_attempts: failed
      caller_interrupted_with_star: star
      validation_error: wrong
      payment_connector_error: not-charged
      refused: refused
  paid: {say: [paid, {digits: "{{ payment_reference }}"}], next: bye}
  bye: {hangup: success}
  declined: {hangup: declined}
  unknown: {hangup: unknown}
  failed: {hangup: failed}
  star: {hangup: star}
  wrong: {hangup: wrong}
  not-charged: {hangup: not-charged}
  refused: {hangup: refused}
  sorry: {hangup: sorry}
"""
FLOWS = load_files({"main.yaml": PAY})


def keys(pan: str = GOOD, cvv: str = "123", order: str = "10000001") -> list[dict[str, Any]]:
    """What a caller does who pays with a card."""
    return [
        {"hears": "enter-merchant-order"},
        {"presses": f"{order}#"},
        {"hears": "pay-agree"},
        {"presses": "1"},
        {"hears": "enter-card-number"},
        {"presses": f"{pan}#"},
        {"hears": "enter-expiry"},
        {"presses": "1230"},
        {"hears": "enter-cvv-amex" if pan.startswith("37") else "enter-cvv"},
        {"presses": cvv},
        {"hears": "pay-confirm"},
        {"presses": "1"},
    ]


def caller(script: list[dict[str, Any]], faults: Mapping[str, Any] | None = None) -> ScriptedCaller:
    return ScriptedCaller.model_validate(
        {"caller": "pays", "calls": "95500", "script": script, "faults": faults or {}}
    )


class Bank:
    """A bank that has no cards on file, and posts nothing here."""

    async def items(self, source: str, customer: str, now: datetime) -> tuple[Item, ...]:
        return ()


class Letters:
    """Implements Notify, and keeps what was sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send(self, notice: Notice) -> bool:
        self.sent.append(notice.key.rpartition(":")[2])
        return True


class Hands:
    """A clock that is moved by a test."""

    def __init__(self) -> None:
        self.time = MONDAY

    def now(self) -> datetime:
        return self.time


class Hotline:
    """A hotline that takes payments, over files that are its own."""

    def __init__(self, ledger: SqliteLedger, gateway: SandboxGateway) -> None:
        self.ledger = ledger
        self.gateway = gateway
        self.letters = Letters()
        ports = {
            "bank": Bank(),
            "gateway": gateway,
            "notify": self.letters,
            "window": GrantingWindow(),
        }
        made = {"orders": clerks(ledger), "payments": cashiers(ledger)}
        self.calls = Simulation(FLOWS, SimPrompts({}), ports, made=made, start=MONDAY)

    async def records(self) -> tuple[OrderRecord, ...]:
        """Return all orders."""
        return tuple(
            sorted(await self.ledger.select(Wanted()), key=lambda one: one.head and one.draft.at)
        )

    async def agree(self) -> tuple[str, ...]:
        """Return the orders that are paid; the gateway must have taken these and no others."""
        paid = []
        for record in await self.records():
            held = await self.gateway.query(record.draft.id)
            taken = held is not None and held.state is PaymentState.CAPTURED
            assert taken == (record.state is OrderState.POSTED), record.state
            assert held is None or held.state is not PaymentState.AUTHORISED
            if taken:
                paid.append(record.draft.id)
        order = await self.gateway.merchant_order("10000001")
        assert order is not None
        assert order.open == (not paid), "nothing else was taken either"
        return tuple(paid)


async def gives_up(seconds: float) -> None:
    raise PortTimeout("gateway", 5_000)


@asynccontextmanager
async def hotline(folder: Path) -> AsyncIterator[Hotline]:
    async with AsyncExitStack() as stack:
        ledger = await SqliteLedger.open(folder / "ledger.sqlite")
        stack.push_async_callback(ledger.close)
        gateway = await SandboxGateway.open(folder / "payments.sqlite", gives_up)
        stack.push_async_callback(gateway.close)
        yield Hotline(ledger, gateway)


@pytest.mark.parametrize(
    ("pan", "cvv", "ended", "state", "reason"),
    [
        (GOOD, "123", "success", OrderState.POSTED, ""),
        ("378282246310005", "1234", "success", OrderState.POSTED, ""),
        ("6205500000000000004", "123", "success", OrderState.POSTED, ""),
        ("4000000000000002", "123", "declined", OrderState.REJECTED, "refused"),
        ("4000000000009995", "123", "declined", OrderState.REJECTED, "funds"),
        ("4000000000009987", "123", "declined", OrderState.REJECTED, "card"),
        ("4000000000000119", "123", "not-charged", OrderState.REJECTED, "void"),
        ("4000000000007007", "123", "not-charged", OrderState.REJECTED, "void"),
        ("4000000000007015", "123", "success", OrderState.POSTED, ""),
        ("4000000000007023", "123", "success", OrderState.POSTED, ""),
        ("4000000000007031", "123", "success", OrderState.POSTED, ""),
    ],
)
async def test_a_card(
    pan: str, cvv: str, ended: str, state: OrderState, reason: str, tmp_path: Path
) -> None:
    async with hotline(tmp_path) as line:
        report = await line.calls.play(caller(keys(pan, cvv)))
        assert (report.ended, report.failures) == (ended, ())
        (record,) = await line.records()
        assert (record.state, record.reason) == (state, reason)
        assert len(await line.agree()) == (state is OrderState.POSTED)
        assert line.letters.sent == [state.value]
        if state is OrderState.POSTED:
            assert record.booked is not None
            assert record.booked.facts["tail"] == pan[-4:]
            assert set(record.booked.facts) == {"brand", "tail", "token"}


async def test_a_payment_of_which_nobody_can_tell_is_found_out_later(tmp_path: Path) -> None:
    async with hotline(tmp_path) as line:
        report = await line.calls.play(caller(keys("4000000000007049")))
        assert report.ended == "unknown"
        (record,) = await line.records()
        assert record.state is OrderState.UNKNOWN
        assert record.case
        hands = Hands()
        cashier = Cashier(OrderBook(line.ledger, hands), line.gateway)
        for minutes in range(6, 36, 6):
            hands.time = MONDAY + timedelta(minutes=minutes)
            await cashier.catch_up()
        (record,) = await line.records()
        assert record.state is OrderState.POSTED
        assert len(await line.agree()) == 1


async def test_a_wrong_code_is_keyed_again_and_the_first_payment_stays_declined(
    tmp_path: Path,
) -> None:
    again = [
        {"hears": "declined-cvv"},
        {"hears": "enter-cvv"},
        {"presses": "123"},
        {"hears": "pay-confirm"},
        {"presses": "1"},
    ]
    async with hotline(tmp_path) as line:
        report = await line.calls.play(caller(keys(cvv="000") + again))
        assert (report.ended, report.failures) == ("success", ())
        states = sorted(record.state for record in await line.records())
        assert states == [OrderState.POSTED, OrderState.REJECTED]
        assert len(await line.agree()) == 1


@pytest.mark.parametrize(
    ("methods", "fault", "ended", "paid"),
    [
        (["authorise"], {"times_out": True, "done": True}, "success", True),
        (["authorise"], {"times_out": True}, "not-charged", False),
        (["authorise"], {"fails": True, "done": True}, "success", True),
        (["capture"], {"times_out": True, "done": True}, "success", True),
        (["capture"], {"times_out": True}, "unknown", True),
        (["authorise", "query"], {"times_out": True}, "unknown", False),
        (["authorise", "query"], {"times_out": True, "done": True}, "unknown", True),
        (["authorise", "void"], {"fails": True}, "unknown", False),
        (["merchant_order"], {"fails": True}, "not-charged", False),
    ],
)
async def test_a_gateway_that_fails(
    methods: list[str], fault: dict[str, Any], ended: str, paid: bool, tmp_path: Path
) -> None:
    script = keys() if methods != ["merchant_order"] else keys()[:2]
    async with hotline(tmp_path) as line:
        report = await line.calls.play(caller(script, {"gateway": {"only": methods, **fault}}))
        assert report.ended == ended
        hands = Hands()
        hands.time = MONDAY + timedelta(minutes=10)
        await Cashier(OrderBook(line.ledger, hands), line.gateway).catch_up()
        assert all(record.state.over for record in await line.records() if record.state.binding)
        assert len(await line.agree()) == paid


@pytest.mark.parametrize(
    ("port", "fault", "ended"),
    [
        ("window", {"fails": True}, "refused"),
        ("orders", {"only": ["draft"], "fails": True}, "not-charged"),
        ("orders", {"only": ["read_back"], "fails": True}, "not-charged"),
        ("payments", {"only": ["pay"], "times_out": True}, "not-charged"),
        ("payments", {"only": ["pay", "settle"], "times_out": True}, "unknown"),
        ("payments", {"only": ["pay"], "times_out": True, "done": True}, "success"),
    ],
)
async def test_what_the_caller_is_told_is_true(
    port: str, fault: dict[str, Any], ended: str, tmp_path: Path
) -> None:
    script = {"window": keys()[:4], "orders": keys()[: 4 if fault.get("only") == ["draft"] else 10]}
    async with hotline(tmp_path) as line:
        report = await line.calls.play(caller(script.get(port, keys()), {port: fault}))
        assert (report.ended, report.failures) == (ended, ())
        assert len(await line.agree()) == (ended == "success")


class HangsUpAt:
    """A caller who hangs up a moment after the given recording began, or when there is nothing more to
    hear."""

    def __init__(self, phone: ScriptedPhone, prompt: int) -> None:
        self._phone = phone
        self._left = prompt
        self._leaves_ms: int | None = None

    def began(self, recording: Recording, at_ms: int) -> None:
        self._phone.began(recording, at_ms)
        if self._left == 0:
            self._leaves_ms = at_ms + 1
        self._left -= 1

    def next(self, now_ms: int, until_ms: int, listening: Listening) -> Happening | None:
        if self._leaves_ms is not None and self._leaves_ms <= until_ms:
            return Happening(self._leaves_ms, Deed.HANGUP)
        return self._phone.next(now_ms, until_ms, listening)


@pytest.mark.proof
async def test_who_hangs_up_anywhere_before_the_yes_pays_nothing(tmp_path: Path) -> None:
    script = caller(keys()).script
    async with hotline(tmp_path / "whole") as line:
        whole = await line.calls.play(caller(keys()))
    for prompt in range(len(whole.heard)):
        async with hotline(tmp_path / str(prompt)) as line:
            phone = HangsUpAt(ScriptedPhone(script), prompt)
            report = await line.calls.call(phone, Incoming(dnis="95500"))
            assert report.ended == "caller"
            agreed = "paid" in whole.heard[: prompt + 1]
            assert len(await line.agree()) == agreed, whole.heard[prompt]


async def test_who_hangs_up_while_it_is_charged_has_paid_and_is_told_by_message(
    tmp_path: Path,
) -> None:
    late = {"gateway": {"only": ["capture"], "delay": "2s"}}
    script = [*keys(), {"waits": "1s"}, {"hangs_up": True}]
    async with hotline(tmp_path) as line:
        report = await line.calls.play(caller(script, late))
        assert report.ended == "caller"
        assert len(await line.agree()) == 1
        assert line.letters.sent == ["posted"]


@pytest.mark.proof
async def test_whoever_is_lost_at_any_step_pays_once(tmp_path: Path) -> None:
    async with hotline(tmp_path / "whole") as line:
        whole = await line.calls.play(caller(keys()))
    for lose_at in range(1, whole.saves + 1):
        async with hotline(tmp_path / str(lose_at)) as line:
            report = await line.calls.play(caller(keys()), lose_at=lose_at)
            assert (report.ended, report.failures) == ("success", ()), lose_at
            assert len(await line.agree()) == 1


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))


async def test_no_digit_of_a_card_is_kept_anywhere(tmp_path: Path) -> None:
    pan, expiry, cvv = "5105105105105100", "1230", "739"
    async with hotline(tmp_path) as line:
        report = await line.calls.play(caller(keys(pan, cvv)))
        assert report.ended == "success"
        records = msgspec.json.encode(await line.records())
    kept = everything_in(tmp_path)
    told = b"".join(report.journal) + msgspec.json.encode(report.events) + records + kept
    assert pan.encode() not in told
    assert pan[:-4].encode() not in told
    assert cvv.encode() not in b"".join(report.journal) + msgspec.json.encode(report.events)
    assert f'"{expiry}"'.encode() not in told
    assert b"5100" in records, "the tail is what is kept"


async def test_a_payment_is_replayed_from_its_journal(tmp_path: Path) -> None:
    async with hotline(tmp_path) as line:
        report: Report = await line.calls.play(caller(keys()))
    again = [moment.event for moment in rerun(FLOWS, report.journal) if moment.event is not None]
    assert again == list(report.events)


async def test_what_became_of_it_stands_in_the_calls_events(tmp_path: Path) -> None:
    async with hotline(tmp_path) as line:
        report = await line.calls.play(caller(keys()))
        (record,) = await line.records()
    states = [(one.state, one.kind) for one in report.events if isinstance(one, OrderChanged)]
    assert states[-1] == (OrderState.POSTED, "payment")
    assert ("read_back", "") in states
    last = [one for one in report.events if isinstance(one, OrderChanged)][-1]
    assert (last.order, last.reference) == (record.draft.id, record.reference)


async def test_what_is_paid_is_the_amount_that_was_heard(tmp_path: Path) -> None:
    async with hotline(tmp_path) as line:
        await line.calls.play(caller(keys()))
        (record,) = await line.records()
        assert record.booked is not None
        assert record.booked.amount == Money.of("388.00")
