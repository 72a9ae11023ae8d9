"""Post-stratification: answers weighted so that they stand for all eligible calls, not for those who
answer most readily."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

LEAST = 5
"""A stratum of fewer answers is pooled with its neighbours."""
Key = tuple[str, int, str]
"""Queue, hour of the day, and the outcome: who hung up first, and why the call was over."""


class Cell(msgspec.Struct):
    """A stratum: how many eligible calls there were, how many answers, their sum and sum of squares."""

    calls: int = 0
    answers: int = 0
    total: float = 0.0
    squares: float = 0.0

    @classmethod
    def of(cls, value: float, count: int) -> Cell:
        """Return the cell of so many answers alike."""
        return cls(0, count, count * value, count * value * value)

    def add(self, other: Cell) -> None:
        """Pool with another."""
        self.calls += other.calls
        self.answers += other.answers
        self.total += other.total
        self.squares += other.squares


class Weighted(msgspec.Struct, frozen=True):
    """A weighted mean: of so many strata (`pooled`: made of several that had too few answers each).
    `effective` is how many answers of equal weight would be as certain (L. Kish: (Σw)²/Σw²);
    `unheard` how many calls are in strata of which nobody answered, for which nothing stands."""

    mean: float
    variance: float
    effective: float
    strata: int
    pooled: int
    unheard: int


def post_stratified(cells: Iterable[tuple[Key, Cell]]) -> Weighted | None:
    """Return the mean over all eligible calls; None without any answer.

    Each stratum, queue × hour × outcome, weighs what its calls are of all. Strata of fewer than 5
    answers are pooled: over the hours, then over the outcomes, then over the queues.
    D. Holt, T. M. F. Smith, Journal of the Royal Statistical Society A 142 (1979).
    """
    final: list[Cell] = []
    left: dict[tuple[object, ...], Cell] = dict(cells)
    pooled = 0
    for shorter in (_same, _no_hour, _queue, _whole):
        groups: defaultdict[tuple[object, ...], Cell] = defaultdict(Cell)
        for key, cell in left.items():
            groups[shorter(key)].add(cell)
        enough = [cell for cell in groups.values() if cell.answers >= LEAST]
        final += enough
        pooled += len(enough) if shorter is not _same else 0
        left = {key: cell for key, cell in groups.items() if cell.answers < LEAST}
    rest = [cell for cell in left.values() if cell.answers]
    return _mean(
        [*final, *rest],
        pooled + len(rest),
        sum(cell.calls for cell in left.values() if not cell.answers),
    )


def _mean(final: list[Cell], pooled: int, unheard: int) -> Weighted | None:
    calls = sum(cell.calls for cell in final)
    if not calls:
        return None
    mean = sum(cell.calls * cell.total / cell.answers for cell in final) / calls
    squares = sum(cell.calls * cell.squares / cell.answers for cell in final) / calls
    spread = sum(cell.calls**2 / cell.answers for cell in final)
    return Weighted(
        mean, max(0.0, squares - mean**2), calls**2 / spread, len(final), pooled, unheard
    )


def _same(key: tuple[object, ...]) -> tuple[object, ...]:
    return key


def _no_hour(key: tuple[object, ...]) -> tuple[object, ...]:
    return key[0], key[2]


def _queue(key: tuple[object, ...]) -> tuple[object, ...]:
    return key[:1]


def _whole(key: tuple[object, ...]) -> tuple[object, ...]:
    return ()
