"""Checks of a set of flows, each a small function. A new one goes into its module's `CHECKS`."""

from ivr.engine.checks import (
    asking,
    campaigns,
    cases,
    circles,
    edges,
    kinds,
    menus,
    names,
    orders,
    queues,
    subflows,
    surveys,
    taxonomy,
    variables,
    wording,
)
from ivr.engine.checks.world import Check, Known, World

CHECKS: tuple[Check, ...] = (
    *edges.CHECKS,
    *circles.CHECKS,
    *subflows.CHECKS,
    *variables.CHECKS,
    *kinds.CHECKS,
    *names.CHECKS,
    *menus.CHECKS,
    *wording.CHECKS,
    *orders.CHECKS,
    *queues.CHECKS,
    *campaigns.CHECKS,
    *cases.CHECKS,
    *taxonomy.CHECKS,
    *surveys.CHECKS,
    *asking.CHECKS,
)

__all__ = ["CHECKS", "Check", "Known", "World"]
