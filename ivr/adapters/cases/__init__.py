"""Where cases are kept. A backend is one module here that names its class `BACKEND`."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any


def discover() -> dict[str, type[Any]]:
    """Return the backends by the name of their module, by which the configuration chooses one."""
    modules = {
        found.name: importlib.import_module(f"{__name__}.{found.name}")
        for found in pkgutil.iter_modules(__path__)
    }
    return {name: module.BACKEND for name, module in modules.items() if hasattr(module, "BACKEND")}
