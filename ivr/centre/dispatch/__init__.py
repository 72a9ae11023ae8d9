"""The dispatcher: skills, order, estimated waits, surges. The same code routes live calls and is
simulated before a change of queues is published."""

from ivr.centre.dispatch.dispatcher import Dispatcher
from ivr.centre.dispatch.values import (
    Caller,
    Decision,
    DialCustomer,
    Dismiss,
    Estimate,
    Match,
    Outlook,
    SurgeChange,
)

__all__ = [
    "Caller",
    "Decision",
    "DialCustomer",
    "Dismiss",
    "Dispatcher",
    "Estimate",
    "Match",
    "Outlook",
    "SurgeChange",
]
