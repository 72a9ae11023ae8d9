"""Every order type of the demo, left at every moment: by hanging up, and by a lost connection.

Before an order is authorised nothing happens, after it the order is done, once; the ledger says which.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ivr.adapters.flowfile import try_load
from ivr.centre.orders.digest import digest
from ivr.model.commands import Command
from ivr.model.digits import Choices, Digits, Grammar, Status
from ivr.model.errors import CallerHungUp, PortError
from ivr.model.flow import FlowSet
from ivr.model.outcome import Outcome, Stay
from ivr.model.secret import Secret
from ivr.model.session import Frame, Session
from ivr.model.step import Context
from ivr.model.values import Money, Scalar
from ivr.ports.channel import Collect, Collected, Play, Played
from ivr.ports.clock import Now
from ivr.ports.identity import PinAnswer, PinResult, VerifyPin
from ivr.ports.orders import (
    Authorised,
    AuthoriseOrder,
    BeginOrder,
    CancelOrder,
    FreezeOrder,
    Order,
    OrderState,
    ReadBack,
    SettleOrder,
)
from ivr.ports.overrides import GetOverrides
from ivr.ports.posting import OPERATIONS, SOURCES, GetItems, GetTerms, Item, Terms
from ivr.steps.order import Order as OrderStep

FLOWS: FlowSet = try_load(Path(__file__).parents[2] / "flows").sound
NOON = datetime(2026, 11, 23, 12, tzinfo=timezone(timedelta(hours=8)))
TOLD: Mapping[str, Scalar] = {"money": Money.of("100.00")}
VALUES: Mapping[str, Scalar] = {"text": "12345678", "number": 8, "money": Money.of("100000.00")}


class Ledger:
    """An order in a ledger, and what the bank was told under it."""

    def __init__(self) -> None:
        self.state: OrderState | None = None
        self.said: ReadBack | None = None
        self.authorised = 0
        self.bound = ""

    def answer(self, command: Command[Any, Any]) -> Any:
        """Answer as the ledger, the bank, and a caller who confirms everything would."""
        match command:
            case Now():
                return NOON
            case GetOverrides():
                return ()
            case GetItems(source=source):
                return tuple(self._items(source))
            case GetTerms(operation=operation):
                tells = OPERATIONS[operation].tells.items()
                return Terms(facts={name: TOLD.get(kind, _value(kind)) for name, kind in tells})
            case Play():
                return Played(interrupted=False)
            case Collect(grammar=grammar, secret=secret):
                keys = _keys(grammar)
                if secret:
                    return Collected(Status.COMPLETE_TERM, secret=Secret("408297"), keyed=6)
                return Collected(Status.COMPLETE_TERM, keys, keyed=len(keys))
            case VerifyPin(binds=binds):
                assert self.state is OrderState.READ_BACK, "a PIN is asked for what was read back"
                self.bound = binds
                return PinAnswer(PinResult.RIGHT)
        return self._ledger(command)

    def _items(self, source: str) -> Iterator[Item]:
        for number, truth in enumerate((True, False)):
            fields = {name: _value(kind) for name, kind in SOURCES[source].items()}
            truths = {name: truth for name, kind in SOURCES[source].items() if kind == "truth"}
            yield Item(f"{source}-{number}", {**fields, **truths})

    def _ledger(self, command: Command[Any, Any]) -> Any:
        match command:
            case BeginOrder():
                self.state = self.state or OrderState.DRAFT
            case FreezeOrder(said=said):
                assert digest(said.id, said.text) == said.digest
                self.state, self.said = OrderState.READ_BACK, said
                return None
            case AuthoriseOrder(digest=signed):
                if self.state is not OrderState.READ_BACK or self.said is None:
                    return Authorised.OVER
                assert signed == self.said.digest
                assert self.bound in (signed, "")
                self.state, self.authorised = OrderState.AUTHORISED, self.authorised + 1
                return Authorised.YES
            case SettleOrder():
                if self.state is OrderState.AUTHORISED:
                    self.state = OrderState.POSTED
            case CancelOrder():
                if self.state in (OrderState.DRAFT, OrderState.READ_BACK):
                    self.state = OrderState.CANCELLED
                return None
            case _:
                raise AssertionError(f"asks {command}")
        assert self.state is not None
        return Order("o", "kind", self.state, "C1001", NOON, reference="11389069")


def _value(kind: str) -> Scalar:
    return VALUES.get(kind, True)


def _keys(grammar: Grammar) -> str:
    if isinstance(grammar, Choices):
        return "1"
    if isinstance(grammar, Digits):
        return "1" * grammar.least
    return next(keys for keys in grammar.examples((), "") if keys).removesuffix("#")


class Call:
    """A call in an order step, visit after visit. `ports` are those that were asked, in order."""

    def __init__(self, name: str, language: str = "zh") -> None:
        self.ledger = Ledger()
        self.ports: list[str] = []
        self.step = OrderStep(type=name).bound(FLOWS)
        self._session = Session(
            call_id="1.1",
            version="v",
            dnis="95500",
            ani="",
            language=language,
            started_at=NOON,
            frames=(Frame("flow", "step"),),
            auth=2,
            facts={"customer": {"number": "C1001", "account": "6222021001"}},
        )

    def run(
        self, leave: int = -1, error: Exception | None = None, *, done: bool = False
    ) -> Outcome | None:
        """Run to the outcome. At the moment `leave` an error is thrown into the step, after what was
        asked was `done` or not; without one the connection is lost, and the visit begins again on
        another."""
        while True:
            self._session = msgspec.structs.replace(
                self._session, steps_taken=self._session.steps_taken + 1
            )
            ended = self._visit(leave, error, done=done)
            if isinstance(ended, Outcome):
                return ended
            if isinstance(ended, Stay):
                form = {**self._session.frame.form, **ended.changes}
                kept = {name: value for name, value in form.items() if value is not None}
                frame = msgspec.structs.replace(self._session.frame, form=kept)
                self._session = self._session.with_frame(frame)
            elif error is not None:
                return None

    def _visit(self, leave: int, error: Exception | None, *, done: bool) -> Any:
        script = self.step.run(Context(self._session, calendars=FLOWS.calendars))
        answer: Any = None
        try:
            while True:
                command = script.send(answer)
                self.ports.append(command.port)
                here = len(self.ports) - 1 == leave
                if not here or done:
                    answer = self.ledger.answer(command)
                if not here:
                    continue
                if error is None:
                    script.close()
                    return None
                answer = self.ledger.answer(script.throw(error))
        except StopIteration as stop:
            return stop.value
        except CallerHungUp:
            return None


ORDERS = sorted(FLOWS.orders)


def moments(name: str, *ports: str) -> list[int]:
    """Return the moments of a whole order at which one of these ports is asked; any, if none is named."""
    call = Call(name)
    assert call.run() == Outcome("posted")
    return [moment for moment, port in enumerate(call.ports) if not ports or port in ports]


def test_the_demo_has_order_types() -> None:
    assert {"transfer", "fund-purchase", "travel"} <= set(ORDERS)


@pytest.mark.parametrize("name", ORDERS)
def test_it_is_read_back_in_every_language_of_the_demo(name: str) -> None:
    texts = set()
    for language in FLOWS.flows["main"].languages:
        call = Call(name, language)
        assert call.run() == Outcome("posted")
        assert call.ledger.said is not None
        texts.add(call.ledger.said.text)
    assert len(texts) == 2


@pytest.mark.parametrize("name", ORDERS)
def test_who_hangs_up_before_it_is_authorised_has_ordered_nothing(name: str) -> None:
    ends = set()
    for moment in moments(name):
        call = Call(name)
        call.run(moment, CallerHungUp("gone"))
        done = call.ledger.authorised == 1
        assert call.ledger.state in (
            {OrderState.AUTHORISED, OrderState.POSTED} if done else {None, OrderState.CANCELLED}
        ), f"at moment {moment}"
        ends.add(done)
    assert ends == {True, False}


@pytest.mark.parametrize("name", ORDERS)
def test_a_lost_connection_at_any_moment_costs_no_order_and_makes_none_twice(name: str) -> None:
    for moment in moments(name):
        for done in (False, True):
            call = Call(name)
            assert call.run(moment, done=done) == Outcome("posted"), f"at moment {moment}"
            assert call.ledger.authorised == 1, f"at moment {moment}"


@pytest.mark.parametrize("done", [False, True], ids=["nothing done", "done, and the answer lost"])
@pytest.mark.parametrize("name", ORDERS)
def test_a_port_that_fails_at_any_moment_is_told_truly(name: str, done: bool) -> None:
    for moment in moments(name, "bank", "orders"):
        call = Call(name)
        ended = call.run(moment, PortError("any", "it fails"), done=done)
        assert ended is not None
        happened = call.ledger.authorised == 1
        assert ended.name in ({"posted", "unknown"} if happened else {"unavailable"}), moment
