"""The picture of what agents do, drawn from the very table that the floor runs."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.adapters.draw.states import Arrow, draw_states
from ivr.centre.agents import DEFERRED, ENGAGED, FREE, TABLE, Act
from ivr.ports.agents import AgentState


def agents_diagram() -> str:
    """Return it in Mermaid."""
    return draw_states(AgentState.OFFLINE, _arrows())


def _arrows() -> Iterator[Arrow]:
    for state, acts in TABLE.items():
        for act, target in acts.items():
            if target is FREE:
                yield state, AgentState.READY, act
                yield state, AgentState.PAUSED, f"{act} (a pause was asked for)"
                yield state, AgentState.OFFLINE, f"{act} (a logout was asked for)"
            elif act not in DEFERRED or target != state:
                yield state, target, act
            if act is Act.ENDED:
                yield state, AgentState.OFFLINE, f"{act} (a logout was asked for)"
        if state in ENGAGED:
            asked = ", ".join(sorted(DEFERRED))
            yield state, state, f"{asked} (after the call)"
