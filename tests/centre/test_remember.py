"""Changing a profile while others do: asked of the port as a step would."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from ivr.centre.remember import TRIES, recall, remember
from ivr.model.commands import Command, Script
from ivr.model.errors import PortError
from ivr.model.profile import Profile
from ivr.ports.profiles import GetProfile, PutProfile

STORED = Profile("C1", entries=("a",), revision=4)


def drive(script: Script[Profile], *answers: Profile | None) -> tuple[Profile, list[Any]]:
    """Answer a script; return its result and what it asked."""
    asked: list[Command[Any, Any]] = []
    left = list(answers)
    answer: Profile | None = None
    while True:
        try:
            asked.append(script.send(answer))
        except StopIteration as stop:
            return stop.value, asked
        answer = left.pop(0)


def with_b(profile: Profile) -> Profile:
    return replace(profile, entries=(*profile.entries, "b"))


def test_nothing_remembered_is_an_empty_profile() -> None:
    assert drive(recall("C1"), None) == (Profile("C1"), [GetProfile("C1")])


def test_a_change_is_stored() -> None:
    stored = replace(with_b(STORED), revision=5)
    result, asked = drive(remember("C1", with_b), STORED, stored)
    assert result == stored
    assert asked == [GetProfile("C1"), PutProfile(with_b(STORED))]


def test_who_was_slower_changes_what_the_other_one_stored() -> None:
    theirs = replace(STORED, language="en", revision=5)
    stored = replace(with_b(theirs), revision=6)
    result, asked = drive(remember("C1", with_b), STORED, None, theirs, stored)
    assert result == stored
    assert asked[-1] == PutProfile(with_b(theirs))


def test_a_change_that_changes_nothing_is_not_stored() -> None:
    result, asked = drive(remember("C1", lambda profile: profile), STORED)
    assert result == STORED
    assert asked == [GetProfile("C1")]


def test_who_is_always_slower_is_told() -> None:
    with pytest.raises(PortError, match="changes all the time"):
        drive(remember("C1", with_b), *([STORED, None] * TRIES))
