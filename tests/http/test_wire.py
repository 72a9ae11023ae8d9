"""Types on the wire."""

from __future__ import annotations

import json
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.http.wire import EXACT, SECRET_MOST, convert, decode, encode, wire
from ivr.model.secret import Secret
from ivr.model.values import Money, Scalar
from tests.http.kit import Parcel

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 23, 10, 30, tzinfo=ZONE)

_MONEY = st.builds(
    Money, st.integers(-EXACT, EXACT), st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3)
)
_TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
_SCALAR = st.none() | st.booleans() | st.integers(-EXACT, EXACT) | _TEXT | _MONEY
_PARCEL = st.builds(
    Parcel,
    name=_TEXT,
    at=st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, ZONE)),
    price=_MONEY,
    about=st.dictionaries(_TEXT, _SCALAR, max_size=4),
    parts=st.lists(_MONEY, max_size=3).map(tuple),
    on=st.none() | st.dates(),
)


@pytest.mark.parametrize("strict", [True, False])
@given(parcel=_PARCEL)
def test_what_is_sent_is_what_arrives(strict: bool, parcel: Parcel) -> None:
    kind = wire(Parcel, strict=strict)
    arrived = convert(decode(encode(convert(parcel, kind)), kind), Parcel)
    assert arrived == parcel
    assert arrived.at.utcoffset() == parcel.at.utcoffset()


def test_how_it_looks() -> None:
    about: dict[str, Scalar] = {"of": Money(5, "USD"), "n": 3, "no": None}
    parcel = Parcel("a", AT, Money(123_450), about=about, on=date(2026, 11, 23))
    assert json.loads(encode(convert(parcel, wire(Parcel, strict=True)))) == {
        "name": "a",
        "at": "2026-11-23T10:30:00+08:00",
        "price": {"minor": 123450, "currency": "CNY"},
        "colour": "red",
        "about": {"of": {"minor": 5, "currency": "USD"}, "n": 3, "no": None},
        "parts": [],
        "on": "2026-11-23",
    }


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"at": "2026-11-23T10:30:00"}, "timezone"),
        ({"at": "yesterday"}, "RFC3339"),
        ({"price": {"minor": 1.5}}, "Expected `int`"),
        ({"price": {"minor": "1"}}, "Expected `int`"),
        ({"price": {"minor": True}}, "Expected `int`"),
        ({"price": {"minor": EXACT + 1}}, "<= "),
        ({"price": {"minor": 1, "currency": "yuan"}}, "regex"),
        ({"price": {"minor": 1, "fen": 2}}, "unknown field"),
        ({"colour": "pink"}, "enum"),
        ({"name": "x" * 5_000}, "length"),
        ({"extra": 1}, "unknown field"),
        ({"about": {"a": [1]}}, "Expected"),
    ],
)
def test_what_is_refused(changed: dict[str, object], problem: str) -> None:
    body = json.dumps({"name": "a", "at": "2026-11-23T10:30:00Z", **changed}).encode()
    with pytest.raises(msgspec.ValidationError, match=problem):
        decode(body, wire(Parcel, strict=True))


def test_an_answer_may_tell_more_than_is_known() -> None:
    body = b'{"name": "a", "at": "2026-11-23T10:30:00Z", "since": 2027}'
    assert decode(body, wire(Parcel, strict=False)).name == "a"


def test_whole_numbers_may_have_a_point() -> None:
    assert decode(b'{"minor": 5.0}', wire(Money, strict=True)).minor == 5


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b'"\xff"', b"[" * 60_000, b"1e999", b'"\\ud800"']
)
def test_what_is_no_json(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(body, wire(str | None, strict=True))


def test_a_secret_is_a_text_in_a_request() -> None:
    assert encode(Secret("1234")) == b'"1234"'
    assert decode(b'"1234"', Secret).reveal() == "1234"


@pytest.mark.parametrize("value", ["１２３４", 1234, None, "1" * (SECRET_MOST + 1), "12 34", ["1"]])
def test_what_is_no_secret_is_not_told(value: object) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        decode(json.dumps(value).encode(), Secret)
    assert str(caught.value) == f"Expected up to {SECRET_MOST} printable ASCII characters"
