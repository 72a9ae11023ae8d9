"""Two sets of flows, and what going from one to the other costs callers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile import load
from ivr.app.config import Config
from ivr.app.ledger import ReleaseError, open_ledger
from ivr.app.simulation import prompts_of
from ivr.app.traffic import Reached, traffic_since
from ivr.centre.cost import Endless
from ivr.centre.traffic import Traffic
from ivr.engine.diff.compare import Difference, compare
from ivr.engine.diff.toll import Toll, toll
from ivr.engine.journeys import TooManyWays
from ivr.model.errors import FlowError
from ivr.model.flow import FlowSet

MONTH = timedelta(days=30)
_DAY = timedelta(days=1)


class Side(msgspec.Struct, frozen=True):
    """A set of flows, and what it is called."""

    name: str
    flows: FlowSet


class Comparison(msgspec.Struct, frozen=True):
    """What is different. `toll` is None where there is no difference, or for the reason `unpriced`;
    `traffic` is what it is measured by, of the calls on the version before (`own`) or of all."""

    before: Side
    after: Side
    difference: Difference
    traffic: Traffic
    own: bool
    toll: Toll | None
    unpriced: str = ""


async def sides(config: Config, names: Sequence[str], *, releases: bool) -> tuple[Side, Side]:
    """Return what is compared: two folders or, with `releases`, two numbers of releases. Instead of
    the second the configured folder is taken, and instead of the first the release in force.

    Raises FlowError, ReleaseError, ConfigError, PortError.
    """
    first = await _side(config, names[0], releases) if names else await _in_force(config)
    second = (
        await _side(config, names[1], releases)
        if len(names) > 1
        else Side(_shown(config.flows), load(config.flows))
    )
    return first, second


async def _side(config: Config, name: str, releases: bool) -> Side:
    if releases and name.isdecimal():
        async with open_ledger(config) as ledger:
            return Side(f"release {name}", await ledger.flows(int(name)))
    return _in_folder(name)


def _in_folder(name: str) -> Side:
    folder = Path(name)
    if not folder.is_dir():
        hint = "; write --release to compare releases" if name.isdecimal() else ""
        raise FlowError(f"{name}: there is no such folder{hint}")
    return Side(name, load(folder))


async def _in_force(config: Config) -> Side:
    async with open_ledger(config) as ledger:
        release = (await ledger.state()).in_force
        if release is None:
            raise ReleaseError("no release is in force; name two folders to compare")
        return Side(f"release {release.number}", await ledger.flows(release.number))


def _shown(folder: Path) -> str:
    here = Path.cwd()
    return str(folder.relative_to(here)) if folder.is_relative_to(here) else str(folder)


async def comparison(
    config: Config,
    before: Side,
    after: Side,
    since: datetime,
    language: str | None,
    reached: Reached,
) -> Comparison:
    """Compare two sets of flows, and price the difference by the calls that began since then.

    `reached` is told how far the calls have been counted. Raises PortError, CatalogueError.
    """
    difference = compare(before.flows, after.flows)
    if not difference.changes:
        return Comparison(before, after, difference, Traffic(), False, None)
    versions = (before.flows.version, None)
    of_before, of_all = await traffic_since(config, since, versions, reached)
    own = bool(of_before.calls)
    traffic = of_before if own else of_all
    monthly = _a_month(traffic, SystemClock(config.zone).now())
    prompts = prompts_of(config.prompts)
    try:
        price = toll(before.flows, after.flows, difference, prompts, language, traffic, monthly)
    except (Endless, TooManyWays) as error:
        return Comparison(before, after, difference, traffic, own, None, str(error))
    return Comparison(before, after, difference, traffic, own, price)


def _a_month(traffic: Traffic, now: datetime) -> float:
    """Return how many calls a month there are, by those since the first one; of less than a day, as
    if it had been a whole one."""
    if traffic.first is None:
        return 0
    return traffic.calls * (MONTH / max(now - traffic.first, _DAY))
