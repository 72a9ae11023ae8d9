"""What a caller who pays hears: what fits best, and always something."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from ivr.centre.payments.prompts import (
    BRAND_NAMES,
    DEFAULTS,
    PayError,
    PayField,
    PayPrompt,
    chosen,
)

FIELDS: tuple[PayField, ...] = get_args(PayField)
ERRORS: tuple[str, ...] = ("", *get_args(PayError))
moments = st.tuples(
    st.sampled_from(FIELDS),
    st.sampled_from(ERRORS),
    st.sampled_from(("", *BRAND_NAMES)),
    st.integers(1, 9),
)


def prompt(say: str, field: str, **when: Any) -> PayPrompt:
    return PayPrompt.model_validate({"for": field, "say": say, **when})


prompts = st.lists(
    st.builds(
        lambda number, field, **when: prompt(
            f"p{number}", field, **{name: value for name, value in when.items() if value}
        ),
        st.integers(0, 99),
        st.sampled_from(FIELDS),
        error=st.sampled_from((None, *get_args(PayError))),
        brand=st.sampled_from((None, *BRAND_NAMES)),
        attempt=st.lists(st.integers(1, 9), max_size=2),
    ),
    max_size=6,
)


@given(moments)
def test_something_is_heard_at_every_question(moment: tuple[PayField, str, str, int]) -> None:
    assert chosen((), *moment).root


@given(prompts, moments)
def test_none_that_fits_says_more_than_what_is_heard(
    mine: list[PayPrompt], moment: tuple[PayField, str, str, int]
) -> None:
    heard = chosen(mine, *moment)
    fitting = [one for one in mine if one.fits(*moment)]
    if not fitting:
        assert heard == chosen((), *moment), "the house speaks where the author does not"
        return
    best = [one for one in fitting if one.say == heard]
    assert max(one.weight for one in best) == max(one.weight for one in fitting)


def test_the_most_specific_wins_wherever_it_stands() -> None:
    amex = prompt("amex-again", "cvv", error="invalid", brand="amex", attempt=2)
    rules = (amex, prompt("amex", "cvv", brand="amex"), prompt("any", "cvv"))
    assert chosen(rules, "cvv", "invalid", "amex", 2).root == ("amex-again",)
    assert chosen(rules, "cvv", "invalid", "amex", 3).root == ("amex",)
    assert chosen(rules, "cvv", "invalid", "visa", 2).root == ("any",)


def test_error_comes_before_brand_and_brand_before_attempt_and_then_the_later() -> None:
    error, brand = prompt("error", "pan", error="invalid"), prompt("brand", "pan", brand="visa")
    attempt, later = prompt("attempt", "pan", attempt=[2, 3]), prompt("later", "pan", attempt=3)
    assert chosen((attempt, brand, error), "pan", "invalid", "visa", 2).root == ("error",)
    assert chosen((attempt, brand), "pan", "invalid", "visa", 2).root == ("brand",)
    assert chosen((attempt, later), "pan", "", "", 3).root == ("later",)
    assert chosen((later, attempt), "pan", "", "", 3).root == ("attempt",)


def test_the_house_has_no_two_prompts_for_the_same() -> None:
    keys = [(one.field, one.error, one.brand, one.attempt) for one in DEFAULTS]
    assert len(keys) == len(set(keys))
