"""Step types: one file each. Whatever is in this package is a step type; nothing lists them.

Others' packages add step types by the entry point group `ivr.steps`, each entry a class.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import entry_points

from ivr.model.errors import OneCallError
from ivr.model.step import Step

ENTRY_POINTS = "ivr.steps"


class StepTypeError(OneCallError):
    """A step type cannot be used: its verb is taken, or it is no step type."""


@cache
def discover() -> Mapping[str, type[Step]]:
    """Return every step type by its verb, sorted. Raises StepTypeError."""
    return registry((*own(), *others()))


def registry(types: tuple[type[Step], ...]) -> Mapping[str, type[Step]]:
    """Return step types by verb, sorted. Raises StepTypeError when two have the same."""
    found: dict[str, type[Step]] = {}
    for step in types:
        taken = found.setdefault(step.verb, step)
        if taken is not step:
            raise StepTypeError(
                f"two step types have the verb `{step.verb}`: "
                f"{taken.__module__}.{taken.__qualname__} and {step.__module__}.{step.__qualname__}"
            )
    return dict(sorted(found.items()))


def own() -> Iterator[type[Step]]:
    """Yield the step types of this package."""
    for module in pkgutil.iter_modules(__path__):
        name = f"{__name__}.{module.name}"
        for member in vars(importlib.import_module(name)).values():
            if isinstance(member, type) and issubclass(member, Step) and member.__module__ == name:
                yield member


def others() -> Iterator[type[Step]]:
    """Yield the step types that other packages add. Raises StepTypeError."""
    for entry in entry_points(group=ENTRY_POINTS):
        try:
            found = entry.load()
        except Exception as error:  # another's module may do anything when it is imported
            raise StepTypeError(f"the step type {entry.value} cannot be loaded: {error}") from error
        if not (isinstance(found, type) and issubclass(found, Step)):
            raise StepTypeError(f"{entry.value}, a step type by its entry point, is no step type")
        yield found
