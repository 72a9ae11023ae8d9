"""Key figures of queues and agents, folded from the events of the floor: live, in reports, simulated."""

from ivr.centre.kpi.agents import AgentTimes, Doing, Work
from ivr.centre.kpi.counts import Counts, Thresholds
from ivr.centre.kpi.intervals import INTERVAL, begins, day_of, intervals
from ivr.centre.kpi.queues import Kpi
from ivr.centre.kpi.stay import Fate, Stay

__all__ = [
    "INTERVAL",
    "AgentTimes",
    "Counts",
    "Doing",
    "Fate",
    "Kpi",
    "Stay",
    "Thresholds",
    "Work",
    "begins",
    "day_of",
    "intervals",
]
