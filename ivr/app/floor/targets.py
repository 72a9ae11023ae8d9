"""Where callers may be sent: an agent at work, a queue, or a branch of the configuration.

An agent names a target; what is dialled comes from the configuration and from who is logged in where.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ivr.app.floor.acting import Refused
from ivr.centre.agents import Standing
from ivr.ports.agents import AgentState, Refusal

AGENT, QUEUE, BRANCH = "agent", "queue", "branch"


class Target(msgspec.Struct, frozen=True):
    """Somebody who can be rung: `name` as in `agent:1002`, their dial string, the agent's number."""

    name: str
    dial: str
    agent: str = ""


def split(target: str) -> tuple[str, str]:
    """Return kind and name of a target. Raises Refused."""
    kind, found, name = target.partition(":")
    if not found or kind not in (AGENT, QUEUE, BRANCH):
        raise Refused(Refusal.TARGET)
    return kind, name


def colleague(agent: str, standings: Mapping[str, Standing]) -> Target:
    """Return an agent who can be rung now. Raises Refused."""
    standing = standings.get(agent)
    if standing is None or standing.state is not AgentState.READY:
        raise Refused(Refusal.TARGET)
    return Target(f"{AGENT}:{agent}", dial(standing.endpoint), agent)


def branch(number: str, branches: Mapping[str, str]) -> Target:
    """Return a branch of the configuration. Raises Refused."""
    if number not in branches:
        raise Refused(Refusal.TARGET)
    return Target(f"{BRANCH}:{number}", branches[number])


def dial(endpoint: str) -> str:
    """Return the dial string of an endpoint, which login has checked against the allowed ones."""
    return f"PJSIP/{endpoint}"
