"""The say-layer's law: what is heard is exactly what was meant."""

from __future__ import annotations

import datetime
import re
import string
import time
import timeit
from types import ModuleType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ivr.model.errors import EvaluationError
from ivr.model.prompt import PROMPT_ID
from ivr.model.say import KINDS, languages, say, segments
from ivr.model.say.surnames import SURNAMES
from ivr.model.values import Money
from tests.model.say import parse_en, parse_zh

PARSERS: dict[str, ModuleType] = {"en": parse_en, "zh": parse_zh}
LANGUAGES = pytest.mark.parametrize("language", languages())
# Uniform draws hardly ever have empty places; products of round numbers and small ones do.
NUMBERS = st.one_of(
    st.integers(0, 10**12 - 1),
    st.integers(0, 120_000),
    st.builds(
        lambda a, b, c: (a * 10**8 + b * 10**4 + c) % 10**12,
        *[st.sampled_from([0, 1, 2, 10, 12, 20, 100, 102, 200, 220, 1000, 1010, 2002, 9999])] * 3,
    ),
)
SIGNED = st.builds(lambda number, sign: number * sign, NUMBERS, st.sampled_from([1, -1]))
AMOUNTS = st.builds(
    lambda major, rest, sign: (major * 100 + rest) * sign,
    NUMBERS,
    st.one_of(st.integers(0, 99), st.sampled_from([0, 1, 2, 10, 12, 20])),
    st.sampled_from([1, -1]),
)
CURRENCIES = ("CNY", "USD", "EUR", "GBP")


def heard(language: str, kind: str, value: Any) -> str:
    said = say(language, kind, value)
    table = segments(language)
    joined = ("" if language == "zh" else " ").join(table[segment] for segment in said.segments)
    assert said.text == joined.replace(" ,", ",")
    return said.text


def test_every_language_has_a_parser() -> None:
    assert set(PARSERS) == set(languages())


@LANGUAGES
@given(number=SIGNED)
@example(number=100_000_000)
@example(number=200_000_000)
@example(number=100_005_000)
@example(number=105_000_000)
@example(number=999_999_999_999)
def test_numbers_come_back(language: str, number: int) -> None:
    assert PARSERS[language].parse_number(heard(language, "number", number)) == number


@LANGUAGES
def test_every_small_number_comes_back(language: str) -> None:
    for number in range(-2000, 12_000):
        assert PARSERS[language].parse_number(heard(language, "number", number)) == number


@LANGUAGES
@given(minor=AMOUNTS, currency=st.sampled_from(CURRENCIES))
@example(minor=0, currency="EUR")
@example(minor=999_999_999_999, currency="CNY")
@example(minor=-999_999_999_999, currency="USD")
def test_money_comes_back(language: str, minor: int, currency: str) -> None:
    text = heard(language, "money", Money(minor, currency))
    assert PARSERS[language].parse_money(text) == (minor, currency)


@LANGUAGES
@pytest.mark.parametrize("currency", CURRENCIES)
def test_every_small_amount_comes_back(language: str, currency: str) -> None:
    for minor in range(-250, 1250):
        text = heard(language, "money", Money(minor, currency))
        assert PARSERS[language].parse_money(text) == (minor, currency)


@LANGUAGES
@given(minor=st.integers(0, 10**14 - 1))
def test_figures_come_back(language: str, minor: int) -> None:
    pause = "，" if language == "zh" else ", "
    _, major, *rest = heard(language, "figures", Money(minor)).split(pause)
    digits = [PARSERS[language].parse_digits(part) for part in (major, *rest)]
    assert Money.of(".".join(digits)) == Money(minor)


@LANGUAGES
@given(digits=st.text("0123456789", min_size=1, max_size=64))
def test_digits_and_accounts_come_back(language: str, digits: str) -> None:
    parser = PARSERS[language]
    assert parser.parse_digits(heard(language, "digits", digits)) == digits
    assert parser.parse_digits(heard(language, "account", digits)) == digits


@LANGUAGES
@given(
    date=st.dates(min_value=datetime.date(2000, 1, 1), max_value=datetime.date(2100, 12, 31)),
)
def test_dates_come_back(language: str, date: datetime.date) -> None:
    assert PARSERS[language].parse_date(heard(language, "date", date.isoformat())) == date


@LANGUAGES
def test_every_year_and_every_day_comes_back(language: str) -> None:
    days = [datetime.date(year, 2, 28) for year in range(2000, 2101)]
    days += [datetime.date(2024, 1, 1) + datetime.timedelta(days=n) for n in range(366)]
    for day in days:
        assert PARSERS[language].parse_date(heard(language, "date", day.isoformat())) == day


@LANGUAGES
def test_every_minute_comes_back(language: str) -> None:
    for minute in range(24 * 60):
        time = divmod(minute, 60)
        text = heard(language, "time", f"{time[0]:02d}:{time[1]:02d}")
        assert PARSERS[language].parse_time(text) == time


@LANGUAGES
@given(seconds=st.one_of(st.integers(0, 200_000), st.integers(0, 10**11)))
def test_durations_come_back(language: str, seconds: int) -> None:
    assert PARSERS[language].parse_duration(heard(language, "duration", seconds)) == seconds


@LANGUAGES
@given(one=AMOUNTS, other=AMOUNTS, currencies=st.tuples(*[st.sampled_from(CURRENCIES)] * 2))
def test_different_amounts_never_sound_the_same(
    language: str, one: int, other: int, currencies: tuple[str, str]
) -> None:
    first, second = Money(one, currencies[0]), Money(other, currencies[1])
    same = say(language, "money", first).segments == say(language, "money", second).segments
    assert same == (first == second)


@pytest.mark.parametrize(
    ("kind", "value", "zh", "en"),
    [
        ("number", 2, "二", "two"),
        ("number", 15, "十五", "fifteen"),
        ("number", 115, "一百一十五", "one hundred fifteen"),
        ("number", 205, "两百零五", "two hundred five"),
        ("number", 1015, "一千零一十五", "one thousand fifteen"),
        ("number", 2500, "两千五百", "two thousand five hundred"),
        ("number", 10_500, "一万零五百", "ten thousand five hundred"),
        ("number", 205_000, "二十万五千", "two hundred five thousand"),
        ("number", 100_005_000, "一亿零五千", "one hundred million five thousand"),
        ("number", -3, "负三", "minus three"),
        ("money", "2.00", "两元整", "two yuan"),
        ("money", "12.00", "十二元整", "twelve yuan"),
        ("money", "0.07", "零元零七分", "seven fen"),
        ("money", "5.07", "五元零七分", "five yuan and seven fen"),
        ("money", "5.20", "五元二角", "five yuan and twenty fen"),
        ("money", "0.00", "零元整", "zero yuan"),
        (
            "money",
            "2500.30",
            "两千五百元三角",
            "two thousand five hundred yuan and thirty fen",
        ),
        ("money", Money(101, "USD"), "一美元一美分", "one dollar and one cent"),
        ("money", Money(30, "EUR"), "三十欧分", "zero euros and thirty cents"),
        ("figures", "50000.00", "，五零零零零", ", five zero zero zero zero"),
        ("figures", Money(1507), "，幺五，零七", ", one five, zero seven"),
        ("digits", "0117", "零幺幺七", "zero one one seven"),
        ("account", "62220", "六二二二，零", "six two two two, zero"),
        ("account", "1234", "幺二三四", "one two three four"),
        ("date", "2026-11-22", "二零二六年十一月二十二日", "November twenty-second twenty twenty-six"),
        ("date", "2026-11-22T09:05:00+08:00", "二零二六年十一月二十二日", "November twenty-second twenty twenty-six"),
        ("time", "2026-11-22T09:05:33+08:00", "上午九点零五分", "nine oh five AM"),
        ("time", "14:00", "下午两点", "two PM"),
        ("time", "12:00", "中午十二点", "noon"),
        ("duration", 7325, "两小时两分钟五秒", "two hours two minutes five seconds"),
        ("duration", 0, "零秒", "zero seconds"),
    ],
)  # fmt: skip
def test_what_is_heard(kind: str, value: Any, zh: str, en: str) -> None:
    assert say("zh", kind, value).text == zh
    assert say("en", kind, value).text == en


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", 10**12),
        ("number", True),
        ("number", "1.5"),
        ("number", None),
        ("money", Money(10**14)),
        ("money", Money(1, "JPY")),
        ("money", "1.234"),
        ("money", "NaN"),
        ("money", 5),
        ("figures", Money(-1)),
        ("figures", Money(10**14)),
        ("digits", ""),
        ("digits", "12a"),
        ("digits", "１２"),
        ("digits", "1" * 65),
        ("digits", -5),
        ("account", False),
        ("date", "2026-02-30"),
        ("date", "1999-12-31"),
        ("date", "2101-01-01"),
        ("date", "20261122"),
        ("date", "2026-W47-1"),
        ("date", 20261122),
        ("time", "24:00"),
        ("time", "9:00"),
        ("time", "09:60"),
        ("duration", -1),
        ("duration", "soon"),
        ("colour", "red"),
    ],
)
def test_what_cannot_be_spoken_says_so_without_the_value(kind: str, value: Any) -> None:
    for language in languages():
        with pytest.raises(EvaluationError) as caught:
            say(language, kind, value)
        assert str(value) not in str(caught.value) or not str(value)


def test_a_language_without_a_say_layer_says_which_there_are() -> None:
    with pytest.raises(EvaluationError, match="'fr' has no say-layer; there are en, zh"):
        say("fr", "number", 1)
    with pytest.raises(EvaluationError, match="'fr' has no say-layer"):
        segments("fr")


@LANGUAGES
def test_segments_have_names_apart_from_the_authors_prompts(language: str) -> None:
    for segment, text in segments(language).items():
        assert PROMPT_ID.fullmatch(segment)
        assert segment.startswith("s-")
        assert text == text.strip() != ""


@LANGUAGES
def test_no_segment_is_recorded_for_nothing(language: str) -> None:
    used: set[str] = {
        segment
        for name in [*(name + "明" for name in SURNAMES), *string.ascii_letters, "?"]
        for segment in say(language, "name", name).segments
    }
    for number in [
        *range(12_000),
        *range(10_000, 1_000_000, 10_000),
        10**6,
        2 * 10**8,
        *range(10**8, 10**8 + 10**4, 100),
        10**9,
        -1,
    ]:
        used.update(say(language, "number", number).segments)
    for number in range(1, 100):
        used.update(say(language, "number", number * 1000).segments)
    for minor in range(300):
        for currency in CURRENCIES:
            used.update(say(language, "money", Money(minor, currency)).segments)
    for minute in range(24 * 60):
        used.update(say(language, "time", f"{minute // 60:02d}:{minute % 60:02d}").segments)
    for year in range(2000, 2101):
        used.update(say(language, "date", f"{year}-02-28").segments)
    for day in range(366):
        date = datetime.date(2024, 1, 1) + datetime.timedelta(days=day)
        used.update(say(language, "date", date.isoformat()).segments)
    for number in range(100):
        used.update(say(language, "account", f"{number:02d}00{number:02d}{number % 10}").segments)
    for seconds in (1, 2, 60, 120, 3600, 7200, 86_400, 200_000):
        used.update(say(language, "duration", seconds).segments)
    assert set(segments(language)) == used


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("王芳", "王某", "W A N G"),
        ("欧阳修", "欧阳某", "O U Y A N G"),
        ("马 云", "马某", "M A"),
        ("James Carter", "某某", "J C"),
        ("Zoë de la Müller-Straße", "某某", "Z D L M"),
        ("爨宝子", "某某", "the account holder"),
        ("王府井商贸有限公司", "某某", "the account holder"),
        ("李", "某某", "the account holder"),
        ("", "某某", "the account holder"),
        ("007", "某某", "the account holder"),
    ],
)
def test_a_name_is_masked(name: str, zh: str, en: str) -> None:
    assert heard("zh", "name", name) == zh
    assert heard("en", "name", name) == en


@LANGUAGES
@given(name=st.text(max_size=40))
def test_whatever_the_name_something_is_said(language: str, name: str) -> None:
    assert heard(language, "name", name)


@LANGUAGES
def test_surnames_are_told_apart(language: str) -> None:
    said = {name: heard(language, "name", f"{name}文") for name in SURNAMES}
    spelled = set(SURNAMES.values()) if language == "en" else set(SURNAMES)
    assert len(set(said.values())) == len(spelled) == len({*said.values()} - {"某某"})


@LANGUAGES
def test_speaking_is_fast_enough_for_the_call_path(language: str) -> None:
    amount = Money(123_456_789_067)
    runs = timeit.repeat(
        lambda: say(language, "money", amount), number=1000, repeat=5, timer=time.thread_time
    )
    assert min(runs) / 1000 < 20e-6


def test_kinds_are_those_a_flow_may_name() -> None:
    assert re.fullmatch(
        r"money,figures,number,digits,account,name,date,time,duration", ",".join(KINDS)
    )
