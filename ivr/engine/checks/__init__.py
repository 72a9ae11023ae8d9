"""Checks of a set of flows, each a small function. A new one goes into its module's `CHECKS`."""

from ivr.engine.checks import edges, menus, names, subflows, variables
from ivr.engine.checks.world import Check, Known, World

CHECKS: tuple[Check, ...] = (
    *edges.CHECKS,
    *subflows.CHECKS,
    *variables.CHECKS,
    *names.CHECKS,
    *menus.CHECKS,
)

__all__ = ["CHECKS", "Check", "Known", "World"]
