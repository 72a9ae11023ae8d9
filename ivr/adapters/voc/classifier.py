"""The classifier: runs of one to three characters, weighted by how rare they are, and logistic regression.

No words are cut, so Chinese needs no dictionary and is learnt like English. A small hotline's lessons are
learnt in a second; nothing is random, so the same lessons make the same classifier.
"""

from __future__ import annotations

import hashlib
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ivr.model.errors import PortError
from ivr.ports.voc import Accuracy, Guess, Lesson

MOST_FOLDS = 5
_RUNS = (1, 3)
_STRENGTH = 10.0
"""How little weights are held back (C): texts are short, and each says little."""


class CharacterModel:
    """The Model port: a classifier that has learnt."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self._themes = [str(theme) for theme in pipeline.classes_]
        self.sha256 = _hash(pipeline)

    def guess(self, texts: Sequence[str]) -> list[Guess]:
        """Return the likeliest theme of each text."""
        if not texts:
            return []
        chances = self._pipeline.predict_proba(list(texts))
        best = chances.argmax(axis=1)
        return [
            Guess(self._themes[place], round(float(row[place]), 9))
            for row, place in zip(chances, best, strict=True)
        ]


class CharacterLearning:
    """The Learning port, by scikit-learn. Raises PortError where that is not installed."""

    def learn(self, lessons: Sequence[Lesson]) -> CharacterModel | None:
        """Return a classifier of all lessons."""
        known = _enough(lessons)
        if known is None:
            return None
        with _quietly():
            pipeline = _pipeline()
            pipeline.fit([one.text for one in known], [one.theme for one in known])
        return CharacterModel(pipeline)

    def accuracy(self, lessons: Sequence[Lesson]) -> Accuracy | None:
        """Return how good it is: each lesson is guessed by one that has learnt the other folds'."""
        known = _enough(lessons)
        if known is None:
            return None
        from sklearn.metrics import accuracy_score, f1_score
        from sklearn.model_selection import StratifiedKFold, cross_val_predict

        counts = Counter(one.theme for one in known)
        folds = min(MOST_FOLDS, *counts.values())
        themes = sorted(counts)
        right = [one.theme for one in known]
        with _quietly():
            parts = StratifiedKFold(folds, shuffle=True, random_state=0)
            guessed = cross_val_predict(_pipeline(), [one.text for one in known], right, cv=parts)
        each = f1_score(right, guessed, labels=themes, average=None, zero_division=0)
        scores = {
            theme: (round(float(f1), 9), counts[theme])
            for theme, f1 in zip(themes, each, strict=True)
        }
        return Accuracy(
            len(known),
            folds,
            round(float(accuracy_score(right, guessed)), 9),
            round(float(each.mean()), 9),
            scores,
        )


def _enough(lessons: Sequence[Lesson]) -> list[Lesson] | None:
    """Return the lessons of the themes that have at least two; None: there are not two such themes."""
    counts = Counter(one.theme for one in lessons)
    known = [one for one in lessons if counts[one.theme] > 1]
    return known if len({one.theme for one in known}) > 1 else None


def _pipeline() -> Any:
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
    except ImportError:
        raise PortError(
            "voc", "there is no scikit-learn; run: pip install 'onecall[reports]'"
        ) from None
    runs = TfidfVectorizer(analyzer="char", ngram_range=_RUNS, sublinear_tf=True, lowercase=True)
    return make_pipeline(runs, LogisticRegression(C=_STRENGTH, max_iter=1_000))


def _hash(pipeline: Any) -> str:
    """Return the SHA-256 over all that was learnt: runs, rarities, themes, weights (to nine decimals)."""
    runs, regression = (step for _, step in pipeline.steps)
    digest = hashlib.sha256("\n".join(sorted(runs.vocabulary_)).encode())
    digest.update("\n".join(map(str, regression.classes_)).encode())
    for numbers in (runs.idf_, regression.coef_, regression.intercept_):
        digest.update((numbers.round(9) + 0.0).astype("<f8").tobytes())
    return digest.hexdigest()


@contextmanager
def _quietly() -> Iterator[None]:
    """Few lessons of a theme are no mistake of whoever asks for a report."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
