"""Who may be called now, and why not."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ivr.centre.campaigns.dialable import Why, Wishes, opens, why_not, zone_of, zones
from ivr.centre.hours import Status, state
from ivr.model.calendar import Calendar, Span
from ivr.ports.campaigns import ContactState, Running, Scope
from tests.centre.campaigns.kit import NOW, campaign, contact

HOME = "Asia/Shanghai"
DAYS = tuple((Span(time(9), time(20)),) for _ in range(7))
CALENDAR = Calendar("contact", HOME, DAYS)
AGREED = Wishes(agreed=True)


@pytest.mark.parametrize(
    ("why", "said", "running", "wishes"),
    [
        (Why.NOT_RUNNING, {}, Running.PAUSED, AGREED),
        (Why.NOT_RUNNING, {}, Running.STOPPED, AGREED),
        (Why.STATE, {"state": ContactState.CALLING}, Running.RUNNING, AGREED),
        (Why.STATE, {"state": ContactState.REVIEW}, Running.RUNNING, AGREED),
        (Why.EARLY, {"not_before": NOW + timedelta(minutes=1)}, Running.RUNNING, AGREED),
        (Why.LATE, {"until": NOW}, Running.RUNNING, AGREED),
        (Why.NO_CALLS, {}, Running.RUNNING, replace(AGREED, no_calls=frozenset({Scope.SALES}))),
        (Why.NO_CALLS, {}, Running.RUNNING, replace(AGREED, no_calls=frozenset({Scope.ALL}))),
        (Why.NO_CONSENT, {}, Running.RUNNING, Wishes()),
        (Why.REFUSED, {}, Running.RUNNING, replace(AGREED, refused=frozenset({"deposit"}))),
        (None, {}, Running.RUNNING, replace(AGREED, refused=frozenset({"fund"}))),
    ],
)
def test_why_somebody_is_not_called(
    why: Why | None, said: dict[str, object], running: Running, wishes: Wishes
) -> None:
    sales = campaign(kind="sales", product="deposit")
    assert why_not(contact(**said), sales, running, wishes, NOW) is why


def test_what_is_no_sale_needs_no_consent_but_all_calls_can_be_refused() -> None:
    wishes = Wishes(frozenset({Scope.SALES}))
    assert why_not(contact(), campaign(), Running.RUNNING, wishes, NOW) is None
    no_calls = Wishes(frozenset({Scope.ALL}))
    assert why_not(contact(), campaign(), Running.RUNNING, no_calls, NOW) is Why.NO_CALLS
    asked = campaign(consent=True)
    assert why_not(contact(), asked, Running.RUNNING, Wishes(), NOW) is Why.NO_CONSENT


def test_where_a_number_is() -> None:
    known = {"991": "Asia/Urumqi", "+852": "Asia/Hong_Kong", "+86990": "Asia/Kashgar"}
    found = {
        number: zone_of(number, known, "86", HOME)
        for number in ("13800001111", "9911234567", "+85212345678", "+442079460000", "9901234567")
    }
    assert found == {
        "13800001111": HOME,
        "9911234567": "Asia/Urumqi",
        "+85212345678": "Asia/Hong_Kong",
        "+442079460000": None,
        "9901234567": "Asia/Kashgar",
    }


def test_bank_number_and_address_must_all_allow_it() -> None:
    document = campaign(zones={"+44": "Europe/London"})
    abroad = contact(telephone="+442079460000", zone="America/New_York")
    where = zones(abroad, document, "86", HOME)
    assert where == (HOME, "Europe/London", "America/New_York")
    assert zones(contact(telephone="+1555"), document, "86", HOME) is None
    assert opens(CALENDAR, where, NOW) is None, "no hour of the day is open in all three"
    assert opens(CALENDAR, where[:2], datetime(2026, 11, 23, 8, tzinfo=UTC)) == datetime(
        2026, 11, 23, 9, tzinfo=UTC
    )


@given(
    st.lists(
        st.sampled_from([HOME, "Asia/Urumqi", "Europe/London", "Asia/Kolkata", "Asia/Tokyo"]),
        min_size=1, max_size=3,
    ),
    st.integers(0, 60 * 24 * 400),
)  # fmt: skip
def test_when_it_opens_every_zone_allows_it_and_nothing_was_open_before(
    where: list[str], minutes: int
) -> None:
    now = NOW + timedelta(minutes=minutes)
    at = opens(CALENDAR, tuple(where), now)
    assert at is not None

    def is_open(moment: datetime) -> bool:
        return all(
            state(replace(CALENDAR, zone=zone), moment).status is Status.OPEN for zone in where
        )

    assert at >= now
    assert is_open(at)
    assert at == now or not is_open(now)
    assert at == now or not is_open(at - timedelta(seconds=1))
