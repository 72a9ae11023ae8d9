"""How far long work on databases is, where somebody looks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")


def shown(work: Iterator[T], count: int, what: str) -> Iterator[T]:
    """Pass on what work yields, of which there are `count`."""
    console = Console(stderr=True)
    yield from track(
        work, what, total=count, console=console, transient=True, disable=not console.is_terminal
    )
