"""Supervisors who listen, whisper or join in: never while the caller is alone with the machine, and never
unnoticed: the diary and the staff's trail have every try, whether it was let or not.
"""

from __future__ import annotations

import uuid

from ivr.app.floor.acting import Acting, Refused
from ivr.app.floor.targets import dial
from ivr.centre.agents import Standing
from ivr.model.floor import Spied
from ivr.ports.agents import AgentState, Refusal, Spying
from ivr.ports.legs import Legs
from ivr.ports.staff import Staff

_HEARD = (AgentState.TALKING, AgentState.HOLDING, AgentState.CONSULTING)


class Spies:
    """Who listens to whom."""

    def __init__(self, floor: Acting, legs: Legs, staff: Staff) -> None:
        self._floor = floor
        self._legs = legs
        self._staff = staff

    async def begin(self, supervisor: str, endpoint: str, standing: Standing, how: Spying) -> None:
        """Ring a supervisor and have them take part. Raises Refused, PortError."""
        refused = self._refusal(standing)
        await self._note(supervisor, endpoint, standing, how, refused)
        if refused is not None:
            raise Refused(refused)
        leg = f"{_named(standing.agent)}{uuid.uuid4().hex}"
        both = self._floor.legs(standing.call_id)
        for one in (both.caller, both.agent):
            await self._legs.unnoticed(one)
        if not await self._legs.spy(leg, dial(endpoint), both.agent, how):
            raise Refused(Refusal.TARGET)

    async def end(self, agent: str) -> None:
        """Have nobody listen to an agent any more, nor begin to. Raises PortError."""
        for channel in await self._legs.found(_named(agent)):
            await self._legs.hang_up(channel.uniqueid)

    def _refusal(self, standing: Standing) -> Refusal | None:
        if standing.state is AgentState.RESERVED:
            return Refusal.WINDOW
        if standing.state not in _HEARD or not self._floor.legs(standing.call_id).agent:
            return Refusal.STATE
        return None

    async def _note(
        self,
        supervisor: str,
        endpoint: str,
        standing: Standing,
        how: Spying,
        refused: Refusal | None,
    ) -> None:
        why = refused.value if refused else ""
        self._floor.emit(Spied(supervisor, standing.agent, standing.call_id, how.value, why))
        what = f"spy.{how}.refused.{why}" if why else f"spy.{how}"
        about = f"{standing.agent} {standing.call_id}".strip()
        await self._staff.note(supervisor, what, about, endpoint)


def _named(agent: str) -> str:
    return f"spy-{agent}-"
