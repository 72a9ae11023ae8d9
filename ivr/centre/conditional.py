"""Conditional choices of a menu: which a call offers, and how they are heard.

The prompt of a menu is one recording and cannot name a choice that is there for some callers only:
such a choice is announced after it.
"""

from __future__ import annotations

from collections.abc import Mapping

from ivr.centre.own_menu import announced
from ivr.model.choices import Choice
from ivr.model.errors import EvaluationError
from ivr.model.speech import Speech
from ivr.model.step import Context


def offered(choices: Mapping[str, Choice], context: Context) -> dict[str, Choice]:
    """Return the choices that are offered in this call, by their keys. Raises EvaluationError."""
    return {key: choice for key, choice in choices.items() if _holds(key, choice, context)}


def announced_apart(choices: Mapping[str, Choice]) -> tuple[Speech, ...]:
    """Return what announces those of some choices that are conditional."""
    return tuple(
        announced(choice.say, key)
        for key, choice in choices.items()
        if choice.when is not None and choice.say is not None
    )


def _holds(key: str, choice: Choice, context: Context) -> bool:
    if choice.condition is None:
        return True
    value = context.evaluate(choice.condition)
    if isinstance(value, bool):
        return value
    raise EvaluationError(f"the condition of {key} is neither true nor false")
