"""What is signed: any change of a slot, the payee, the amount, the fee or the task changes the digest."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.centre.orders.digest import digest, order_id
from ivr.centre.orders.readback import Reading, reading
from ivr.model.errors import EvaluationError
from ivr.model.prompt import Prompted, Spoken
from ivr.model.values import Money
from ivr.ports.orders import Task
from tests.centre.orders.kit import GIFT, form, order_type

ORDER = order_type()
CHECKED_BY_NOBODY = """\
order: gift
slots:
  payee:
    choose: payees
    prompt: to
    item: [{digits: "{{ item.tail }}"}]
    name: the-payee
  target: {digits: {least: 4, most: 9}, when: "{{ payee.id == 'new' }}", prompt: which, name: the-payee}
case: {kind: gift, owner: desk}
read_back: [{when: "{{ known(target) }}", say: [{digits: "{{ target }}"}]}]
"""
TAILS = st.text("0123456789", min_size=4, max_size=4)
FORMS = st.builds(
    form,
    source=st.fixed_dictionaries({"id": st.sampled_from(["a1", "a2"]), "tail": TAILS}),
    payee=st.fixed_dictionaries({"account": TAILS, "tail": TAILS, "name": st.text(max_size=3)}),
    amount=st.integers(1, 10**12),
    fee=st.integers(0, 3),
    ident=st.sampled_from(["o1", "o2"]),
)


def read(filled: dict[str, Any], language: str = "zh") -> Reading:
    """Read an order back."""
    return reading(ORDER, filled, filled, language)


def test_it_is_what_is_heard_and_what_is_done() -> None:
    found = read(form(amount=1250, fee=100))
    assert found.heard == (
        Prompted("from"),
        Spoken("digits", "0001"),
        Prompted("to"),
        Spoken("digits", "1002"),
        Spoken("money", Money(1250)),
        Prompted("fee"),
        Spoken("money", Money(100)),
    )
    assert found.task == Task("transfer", {"from": "a1", "to": "6222", "amount": Money(1250)})
    assert (found.amount, found.fee) == (Money(1250), Money(100))


def test_a_part_is_heard_only_where_its_condition_holds() -> None:
    assert Prompted("fee") not in read(form(fee=0)).heard


def test_the_day_on_which_it_is_done_is_heard_at_the_end() -> None:
    order = order_type(
        GIFT + 'open: {calendar: banking, next_day: [on, {date: "{{ order.day }}"}]}\n'
    )
    filled = {**form(), "order": {"id": "o1", "day": "2026-11-23"}}
    assert reading(order, filled, filled, "en").heard[-2:] == (
        Prompted("on"),
        Spoken("date", "2026-11-23"),
    )
    assert reading(order, form(), form(), "en").heard[-1] == Spoken("money", Money(0))


def test_what_was_dictated_and_is_not_heard_cannot_be_signed() -> None:
    order = order_type(CHECKED_BY_NOBODY)
    saved = {**form(), "target": "6222"}
    new = {**form(payee={"id": "new"}), "target": "6222"}
    heard = reading(order, new, new, "zh").heard
    assert heard == (Spoken("digits", "6222"),)
    del saved["target"]
    with pytest.raises(
        EvaluationError, match="`payee` of `gift` would be signed, and is not heard"
    ):
        reading(order, saved, saved, "zh")


def test_there_is_none_in_a_language_that_nobody_wrote() -> None:
    with pytest.raises(EvaluationError, match="no read-back in fr"):
        read(form(), "fr")


@settings(max_examples=25)
@given(FORMS, FORMS, st.sampled_from(["zh", "en"]), st.sampled_from(["zh", "en"]))
def test_the_digest_is_the_same_for_the_same_and_for_nothing_else(
    one: dict[str, Any], other: dict[str, Any], first: str, second: str
) -> None:
    same = (one, first) == (other, second)
    assert (read(one, first).digest == read(other, second).digest) is same


@settings(max_examples=25)
@given(FORMS, st.data())
def test_any_change_of_a_slot_the_payee_or_the_amount_changes_the_digest(
    filled: dict[str, Any], data: st.DataObject
) -> None:
    before = read(filled).digest
    payee, source = filled["payee"], filled["source"]
    changes = [
        {"payee": {**payee, "account": payee["account"] + "1"}},
        {"payee": {**payee, "name": payee["name"] + "某"}},
        {"source": {**source, "id": source["id"] + "1"}},
        {"source": {**source, "balance": Money(source["balance"].minor + 1)}},
        {"amount": Money(filled["amount"].minor + 1)},
        {"terms": {"fee": Money(filled["terms"]["fee"].minor + 1)}},
    ]
    assert read({**filled, **data.draw(st.sampled_from(changes))}).digest != before


@settings(max_examples=25)
@given(FORMS)
def test_the_order_in_which_slots_were_filled_does_not_matter(filled: dict[str, Any]) -> None:
    turned = dict(reversed(list(filled.items())))
    assert read(turned).digest == read(filled).digest


def test_the_digest_is_the_sha_256_of_the_id_and_the_text() -> None:
    found = read(form())
    assert found.digest == digest("o1", found.text)
    assert digest("o1", "a") == "eae362c4871dca5de943da5ceb727b5e9f38d45bb8d16e1f84ab253864228681"
    assert digest("o1", "a") != digest("o", "1a")


def test_orders_of_one_call_and_calls_of_one_number_have_ids_of_their_own() -> None:
    ids = {order_id(call, at, count) for call in "12" for at in ("a", "b") for count in (1, 11)}
    assert len(ids) == 8
    assert all(len(one) == 32 and int(one, 16) >= 0 for one in ids)
