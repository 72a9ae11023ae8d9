"""From a wish (the command line's, or the configuration's for the gate) to what is simulated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from ivr.adapters.clock import SystemClock
from ivr.app.callers import working_day
from ivr.app.config import Config, QueueSimConfig
from ivr.app.floor.diary import DATABASE, read_diary
from ivr.app.forecast import Row, read_forecast
from ivr.app.places import place
from ivr.app.queuesim.day import Behaviour
from ivr.app.queuesim.forecast import Forecasted, Spread, lines, staffed
from ivr.app.queuesim.recorded import Recorded, recorded
from ivr.app.queuesim.study import Settings
from ivr.centre.hours import Status, state
from ivr.centre.kpi import Thresholds
from ivr.centre.kpi.target import Target, read_target
from ivr.centre.kpi.verdict import LOOKS
from ivr.centre.patience import exponential
from ivr.model.errors import OneCallError
from ivr.model.flow import FlowSet

PATIENCE_S = 120.0
"""The mean patience where nobody says one."""
USUAL_DAYS = 20
"""Days simulated where nobody says how many, and nothing is to be decided."""

_DAY = timedelta(days=1)


class CannotSimulate(OneCallError):
    """Nothing can be simulated of what was asked for: why, and what to do."""


class Wish(msgspec.Struct, frozen=True):
    """What to simulate: `rows` of a forecast, or else what was recorded from `since` on; with so many
    `agents` of the first line, or those there are; on which `day`.

    `patience_s` is the mean patience of callers of whom the forecast says nothing; None: as recorded.
    """

    since: datetime
    rows: Sequence[Row] = ()
    agents: int | None = None
    day: date | None = None
    days: int = LOOKS[-1]
    seed: int = 1
    target: Target | None = None
    confidence: float = 0.95
    thresholds: Thresholds = Thresholds()
    patience_s: float | None = PATIENCE_S
    spread: Spread = Spread()
    behaviour: Behaviour = Behaviour()


def configured(config: Config, rows: Sequence[Row] | None = None) -> Wish:
    """Return what the configuration wishes for, with its own forecast or other rows. Raises
    ForecastError."""
    usual = config.queue_sim or QueueSimConfig()
    if rows is None:
        rows = read_forecast(usual.forecast) if usual.forecast else ()
    return Wish(
        SystemClock(config.zone).now() - usual.recorded * _DAY,
        rows,
        days=usual.days if config.queue_sim else USUAL_DAYS,
        target=read_target(usual.target) if config.queue_sim else None,
        confidence=usual.confidence,
        behaviour=Behaviour(accept=usual.accept, reached=usual.reached),
    )


def settings_for(wish: Wish, flows: FlowSet, config: Config) -> Settings:
    """Return what is to be simulated. Raises CannotSimulate, NothingRecorded, PortError."""
    plan = flows.queues
    if not plan.queues or not plan.agents:
        raise CannotSimulate("the flows have no queues.yaml or no agents.yaml; see docs/queues.md")
    for condition in wish.target.conditions if wish.target else ():
        if condition.queue and condition.queue not in plan.queues:
            raise _no_queue(condition.queue, flows)
    if wish.agents is not None:
        if not lines(plan)[0]:
            raise CannotSimulate("agents.yaml has nobody in the first line to work")
        plan = staffed(plan, wish.agents)
    zone = ZoneInfo(config.zone)
    begins = datetime.combine(wish.day or working_day(config), time(), zone)
    within_s = wish.target.within_s if wish.target else None
    thresholds = replace(wish.thresholds, within_s=within_s or wish.thresholds.within_s)
    behaviour = wish.behaviour
    source: Forecasted | Recorded
    if wish.rows:
        source = _forecasted(wish, flows, config, begins)
    else:
        source = _recorded(wish, config)
        behaviour = replace(behaviour, missed=source.missed)
    return Settings(
        plan,
        source,
        begins,
        behaviour,
        thresholds,
        wish.days,
        wish.seed,
        wish.target,
        wish.confidence,
    )


def _recorded(wish: Wish, config: Config) -> Recorded:
    zone = ZoneInfo(config.zone)
    return recorded(read_diary(place(config, DATABASE), zone, wish.since), zone)


def _forecasted(wish: Wish, flows: FlowSet, config: Config, begins: datetime) -> Forecasted:
    if wish.patience_s is None:
        patience = _recorded(wish, config).patience[""]
    else:
        patience = exponential(wish.patience_s)
    queues = flows.queues.queues
    spans = {
        name: list(_open(flows, queue.calendar, begins))
        for name, queue in queues.items()
        if queue.calendar
    }
    return Forecasted([_named(row, flows) for row in wish.rows], patience, wish.spread, spans)


def _named(row: Row, flows: FlowSet) -> Row:
    """Return a row with the queue it is about. Raises CannotSimulate if there is no such queue."""
    queues = flows.queues.queues
    name = row.queue or (next(iter(queues)) if len(queues) == 1 else "")
    if name not in queues:
        raise _no_queue(name, flows)
    return row.model_copy(update={"queue": name})


def _no_queue(name: str, flows: FlowSet) -> CannotSimulate:
    known = ", ".join(flows.queues.queues)
    return CannotSimulate(f"`{name}` is no queue of queues.yaml; there are {known}")


def _open(flows: FlowSet, calendar: str, begins: datetime) -> Iterator[tuple[float, float]]:
    """Yield when a calendar is open on a day, in seconds since it began."""
    at, ends = begins, begins + _DAY
    while at < ends:
        hours = state(flows.calendars[calendar], at)
        if hours.status is Status.OPEN:
            closes = min(hours.closes or ends, ends)
            yield (at - begins).total_seconds(), (closes - begins).total_seconds()
            at = closes
        else:
            at = hours.opens or ends
