"""Kinds of acts. Whatever act is in this package may be in the ledger; nothing lists them.

A kind's class name is its name in the ledger for ever, and so are its fields: a new field has a
default.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from ivr.centre.releases.state import Act


@cache
def discover() -> tuple[type[Act], ...]:
    """Return every kind of act."""
    modules = [
        importlib.import_module(f"{__name__}.{found.name}")
        for found in pkgutil.iter_modules(__path__)
    ]
    return tuple(
        member
        for module in modules
        for member in vars(module).values()
        if isinstance(member, type) and issubclass(member, Act)
        if member.__module__ == module.__name__
    )
