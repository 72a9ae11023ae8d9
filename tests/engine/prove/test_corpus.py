"""The corpus of seeded defects (tests/broken): what only a proof finds, where it was made."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ivr.adapters.flowfile import load_files
from tests.broken.kit import BASE, DEFECTS, Defect, flow_files, without_orders
from tests.engine.prove.kit import proved

DEFECTS_OF_WAYS = [defect for defect in DEFECTS if defect.by == "prove"]

pytestmark = [pytest.mark.proof, pytest.mark.timeout(300)]


@pytest.mark.parametrize("files", [BASE, without_orders(BASE)], ids=["orders", "no-orders"])
def test_the_sound_hotline_is_proved(files: Mapping[str, str]) -> None:
    assert proved(load_files(flow_files(files)), within_ms=120_000).violations == ()


@pytest.mark.parametrize("defect", DEFECTS_OF_WAYS, ids=lambda defect: defect.name)
def test_the_defect_is_found_where_it_was_made(defect: Defect) -> None:
    flow_set = load_files(flow_files(without_orders(defect.files())))
    violations = proved(flow_set, within_ms=120_000).violations
    places = {
        (one.code.value, flow_set.flows[one.flow].steps[one.step].place)
        for one in violations
        if one.step
    }
    assert (defect.code, defect.place()) in places
    assert {one.code.value for one in violations} <= {defect.code, *defect.also}


def test_there_are_enough() -> None:
    assert len(DEFECTS_OF_WAYS) >= 12
