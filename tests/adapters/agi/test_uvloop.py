"""The same on uvloop, which runs the hotline in production."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from types import ModuleType
from typing import Any

import pytest
import uvloop

from tests.adapters.agi import test_line, test_server

Scenario = Callable[[], Coroutine[Any, Any, None]]


def scenarios(module: ModuleType) -> list[Scenario]:
    """The module's asynchronous tests that ask for no fixture."""
    return [
        function
        for name, function in inspect.getmembers(module, inspect.iscoroutinefunction)
        if name.startswith("test_") and not inspect.signature(function).parameters
    ]


@pytest.mark.parametrize(
    "scenario",
    scenarios(test_line) + scenarios(test_server),
    ids=lambda scenario: scenario.__name__,
)
def test_on_uvloop(scenario: Scenario) -> None:
    uvloop.run(scenario())
