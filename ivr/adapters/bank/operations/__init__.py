"""What the embedded bank can do. A family of products is one module here; nothing else lists it.

A module has `OPERATIONS` and `SOURCES`, by the names of `ivr.ports.posting`; and `fall_due`, if the bank
has work of its own with its products.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from ivr.adapters.bank.desk import FallDue, Offer, Operate

_MODULES = [
    importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)
]

OPERATIONS: Mapping[str, Operate] = {
    name: operation for module in _MODULES for name, operation in module.OPERATIONS.items()
}
SOURCES: Mapping[str, Offer] = {
    name: source for module in _MODULES for name, source in module.SOURCES.items()
}
FALL_DUE: tuple[FallDue, ...] = tuple(
    module.fall_due for module in _MODULES if hasattr(module, "fall_due")
)
