"""Ledgers of orders. A backend is one module here that names its class `BACKEND`; nothing else lists it."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any


def discover() -> dict[str, type[Any]]:
    """Return the backends by the name of their module, by which the configuration chooses one.

    One that stands on a package which is not installed here is left out.
    """
    found = {one.name: _backend(one.name) for one in pkgutil.iter_modules(__path__)}
    return {name: backend for name, backend in found.items() if backend is not None}


def _backend(name: str) -> type[Any] | None:
    try:
        module = importlib.import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith(__name__.partition(".")[0]):
            raise
        return None
    return getattr(module, "BACKEND", None)
