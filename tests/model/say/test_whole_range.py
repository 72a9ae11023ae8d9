"""Every amount up to 9,999,999,999.99 and every date from 2000 to 2100 is heard as what it is."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.model.say import languages, say
from ivr.model.values import Money
from tests.model.say.test_say import PARSERS

LANGUAGES = pytest.mark.parametrize("language", languages())
MOST = 999_999_999_999
"""The largest amount, in fen."""
DIGITS = range(len(str(MOST)))
FIRST_DAY, DAYS = datetime.date(2000, 1, 1), 36_890


def comes_back(language: str, minor: int) -> None:
    said = say(language, "money", Money(minor)).text
    assert PARSERS[language].parse_money(said) == (minor, "CNY"), said


def edges() -> Iterator[int]:
    """Yield where amounts change their form: one digit, two digits, runs of nines and their ends."""
    yield from (0, MOST)
    for place in DIGITS:
        power = 10**place
        yield from (digit * power for digit in range(1, 10))
        yield from (power - 1, power + 1, MOST - power, MOST - power + 1)
        yield from (number * power for number in (11, 12, 15, 20, 22, 99) if number * power <= MOST)
    for low, high in combinations(DIGITS, 2):
        for one, other in product((1, 2, 9), repeat=2):
            yield one * 10**low + other * 10**high


@LANGUAGES
@given(minor=st.integers(0, MOST))
def test_any_amount_comes_back(language: str, minor: int) -> None:
    comes_back(language, minor)


@LANGUAGES
@given(
    places=st.lists(
        st.sampled_from([0, 0, 0, 1, 2, 5, 9]), min_size=len(DIGITS), max_size=len(DIGITS)
    )
)
def test_amounts_with_empty_places_come_back(language: str, places: list[int]) -> None:
    comes_back(language, int("".join(map(str, places))))


@LANGUAGES
def test_amounts_at_every_edge_come_back(language: str) -> None:
    for minor in edges():
        comes_back(language, minor)


@pytest.mark.proof
@LANGUAGES
@pytest.mark.parametrize("place", [2, 5, 6, 8], ids="{}".format)
def test_every_section_comes_back_wherever_it_stands(language: str, place: int) -> None:
    """Both languages speak in sections: all numbers of four digits, as many yuan, thousands, 万 and
    millions, among zeros and among other digits."""
    for section in range(10_000):
        for around in (0, 10**11 + 1):
            comes_back(language, (section * 10**place + around) % (MOST + 1))


@LANGUAGES
def test_every_date_comes_back(language: str) -> None:
    parser = PARSERS[language]
    days = [FIRST_DAY + datetime.timedelta(days=number) for number in range(DAYS)]
    assert days[-1] == datetime.date(2100, 12, 31)
    for day in days:
        assert parser.parse_date(say(language, "date", day.isoformat()).text) == day
