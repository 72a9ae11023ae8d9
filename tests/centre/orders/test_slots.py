"""Kinds of slots: discovered, documented, and open to a file that is dropped in."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ivr.centre.orders import slots
from ivr.model.orders import Slot

SLOTS = slots.discover()
TRUTH = '''
from typing import ClassVar
from ivr.model.orders import Slot

class TruthSlot(Slot):
    """Yes or no."""

    kind: ClassVar[str] = "truth"
'''


@pytest.mark.parametrize("kind", SLOTS.values(), ids=SLOTS)
def test_a_kind_of_slot_is_documented(kind: type[Slot]) -> None:
    assert kind.__doc__
    assert kind.kind in kind.model_fields
    assert all(field.description for field in kind.model_fields.values())


def test_a_file_dropped_into_the_package_is_a_kind_of_slot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "truth.py").write_text(TRUTH)
    monkeypatch.setattr(slots, "__path__", [*slots.__path__, str(tmp_path)])
    try:
        found = slots.discover.__wrapped__()
    finally:
        sys.modules.pop("ivr.centre.orders.slots.truth", None)
    assert set(found) == {*SLOTS, "truth"}
