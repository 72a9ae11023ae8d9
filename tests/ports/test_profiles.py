"""The classes of profiles that a proof goes through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from ivr.centre.entries import learn
from ivr.model.errors import PortError, PortTimeout
from ivr.model.profile import MOST_ENTRIES, Profile
from ivr.model.world import World
from ivr.ports.profiles import GetProfile, PutProfile

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def world(services: Sequence[str]) -> World:
    return World(
        heard_ms=lambda items, language: 0, language="zh", services=services, instants=[NOW]
    )


def test_every_class_of_own_menus() -> None:
    services = [f"s{number}" for number in range(8)]
    answers = list(GetProfile("C1").answers(world(services)))
    profiles = [one.value for one in answers if one.error is None]
    assert profiles[:3] == [None, Profile("C1"), Profile("C1", language="zh")]
    menus = [one.entries for one in profiles if one and one.entries]
    assert menus[:-2] == [(service,) for service in services]
    assert [len(menu) for menu in menus[-2:]] == [MOST_ENTRIES] * 2
    errors = [type(one.error) for one in answers if one.error is not None]
    assert errors == [PortError, PortTimeout]


def test_in_one_of_them_a_learnt_move_is_due() -> None:
    answers = GetProfile("C1").answers(world(["a", "b", "c"]))
    moves = [learn(one.value, NOW)[1] for one in answers if one.value]
    assert len([move for move in moves if move]) == 1


def test_the_simulator_remembers_what_is_answered() -> None:
    for one in GetProfile("C1").answers(world(["a", "b"])):
        if one.remembered is not None:
            customer, remembered = one.remembered
            assert remembered.profile(customer) == one.value


def test_a_change_is_stored_or_refused_or_fails() -> None:
    answers = list(PutProfile(Profile("C1", revision=3)).answers(world([])))
    assert [one.value for one in answers[:2]] == [Profile("C1", revision=4), None]
    assert [type(one.error) for one in answers[2:]] == [PortError, PortTimeout]
