"""Kinds of slots: one file each. Whatever is in this package is a kind of slot; nothing lists them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from ivr.model.orders import Slot


@cache
def discover() -> Mapping[str, type[Slot]]:
    """Return every kind of slot by the key that names it, sorted."""
    modules = [
        importlib.import_module(f"{__name__}.{found.name}")
        for found in pkgutil.iter_modules(__path__)
    ]
    kinds = (
        member
        for module in modules
        for member in vars(module).values()
        if isinstance(member, type) and issubclass(member, Slot)
        if member.__module__ == module.__name__
    )
    return {kind.kind: kind for kind in sorted(kinds, key=lambda kind: kind.kind)}
