"""What every engine process does."""

from __future__ import annotations

import asyncio
import json
import resource
from collections.abc import Coroutine
from typing import Any

import uvloop


def announce(port: int) -> None:
    """Say where the engine listens. Nobody may connect to find out: one peer would hang on it."""
    print(json.dumps({"port": port}), flush=True)


def many_files() -> None:
    """Permit as many connections as the machine does."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def run(work: Coroutine[Any, Any, None], *, fast: bool) -> None:
    """Run an engine on uvloop (`fast`) or on Python's own event loop."""
    many_files()
    (uvloop.run if fast else asyncio.run)(work)
