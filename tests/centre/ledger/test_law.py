"""The law of orders: only the ways of the diagram, and the entries come to the record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ivr.centre.ledger.acts import (
    Act,
    Agreed,
    Done,
    Drafted,
    Heard,
    Lost,
    Refused,
    Sent,
    Told,
    Withdrawn,
    story,
)
from ivr.centre.ledger.chain import LawBroken, fold, written
from ivr.ports.ledger import Booked, OrderRecord, SealedEntry
from ivr.ports.orders import OrderState
from tests.contracts.ledger_kit import MONDAY, draft, said

DRAFT, READ_BACK, AUTHORISED, POSTING = list(OrderState)[:4]
POSTED, REJECTED, UNKNOWN, CANCELLED = list(OrderState)[4:]

DIAGRAM = {
    (DRAFT, READ_BACK),
    (READ_BACK, AUTHORISED),
    (AUTHORISED, POSTING),
    (POSTING, POSTED),
    (POSTING, REJECTED),
    (POSTING, UNKNOWN),
    (UNKNOWN, POSTED),
    (UNKNOWN, REJECTED),
    (DRAFT, CANCELLED),
    (READ_BACK, CANCELLED),
    # A request for a person; what was found out of an order whose engine died before POSTING.
    (AUTHORISED, POSTED),
    (AUTHORISED, REJECTED),
    (AUTHORISED, UNKNOWN),
}
"""All ways from one state to another that there are."""

ACTS: tuple[Act, ...] = (
    Drafted(draft()),
    Heard(said()),
    Agreed("12345670"),
    Sent(1),
    Done(Booked("B1")),
    Refused("funds"),
    Lost("no answer", "12345671"),
    Withdrawn("the caller left"),
    Told("order-posted"),
)


class Orders(RuleBasedStateMachine):
    """One order to which anything is tried to happen at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.record: OrderRecord | None = None
        self.entries: list[SealedEntry] = []
        self.states: list[OrderState] = []

    @rule(act=st.sampled_from(ACTS))
    def happens(self, act: Act) -> None:
        at = MONDAY + timedelta(seconds=len(self.entries))
        try:
            entry, record = written(self.record, act, at, "test")
        except LawBroken:
            return
        before = self.record
        self.entries.append(entry)
        self.states.append(record.state)
        self.record = record
        if before is not None and before.state is not record.state:
            assert (before.state, record.state) in DIAGRAM

    @precondition(lambda self: self.record is not None)
    @invariant()
    def the_entries_come_to_the_record(self) -> None:
        assert fold(self.entries) == self.record

    @precondition(lambda self: self.record is not None)
    @invariant()
    def nothing_is_sent_that_was_not_authorised(self) -> None:
        assert self.record is not None
        if self.record.attempts or self.record.state.binding:
            assert AUTHORISED in self.states
            assert self.record.reference

    @invariant()
    def what_is_over_stays_so(self) -> None:
        over = [state for state in self.states if state.over]
        assert len(set(over)) <= 1
        assert not over or self.states[-1].over


TestOrders = Orders.TestCase
TestOrders.settings = settings(max_examples=60, stateful_step_count=15)


def test_every_way_of_the_diagram_is_gone() -> None:
    ways = {
        (before, after)
        for act in Act.__subclasses__()
        for before, after in act.leads.items()
        if before is not after
    }
    assert ways == DIAGRAM


def test_every_act_is_tried() -> None:
    assert {type(act) for act in ACTS} == set(Act.__subclasses__())


def test_nothing_happens_to_no_order() -> None:
    for act in ACTS[1:]:
        with pytest.raises(LawBroken, match="there is no such order"):
            written(None, act, MONDAY, "test")


@pytest.mark.parametrize("act", ACTS, ids=lambda act: type(act).__name__)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_act_has_words(act: Act, language: str) -> None:
    words = story(act, language)
    assert words
    assert "{" not in words


def test_of_account_numbers_people_see_the_last_digits() -> None:
    lost = story(Lost("no account 6222021001", "12345671"), "en")
    assert lost == "not known whether it was done (no account ••••1001); case 12345671 was opened"
