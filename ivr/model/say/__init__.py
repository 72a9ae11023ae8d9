"""The say-layer: values spoken as recorded segments, with no synthesiser at call time.

One module a language (`zh.py`, `en.py`): a new language is one new file with a `SPEAKER`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from ivr.model.errors import EvaluationError
from ivr.model.say.speaker import Said, Speaker
from ivr.model.say.value import READERS, TYPES
from ivr.model.values import Scalar

__all__ = ["KINDS", "TYPES", "Said", "Speaker", "languages", "say", "segments"]

KINDS: tuple[str, ...] = tuple(READERS)
"""What can be spoken: money, figures, number, digits, account, name, date, time, duration."""


def _discover() -> dict[str, Speaker]:
    found: dict[str, Speaker] = {}
    for entry in sorted(pkgutil.iter_modules(__path__), key=lambda entry: entry.name):
        module = importlib.import_module(f"{__name__}.{entry.name}")
        if hasattr(module, "SPEAKER"):
            found[entry.name] = module.SPEAKER
    return found


_SPEAKERS = _discover()


def languages() -> tuple[str, ...]:
    """Return the codes of the languages that can be spoken, sorted."""
    return tuple(_SPEAKERS)


def segments(language: str) -> Mapping[str, str]:
    """Return every recording a language's say-layer needs: id → text.

    Raises EvaluationError for a language that has no say-layer.
    """
    return _speaker(language).segments


def say(language: str, kind: str, value: Scalar) -> Said:
    """Return the recordings that speak a value, and what they say as text.

    Values by kind: money and figures (an amount's digits) are Money or a decimal text (CNY); number
    an int or its text; digits and account a text of digits; name any text (a person's name, which is
    masked); date, time an ISO 8601 text (a date with a time will do for both; seconds are not
    spoken); duration whole seconds. Different values are heard differently, but for names.

    Raises EvaluationError for what cannot be spoken; its text never holds the value.
    """
    speaker = _speaker(language)
    reader = READERS.get(kind)
    if reader is None:
        raise EvaluationError(f"nothing is spoken as {kind!r}; kinds are {', '.join(KINDS)}")
    try:
        ids = reader(speaker, value)
    except (ValueError, TypeError):
        # Without its cause: the value itself may be an account number.
        raise EvaluationError(f"a value that cannot be spoken as {kind}") from None
    return Said(tuple(ids), speaker.text(ids))


def _speaker(language: str) -> Speaker:
    speaker = _SPEAKERS.get(language)
    if speaker is None:
        raise EvaluationError(
            f"language {language!r} has no say-layer; there are {', '.join(_SPEAKERS)}"
        )
    return speaker
