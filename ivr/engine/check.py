"""Checking flows: what would go wrong in a call, found before one comes."""

from __future__ import annotations

from collections.abc import Collection

from ivr.engine.checks import CHECKS, Known, World
from ivr.model.flow import FlowSet
from ivr.model.problem import Problem

__all__ = ["Known", "check"]


def check(
    flow_set: FlowSet, known: Known | None = None, broken: Collection[str] = ()
) -> tuple[Problem, ...]:
    """Return everything wrong with a set of flows, by file and line.

    `known` is what flows may name that is not in flow files; what it leaves out is not checked.
    `broken` are flows and calendars that exist but could not be read.
    """
    world = World(flow_set, known or Known(), broken)
    found = {problem for run in CHECKS for problem in run(world)}
    return tuple(sorted(found, key=lambda problem: (problem.place, problem.code, problem.message)))
