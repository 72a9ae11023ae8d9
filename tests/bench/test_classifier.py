"""The classifier, on what customers say in two languages: what it is sure of is right, and new words beat chance."""

from __future__ import annotations

import random

import pytest

from bench.classifier import LEAST, SAID, judged, parted

pytestmark = [pytest.mark.proof, pytest.mark.timeout(60)]


def test_what_was_learnt_is_known_when_it_is_said_otherwise() -> None:
    lessons, asked = parted(random.Random(1), 4, new=False)
    assert not {one.text for one in asked} <= {one.text for one in lessons}
    found = judged(lessons, asked)
    assert found["right"] > 95
    assert found["sure"] >= LEAST


def test_new_words_are_guessed_far_better_than_by_chance_and_hardly_believed() -> None:
    lessons, asked = parted(random.Random(1), 4, new=True)
    found = judged(lessons, asked)
    assert found["right"] > 3 * found["chance"]
    assert found["sure"] >= LEAST
    assert found["believed"] < 20
    said = {text for texts in SAID.values() for text in texts}
    heard = {text for text in said if any(text in one.text for one in lessons)}
    assert not any(text in one.text for text in heard for one in asked), "none was a lesson"
