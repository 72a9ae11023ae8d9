"""Merging: what several voices say is one matter, whatever order they are read in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise

from ivr.centre.voc.alike import alike, buckets, shingles
from ivr.centre.voc.values import Classified, Matter
from ivr.model.taxonomy import Merging

DAY_MS = 86_400_000
LEAST_SHINGLES = 12
"""Shorter texts are alike by chance."""
MOST_COMPARED = 50
"""Of many voices that look alike, each is compared with so many that followed it."""


def merge(found: Sequence[Classified], rules: Merging) -> list[Matter]:
    """Return the matters, the earliest first; each voice is in exactly one.

    Voices of one theme are one matter where the same customer says them with at most `rules.days`
    between one and the next, or in the same call; and where two texts are nearly equal within those
    days, unless two different customers said them. What neither has a theme nor says anything in
    words (a key pressed) is about what else was said in its call. Single linkage: what is one with one
    of them, is one with all.
    """
    ordered = sorted(found, key=_when)
    roots = list(range(len(ordered)))
    for left, right in _links(ordered, rules):
        roots[_root(roots, left)] = _root(roots, right)
    matters: dict[int, list[Classified]] = defaultdict(list)
    for number, one in enumerate(ordered):
        matters[_root(roots, number)].append(one)
    return sorted(
        (Matter(tuple(said)) for said in matters.values()), key=lambda m: _when(m.said[0])
    )


def _when(one: Classified) -> tuple[int, str]:
    return one.voice.at_ms, one.voice.id


def _root(roots: list[int], number: int) -> int:
    while roots[number] != number:
        roots[number] = roots[roots[number]]
        number = roots[number]
    return number


def _links(ordered: Sequence[Classified], rules: Merging) -> Iterator[tuple[int, int]]:
    span_ms = rules.days * DAY_MS
    of_person: dict[tuple[str, str], list[int]] = defaultdict(list)
    of_call: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(ordered):
        if one.theme and one.voice.who:
            of_person[one.voice.who, one.theme].append(number)
        if one.voice.call:
            of_call[one.voice.call].append(number)
    for numbers in of_person.values():
        for left, right in pairwise(numbers):
            if ordered[right].voice.at_ms - ordered[left].voice.at_ms <= span_ms:
                yield left, right
    for numbers in of_call.values():
        yield from _in_call(ordered, numbers)
    yield from _copies(ordered, span_ms, rules.alike)


def _in_call(ordered: Sequence[Classified], numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield voices of one call that are one matter."""
    themes: dict[str, list[int]] = defaultdict(list)
    for number in numbers:
        themes[ordered[number].theme].append(number)
    dumb = [number for number in themes.pop("", []) if not ordered[number].voice.text]
    for same in (dumb, *themes.values()):
        yield from pairwise(same)
    said = [number for same in themes.values() for number in same]
    if dumb and said:
        yield dumb[0], min(said, key=lambda number: (not ordered[number].complaint, number))


def _copies(ordered: Sequence[Classified], span_ms: int, share: float) -> Iterator[tuple[int, int]]:
    """Yield voices whose texts are nearly equal."""
    sets = {
        number: shingles(one.voice.text) for number, one in enumerate(ordered) if one.voice.text
    }
    long = {number: found for number, found in sets.items() if len(found) >= LEAST_SHINGLES}
    for one, other in _candidates(buckets(long)):
        first, second = ordered[one], ordered[other]
        if (
            first.theme == second.theme
            and second.voice.at_ms - first.voice.at_ms <= span_ms
            and not _strangers(first, second)
            and alike(long[one], long[other]) >= share
        ):
            yield one, other


def _candidates(found: Iterable[Sequence[int]]) -> Iterator[tuple[int, int]]:
    """Yield each pair of voices that share a bucket once."""
    seen: set[tuple[int, int]] = set()
    for bucket in found:
        for place, one in enumerate(bucket):
            for other in islice(bucket, place + 1, place + 1 + MOST_COMPARED):
                if (one, other) not in seen:
                    seen.add((one, other))
                    yield one, other


def _strangers(one: Classified, other: Classified) -> bool:
    return bool(one.voice.who and other.voice.who) and one.voice.who != other.voice.who
