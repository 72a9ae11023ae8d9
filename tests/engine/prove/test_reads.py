"""What a step has read of its call: where it need not be run again."""

from __future__ import annotations

from msgspec.structs import replace

from ivr.engine.prove.reads import Reads, Watched
from ivr.model.session import Session
from tests.engine.kit import session
from tests.engine.prove.kit import changed


def at(**changes: object) -> Session:
    """Return a call."""
    return replace(session(changed()), **changes)


def test_of_a_level_only_what_was_asked_of_it_is_read() -> None:
    reads = Reads()
    assert Watched(at(auth=2), reads).reaches(2)
    assert reads.hold(at(auth=3), {})
    assert not reads.hold(at(auth=1), {})


def test_a_level_that_is_looked_at_is_read_whole() -> None:
    reads = Reads()
    assert Watched(at(auth=2), reads).auth == 2
    assert not reads.hold(at(auth=3), {})


def test_what_a_step_keeps_itself_is_not_read_but_what_stands_behind_it_is() -> None:
    reads = Reads()
    call = at()
    kept = call.with_frame(replace(call.frame, form={"amount": 5}))
    watched = Watched(kept, reads)
    assert watched.scope()["amount"] == 5
    assert reads.scope == {}
    assert "amount" not in watched.keeping({}, 0).scope()
    assert reads.hold(kept, call.scope())
    assert not reads.hold(kept, {**call.scope(), "amount": 7})
