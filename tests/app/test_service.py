"""The engine as a process."""

from __future__ import annotations

import gc

from ivr.app.service import _settled


def test_what_an_engine_begins_with_is_not_looked_through_for_garbage() -> None:
    before = gc.get_threshold()
    with _settled():
        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold()[0] > before[0]
    assert gc.get_freeze_count() == 0
    assert gc.get_threshold() == before
