"""What a personal menu offers: laws over every menu, profile and caller, and the rules one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ivr.centre.personal import (
    FULL_MENU_KEY,
    PROMOTED_KEY,
    Arranged,
    Caller,
    Choice,
    Promotion,
    Why,
    arrange,
)
from ivr.model.digits import STANDARD_KEYS
from ivr.model.profile import Move, Profile
from ivr.ports.bank import Matter

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
YESTERDAY = Matter("M1", "transfer", NOW - timedelta(days=1), 2)

IDS = ("balance", "transfer", "cards", "funds", "agent", "loans", "hours", "gone")
MENU = (
    Choice("balance", "1"),
    Choice("transfer", "2"),
    Choice("cards", "3", offered=False),
    Choice("funds", "4", level=2),
    Choice("loans", "5"),
    Choice("agent", "0"),
)
KNOWN = Caller(auth=1, segment="vip", language="zh", products=("card", "fund"))

ids = st.sampled_from(IDS)
menus = st.tuples(
    st.permutations(IDS), st.permutations("1234560#"), st.integers(3, len(IDS))
).flatmap(
    lambda drawn: st.tuples(
        *(
            st.builds(
                Choice,
                st.just(name),
                st.just(key),
                st.sampled_from([0, 0, 1, 2]),
                st.sampled_from([True, True, False]),
            )
            for name, key in list(zip(drawn[0], drawn[1], strict=True))[: drawn[2]]
        )
    )
)
some = st.lists(st.sampled_from(["vip", "zh", "card", "fund"]), max_size=2).map(tuple)
kinds = st.sampled_from(["transfer", "card"])
promotions = st.lists(
    st.builds(
        Promotion,
        ids,
        level=st.integers(0, 2),
        segments=some,
        products=some,
        lacks=some,
        languages=some,
        matter=st.one_of(st.just(""), kinds),
    ),
    max_size=4,
)
matters = st.lists(
    st.builds(
        Matter,
        st.sampled_from(["a", "b"]),
        kinds,
        st.integers(-10, 100).map(lambda hours: NOW - timedelta(hours=hours)),
        st.integers(1, 3),
    ),
    max_size=3,
)
callers = st.builds(
    Caller,
    st.integers(0, 3),
    st.sampled_from(["vip", "standard"]),
    st.sampled_from(["zh", "en"]),
    st.one_of(st.none(), some),
    matters,
)
profiles = st.one_of(
    st.none(),
    st.lists(ids, unique=True, max_size=6).map(lambda names: Profile("C1", entries=tuple(names))),
)


@pytest.mark.proof
@settings(max_examples=120)
@given(profiles, menus, promotions, callers)
def test_laws(
    profile: Profile | None, menu: tuple[Choice, ...], rules: list[Promotion], caller: Caller
) -> None:
    menu_of = {one.id: one for one in menu}
    arranged = arrange(profile, menu, rules, caller, NOW)
    assert arranged == arrange(profile, menu, rules, caller, NOW)
    keys = [offer.key for offer in arranged.offers]
    assert len(set(keys)) == len(keys)
    assert FULL_MENU_KEY not in keys
    assert PROMOTED_KEY not in keys[1:]
    for offer in arranged.offers:
        choice = menu_of.get(offer.choice)
        # Standard keys never move, and are never given to anything else.
        if offer.key in STANDARD_KEYS or (choice and choice.key in STANDARD_KEYS):
            assert offer.key == PROMOTED_KEY or (choice is not None and offer.key == choice.key)
        assert choice is None or (choice.offered and choice.level <= caller.auth)
        assert offer.matter is None or offer.matter.level <= caller.auth
        assert offer.why in (Why.STANDARD, Why.PROMOTED) or caller.auth >= 1
    # Whoever presses 0 for a person does so in each menu.
    for choice in menu:
        if choice.key in STANDARD_KEYS and choice.offered and choice.level <= caller.auth:
            assert choice.key in keys
    _entries_are_reachable(profile, menu_of, caller, arranged)


def _entries_are_reachable(
    profile: Profile | None, menu: dict[str, Choice], caller: Caller, arranged: Arranged
) -> None:
    """Each own entry is on the key of its place, or it is said why not."""
    own = {offer.choice: offer.key for offer in arranged.offers if offer.why is Why.OWN}
    passed_over = {one.choice for one in arranged.passed_over}
    if profile is None or caller.auth < 1:
        assert not own
        return
    for place, entry in enumerate(profile.entries, 1):
        choice = menu.get(entry)
        usable = choice and choice.offered and choice.level <= caller.auth
        if usable and choice is not None and choice.key not in STANDARD_KEYS:
            assert own[entry] == str(place)
        else:
            assert entry in passed_over


@given(menus, callers, promotions)
def test_without_own_entries_the_standard_menu_is_as_it_was(
    menu: tuple[Choice, ...], caller: Caller, rules: list[Promotion]
) -> None:
    arranged = arrange(Profile("C1"), menu, rules, caller, NOW)
    assert not arranged.own
    assert [
        (offer.key, offer.choice) for offer in arranged.offers if offer.key != PROMOTED_KEY
    ] == [(one.key, one.id) for one in menu if one.offered and one.level <= caller.auth]


def test_own_entries_lead_and_standard_keys_stay() -> None:
    profile = Profile("C1", entries=("loans", "gone", "cards", "balance", "agent", "funds"))
    arranged = arrange(profile, MENU, (), KNOWN, NOW)
    assert arranged.own
    assert [(one.key, one.choice, one.why) for one in arranged.offers] == [
        ("1", "loans", Why.OWN),
        ("4", "balance", Why.OWN),
        ("0", "agent", Why.STANDARD),
    ]
    assert [(one.choice, one.why) for one in arranged.passed_over] == [
        ("gone", Why.GONE),
        ("cards", Why.CONDITION),
        ("agent", Why.GONE),
        ("funds", Why.LEVEL),
    ]


def test_nobody_is_shown_a_menu_before_they_are_identified() -> None:
    profile = Profile("C1", entries=("loans",))
    arranged = arrange(profile, MENU, (), replace(KNOWN, auth=0), NOW)
    assert not arranged.own
    assert all(one.why is Why.STANDARD for one in arranged.offers)


def test_what_learning_moved_says_so() -> None:
    moved = Move("loans", "balance", 1, 2, NOW, 9, 1)
    profile = Profile("C1", entries=("loans", "balance", "transfer"), moved=moved)
    arranged = arrange(profile, MENU, (), KNOWN, NOW)
    assert [one.why for one in arranged.offers[:3]] == [Why.LEARNT, Why.LEARNT, Why.OWN]


@pytest.mark.parametrize(
    ("rule", "caller", "why"),
    [
        (Promotion("loans", segments=("vip",)), KNOWN, None),
        (Promotion("loans", segments=("vip",)), replace(KNOWN, segment="standard"), Why.NOT_MEANT),
        (Promotion("loans", segments=("vip",)), replace(KNOWN, auth=0), Why.NOT_IDENTIFIED),
        (Promotion("loans", lacks=("loan",)), KNOWN, None),
        (Promotion("loans", lacks=("fund",)), KNOWN, Why.NOT_MEANT),
        (Promotion("loans", lacks=("loan",)), replace(KNOWN, products=None), Why.NOT_MEANT),
        (Promotion("loans", products=("bond", "fund")), KNOWN, None),
        (Promotion("loans", products=("bond",)), KNOWN, Why.NOT_MEANT),
        (Promotion("loans", languages=("en",)), KNOWN, Why.NOT_MEANT),
        (Promotion("loans", languages=("zh",)), replace(KNOWN, auth=0), None),
        (Promotion("loans", level=2), KNOWN, Why.LEVEL),
        (Promotion("cards"), KNOWN, Why.CONDITION),
        (Promotion("funds"), KNOWN, Why.LEVEL),
        (Promotion("elsewhere"), KNOWN, None),
        (Promotion("balance"), KNOWN, Why.OWN_ALREADY),
        (Promotion("balance", matter="transfer"), KNOWN, Why.NO_MATTER),
    ],
)
def test_who_a_rule_is_for(rule: Promotion, caller: Caller, why: Why | None) -> None:
    arranged = arrange(Profile("C1", entries=("balance",)), MENU, [rule], caller, NOW)
    promoted = [one for one in arranged.offers if one.key == PROMOTED_KEY]
    if why is None:
        assert [(one.choice, one.why) for one in promoted] == [(rule.choice, Why.PROMOTED)]
    else:
        assert not promoted
        assert (rule.choice, why) in [(one.choice, one.why) for one in arranged.passed_over]


@pytest.mark.parametrize(
    ("hours", "level", "auth", "why"),
    [
        (24, 2, 2, None),
        (24, 2, 3, None),
        (24, 2, 1, Why.LEVEL),
        (24, 1, 0, Why.NOT_IDENTIFIED),
        (71.9, 2, 2, None),
        (72, 2, 2, Why.NO_MATTER),
        (-0.1, 2, 2, Why.NO_MATTER),
    ],
)
def test_a_matter_is_offered_fresh_and_to_the_authenticated(
    hours: float, level: int, auth: int, why: Why | None
) -> None:
    matter = Matter("M1", "transfer", NOW - timedelta(hours=hours), level)
    rule = Promotion("transfer-status", matter="transfer")
    arranged = arrange(None, MENU, [rule], replace(KNOWN, auth=auth, matters=(matter,)), NOW)
    first = arranged.offers[0]
    if why is None:
        assert (first.key, first.why, first.matter) == (PROMOTED_KEY, Why.MATTER, matter)
    else:
        assert first.key != PROMOTED_KEY
        assert arranged.passed_over[0].why is why


def test_the_latest_matter_that_the_caller_may_hear_of() -> None:
    older = replace(YESTERDAY, id="M0", opened_at=NOW - timedelta(hours=30))
    secret = replace(YESTERDAY, id="M9", opened_at=NOW, level=3)
    caller = replace(KNOWN, auth=2, matters=(older, YESTERDAY, secret))
    arranged = arrange(None, MENU, [Promotion("status", matter="transfer")], caller, NOW)
    assert arranged.offers[0].matter == YESTERDAY


def test_only_the_first_rule_that_fits_is_promoted() -> None:
    rules = [Promotion("funds"), Promotion("loans"), Promotion("transfer")]
    arranged = arrange(None, MENU, rules, KNOWN, NOW)
    assert arranged.offers[0].choice == "loans"
    assert [(one.choice, one.why) for one in arranged.passed_over] == [
        ("funds", Why.LEVEL),
        ("transfer", Why.ANOTHER),
    ]


@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_reason_has_words(why: Why, language: str) -> None:
    assert why.words(language)
