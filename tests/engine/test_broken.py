"""The corpus of seeded defects (tests/broken): `ivr check` finds each one, where it was made."""

from __future__ import annotations

from collections import Counter

import pytest

from ivr.model.codes import Code
from tests.broken.kit import BASE, DEFECTS, Defect, told

STATIC = [defect for defect in DEFECTS if defect.by == "check"]


def test_the_sound_hotline_has_no_problems() -> None:
    assert told(BASE) == ()


@pytest.mark.parametrize("defect", STATIC, ids=lambda defect: defect.name)
def test_the_defect_is_found_where_it_was_made(defect: Defect) -> None:
    found = told(defect.files())
    assert (defect.code, defect.place()) in {(one.code, one.place) for one in found}
    assert {one.code for one in found} <= {defect.code, *defect.also}
    assert all(one.hint for one in found)


def test_what_needs_a_proof_is_no_problem_of_the_texts() -> None:
    found = {one.name: told(one.files()) for one in DEFECTS if one.by == "prove"}
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_the_corpus_is_large_and_has_every_class_of_mistakes() -> None:
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS) >= 60
    found = Counter(defect.code for defect in STATIC)
    meant = {code for code in Code if "IVR3" <= code < "IVR5"}
    assert meant - found.keys() == set()
