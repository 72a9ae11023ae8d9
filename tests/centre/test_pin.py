"""Which PINs are too easy to guess."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.adapters.bank.demo import ACCOUNTS
from ivr.centre.pin import COMMON, is_weak


@pytest.mark.parametrize(
    "pin",
    ["123456", "987654", "890123", "000000", "121212", "123123", "19850", "12345a", "１２３４５６"],
)
def test_weak(pin: str) -> None:
    assert is_weak(pin)


@given(
    st.dates(date(1930, 1, 1), date(2030, 1, 1)), st.sampled_from(["%y%m%d", "%d%m%y", "%m%d%y"])
)
def test_every_birthday_is_weak(day: date, form: str) -> None:
    assert is_weak(day.strftime(form))


def test_the_demo_sets_a_good_example() -> None:
    assert not [account.pin for account in ACCOUNTS if is_weak(account.pin)]


@pytest.mark.parametrize(
    ("pin", "account", "born", "weak"),
    [
        ("850264", "6222021001", "1978-05-14", False),
        ("222021", "6222021001", "", True),
        ("222021", "6217000200", "", False),
        ("197805", "", "1978-05-14", True),
        ("051978", "", "1978-05-14", True),
        ("197805", "", "1979-05-14", False),
    ],
)
def test_what_belongs_to_the_customer_is_weak(
    pin: str, account: str, born: str, weak: bool
) -> None:
    assert is_weak(pin, account, born) is weak


@pytest.mark.parametrize("pin", sorted(COMMON))
def test_the_commonest_are_weak_and_no_rule_finds_them(
    pin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_weak(pin)
    monkeypatch.setattr("ivr.centre.pin.COMMON", frozenset())
    assert not is_weak(pin)
