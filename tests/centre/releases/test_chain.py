"""The chain: whatever is changed in the ledger is found, and where."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import msgspec
import pytest

from ivr.centre.releases import (
    Act,
    Gate,
    LedgerError,
    digest,
    faults,
    follow,
    opened,
    salvaged,
    seal,
)
from ivr.centre.releases.kinds import discover
from ivr.centre.releases.kinds.hours import ClearHours, SetHours
from ivr.centre.releases.kinds.publishing import Cancel, Publish, Rollback, Schedule
from ivr.centre.releases.state import State
from ivr.model.calendar import Override
from ivr.ports.releases import Sealed
from tests.centre.releases.kit import ledger, minute

ACTS: tuple[Act, ...] = (
    Publish(version="a", gates=(Gate("check", True, "no problems", ("one",)),)),
    Schedule(version="b", due=minute(30), forced=True),
    Rollback(to=1, version="a"),
    SetHours(days=(Override("service", date(2026, 11, 23), None),)),
    ClearHours(calendar="service", days=(date(2026, 11, 23),)),
    Cancel(release=2),
)


def test_a_ledger_that_nobody_touched_has_no_faults() -> None:
    assert faults(ledger(ACTS)) == []
    assert [opened(sealed).act for sealed in ledger(ACTS)] == list(ACTS)


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the way to every scalar of an entry's body."""
    if isinstance(value, dict):
        return [found for key in value for found in paths(value[key], (*path, key))]
    if isinstance(value, list):
        return [found for key, item in enumerate(value) for found in paths(item, (*path, key))]
    return [path]


def changed(body: bytes, path: tuple[str | int, ...]) -> bytes:
    """Return a body with one scalar changed to another of its type."""
    whole = json.loads(body)
    inner = whole
    for key in path[:-1]:
        inner = inner[key]
    was = inner[path[-1]]
    inner[path[-1]] = f"{was}x" if isinstance(was, str) else "now" if was is None else not was
    return json.dumps(whole).encode()


def tampered() -> list[Any]:
    found = []
    for number, sealed in enumerate(ledger(ACTS), 1):
        for path in paths(json.loads(sealed.body)):
            name = f"{number}-{'.'.join(map(str, path))}"
            found.append(pytest.param(number, changed(sealed.body, path), id=name))
    return found


@pytest.mark.parametrize(("number", "body"), tampered())
def test_each_field_that_is_changed_is_found(number: int, body: bytes) -> None:
    """Also when the hash was made to fit: then the next entry does not follow any more."""
    whole = ledger(ACTS)
    whole[number - 1] = msgspec.structs.replace(whole[number - 1], body=body)
    assert [fault.number for fault in faults(whole)] == [number]
    whole[number - 1] = Sealed(number, digest(body), body)
    # Of the last entry the hash is known elsewhere, or not at all.
    assert (number < len(whole)) == (number + 1 in [fault.number for fault in faults(whole)])


@pytest.mark.parametrize("number", range(1, len(ACTS)))
def test_an_entry_that_is_taken_out_is_found(number: int) -> None:
    whole = ledger(ACTS)
    del whole[number - 1]
    assert faults(whole)[0].number == number + 1


def test_entries_that_change_places_are_found() -> None:
    whole = ledger(ACTS)
    whole[2], whole[3] = whole[3], whole[2]
    assert {fault.number for fault in faults(whole)} >= {3, 4}


RELEASES: tuple[Act, ...] = (Publish("a"), Publish("b"), Publish("c"), ACTS[3])


def in_force(state: State) -> str:
    assert state.in_force is not None
    return state.in_force.version


@pytest.mark.parametrize(("number", "left"), [(1, "c"), (2, "c"), (3, "b"), (4, "c")])
@pytest.mark.parametrize("fitting", [False, True], ids=["its hash does not fit", "its hash fits"])
def test_of_a_broken_ledger_all_counts_that_nobody_touched(
    number: int, left: str, fitting: bool
) -> None:
    whole = ledger(RELEASES)
    body = whole[number - 1].body.replace(b"because", b"for what")
    whole[number - 1] = Sealed(number, digest(body) if fitting else whole[number - 1].hash, body)
    state = salvaged(whole)
    assert in_force(state) == left
    assert (state.number, state.head) == (4, whole[3].hash)
    assert bool(state.overrides) == (number < 4 or fitting)


def test_entries_after_a_break_are_followed_again() -> None:
    whole = ledger((*RELEASES, Publish("d")))
    broken = whole[:1] + whole[2:4]
    assert in_force(salvaged(broken)) == "c"
    assert in_force(follow(salvaged(broken), whole[4:])) == "d"


def test_of_a_ledger_that_is_all_broken_nothing_counts() -> None:
    assert salvaged([Sealed(1, "hash", b"?")]).in_force is None


def test_an_entry_of_a_newer_onecall_is_refused_and_says_what_to_do() -> None:
    body = ledger(ACTS)[0].body.replace(b'"Publish"', b'"Teleport"')
    with pytest.raises(LedgerError, match="newer OneCall"):
        opened(Sealed(1, digest(body), body))
    more = ledger(ACTS)[0].body.replace(b'"forced"', b'"colour":"red","forced"')
    with pytest.raises(LedgerError, match="newer OneCall"):
        opened(Sealed(1, digest(more), more))


def test_the_same_entry_has_the_same_hash_always() -> None:
    """What is in a ledger today must be read for ever: this hash never changes."""
    first = ledger(ACTS)[0]
    assert seal(opened(first)) == first
    assert first.body == (
        b'{"act":{"forced":false,"gates":[{"findings":["one"],"name":"check","passed":true,'
        b'"summary":"no problems"}],"type":"Publish","version":"a"},'
        b'"at":"2026-11-23T09:01:00+08:00","number":1,"previous":"","who":"anna@node1",'
        b'"why":"because 1"}'
    )


def test_every_kind_says_what_it_did() -> None:
    for act in ACTS:
        assert act.words
    assert {type(act) for act in ACTS} <= set(discover())
