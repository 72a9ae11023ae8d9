"""Which spoken values sound nearly alike: a list for whoever decides what is said twice.

Recordings are compared with those that may stand in the same place: a digit with a digit, a month with a month.
Two are confusable when all their words but one sound the same, and that one nearly (`ivr.model.say.sounds`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

import msgspec

from ivr.model.say import segments
from ivr.model.say.sounds import EN, ZH, Sound, near_en, near_zh

_PLACES: Mapping[str, str] = {
    "digit": r"s-d\d+",
    "letter": r"s-letter-[a-z]",
    "fen": r"s-(yuan\d+|and\d+fen)",
    "number": r"s-[wzt]?\d+k?",
    "scale": r"s-(thousand|million|billion|w|e)",
    "month": r"s-m\d+",
    "day": r"s-day\d+",
    "year": r"s-y\d+",
    "hour": r"s-h\d+",
    "minute": r"s-(min|oh)\d+",
}

REMEDIES: Mapping[str, str] = {
    "digit": "zh says 幺 for 1; accounts in fours; keyed numbers are heard again before they count",
    "letter": "initials only remind; the account number decides",
    "fen": "figures: digit by digit once more, where money goes to others",
    "number": "figures: digit by digit once more, where money goes to others",
    "scale": "figures: digit by digit once more, where money goes to others",
    "month": "month, day and year in the usual order; 3 says it again",
    "day": "month, day and year in the usual order; 3 says it again",
    "year": "month, day and year in the usual order; 3 says it again",
    "hour": "no money depends on it",
    "minute": "no money depends on it",
}
"""What OneCall does where such values stand."""


class Confusable(msgspec.Struct, frozen=True):
    """Two words of a language that sound nearly alike, and where they may be taken for each other:
    place → one example of each."""

    language: str
    one: str
    other: str
    places: dict[str, tuple[str, str]]


class _Ear(msgspec.Struct, frozen=True):
    words: Callable[[str], list[str]]
    sounds: Mapping[str, Sound]
    near: Callable[[Sound, Sound], bool]


_EARS: Mapping[str, _Ear] = {
    "zh": _Ear(list, ZH, near_zh),
    "en": _Ear(lambda text: re.findall("[A-Za-z]+", text), EN, near_en),
}


def confusable(language: str) -> tuple[Confusable, ...]:
    """Return the pairs of words of a language that may be taken for each other, with where.

    Raises KeyError for a language whose sounds are not known here.
    """
    ear = _EARS[language]
    found: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}
    for place, pattern in _PLACES.items():
        texts = [text for name, text in segments(language).items() if re.fullmatch(pattern, name)]
        for pair, example in _pairs(ear, sorted(set(texts), key=lambda text: (len(text), text))):
            found.setdefault(pair, {}).setdefault(place, example)
    return tuple(Confusable(language, *pair, places) for pair, places in found.items())


def _pairs(ear: _Ear, texts: list[str]) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Yield the words that differ, in a fixed order, and the texts in which they do."""
    said = [(text, ear.words(text)) for text in texts]
    for (one, left), (other, right) in combinations(said, 2):
        differing = [pair for pair in zip(left, right, strict=False) if pair[0] != pair[1]]
        if len(left) == len(right) and len(differing) == 1:
            ((mine, theirs),) = differing
            if ear.near(ear.sounds[mine], ear.sounds[theirs]):
                yield (
                    ((mine, theirs), (one, other))
                    if mine < theirs
                    else (
                        (theirs, mine),
                        (other, one),
                    )
                )
