"""`ivr doctor`: is this system as it must be? Each module of this package looks at one subject.

A module is found by being here. It has `SUBJECT`, and `async look(site) -> Looked`; what it finds has
a code that never changes its meaning, and says what to do.
"""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Iterator
from typing import cast

import msgspec

from ivr.app.config import Config
from ivr.app.config.reading import Read
from ivr.centre.preflight import Finding
from ivr.model.errors import OneCallError

__all__ = ["Finding", "Looked", "Site", "examine", "subjects"]

BUDGET_S = 20.0
"""Longest look at one subject."""


class Site(msgspec.Struct, frozen=True):
    """What is looked at: the system of a configuration, as it was read."""

    read: Read

    @property
    def config(self) -> Config:
        """The configuration."""
        return self.read.config


class Looked(msgspec.Struct, frozen=True):
    """What was looked at, what was `seen` there in a few words, and what is wrong."""

    subject: str
    seen: str
    findings: tuple[Finding, ...] = ()


Look = Callable[[Site], Awaitable[tuple[str, tuple[Finding, ...]]]]
"""Returns what was seen and what is wrong. May raise OneCallError: that is wrong, then."""


def subjects() -> Iterator[tuple[str, Look]]:
    """Yield every subject with how to look at it."""
    for found in sorted(one.name for one in pkgutil.iter_modules(__path__)):
        module = importlib.import_module(f"{__name__}.{found}")
        yield module.SUBJECT, cast("Look", module.look)


async def examine(site: Site) -> tuple[Looked, ...]:
    """Look at everything, at the same time."""
    return tuple(await asyncio.gather(*(_looked(name, look, site) for name, look in subjects())))


async def _looked(subject: str, look: Look, site: Site) -> Looked:
    try:
        async with asyncio.timeout(BUDGET_S):
            seen, found = await look(site)
    except TimeoutError:
        seen, found = "no answer", (unseen(subject, f"no answer in {BUDGET_S:g} s"),)
    except OneCallError as error:
        seen, found = "cannot be looked at", (unseen(subject, str(error)),)
    return Looked(subject, seen, found)


def unseen(subject: str, why: str) -> Finding:
    """Return that something could not be looked at."""
    return Finding(
        "DOC001",
        why,
        subject,
        "what cannot be seen may be wrong as well",
        "see to this first, then run `ivr doctor` again",
    )
