"""What is taken out of the book is missed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ivr.centre.cases.chain import taken_out
from ivr.centre.chain import seal
from ivr.ports.casestore import FIRST, Standing
from ivr.ports.ledger import Head

CASES = ("a", "b", "b", "c", "a", "d")
BOOK = tuple(Standing(n, case, f"{case}{n}") for n, case in enumerate(CASES, 1))


def head(standing: tuple[Standing, ...] = BOOK) -> Head:
    last = FIRST
    for one in standing:
        last = seal(last, one.hash)
    return Head(len(standing), last)


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("a", ["entry 1 of the book is missing", "entry 5 of the book is missing"]),
        ("b", ["entries 2 to 3 of the book are missing"]),
        ("d", ["entry 6 of the book is missing"]),
    ],
)
def test_a_case_that_is_taken_out_whole_is_told(case: str, says: list[str]) -> None:
    assert list(taken_out(BOOK, head())) == []
    assert list(taken_out([one for one in BOOK if one.case != case], head())) == says


@given(st.sets(st.sampled_from(BOOK), min_size=1))
def test_nothing_can_be_taken_out_though_the_rest_be_numbered_anew(gone: set[Standing]) -> None:
    left = [one for one in BOOK if one not in gone]
    assert list(taken_out(left, head()))
    anew = [replace(one, n=n) for n, one in enumerate(left, 1)]
    assert list(taken_out(anew, head()))


def test_a_book_written_anew_is_told_by_a_head_kept_elsewhere() -> None:
    kept = head(BOOK[:4])
    name = f"{kept.n}:{kept.seal}"
    assert list(taken_out(BOOK, head(), name)) == []
    anew = tuple(replace(one, hash=f"{one.hash}x") for one in BOOK)
    assert list(taken_out(anew, head(anew))) == [], "by itself it cannot be told"
    (fault,) = taken_out(anew, head(anew), name)
    assert name[:20] in fault
    swapped = (BOOK[1], BOOK[0], *BOOK[2:])
    moved = [replace(one, n=n) for n, one in enumerate(swapped, 1)]
    assert list(taken_out(moved, head())) == ["the book's entries are not those that were sealed"]
