"""Calls that the bank begins, by AMI's Originate through one trunk.

The new channel's UNIQUEID is ours: it is how its session is known, and Asterisk refuses a second
channel of the same one.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

import msgspec

from ivr.adapters.ami.interface import Ami
from ivr.adapters.ami.messages import PORT, AmiDown, AmiMessage, AmiRefused
from ivr.adapters.ami.snapshot import Snapshot
from ivr.centre.dialling import Numbers
from ivr.model.errors import PortError, PortTimeout
from ivr.ports.dialler import Dialled, Outgoing

CONTEXT = "outgoing"
"""Where the dialplan takes a call that is answered."""
SLACK_MS = 5_000
"""How much longer than the telephone may ring Asterisk may take to say how it went."""

_ID = re.compile(r"[a-z0-9-]{1,64}")
_REASONS: Mapping[str, Dialled] = {
    "4": Dialled.ANSWERED,
    "5": Dialled.BUSY,
    "1": Dialled.NO_ANSWER,  # the other side ended it
    "3": Dialled.NO_ANSWER,  # it rang until it was given up
}
"""`Reason` of OriginateResponse: the control frame that ended the dialling."""
_UP = "Up"


class Trunk(msgspec.Struct, frozen=True):
    """How calls leave: the endpoint, the number shown to those called, what may be dialled."""

    endpoint: str
    caller_id: str
    numbers: Numbers


class AmiDialler:
    """The Dialler port."""

    def __init__(self, client: Ami, trunk: Trunk) -> None:
        self._client = client
        self._trunk = trunk
        self._pending: dict[str, asyncio.Future[Dialled]] = {}
        client.on_event("OriginateResponse", self._answered)
        client.on_snapshot(self._compare)

    def allows(self, number: str) -> bool:
        """Whether a number is one of those that may be dialled at all."""
        return self._trunk.numbers.allows(number)

    async def dial(self, outgoing: Outgoing) -> Dialled:
        """Begin a call, and return how dialling went. Raises PortError where nobody knows."""
        if not self.allows(outgoing.number):
            return Dialled.REFUSED
        if not _ID.fullmatch(outgoing.id) or outgoing.id in self._pending:
            raise PortError(PORT, "a call that is begun needs an id of its own")
        went: asyncio.Future[Dialled] = asyncio.get_running_loop().create_future()
        self._pending[outgoing.id] = went
        try:
            await self._client.action("Originate", self._fields(outgoing))
            async with asyncio.timeout((outgoing.ring_ms + SLACK_MS) / 1000):
                return await went
        except (AmiDown, AmiRefused):
            return Dialled.FAILED  # nothing was dialled
        except TimeoutError as error:
            raise PortTimeout(PORT, outgoing.ring_ms + SLACK_MS) from error
        finally:
            del self._pending[outgoing.id]

    async def live(self) -> frozenset[str]:
        """Return the UNIQUEIDs of all channels that there are."""
        return frozenset(one.uniqueid for one in await self._client.core_channels())

    def _fields(self, outgoing: Outgoing) -> dict[str, str | int]:
        return {
            # The answer to the action has this id, and so has the event that tells how it went.
            "ActionID": outgoing.id,
            "Channel": f"PJSIP/{outgoing.number}@{self._trunk.endpoint}",
            "ChannelId": outgoing.id,
            "Context": CONTEXT,
            "Exten": outgoing.dnis,
            "Priority": 1,
            "Timeout": outgoing.ring_ms,
            "CallerID": f"<{self._trunk.caller_id}>",
        }

    def _answered(self, event: AmiMessage) -> None:
        reason = _REASONS.get(event["Reason"], Dialled.FAILED)
        self._tell(event["ActionID"], reason)

    def _compare(self, snapshot: Snapshot) -> None:
        """After a lost connection: what has been answered meanwhile, and what nobody knows."""
        there = {one.uniqueid: one.state for one in snapshot.channels}
        for id_ in tuple(self._pending):
            if there.get(id_) == _UP:
                self._tell(id_, Dialled.ANSWERED)
            elif id_ not in there and not self._client.elsewhere(id_, snapshot.asterisk):
                problem = "the connection to Asterisk was lost while it dialled"
                self._tell(id_, PortError(PORT, problem))

    def _tell(self, id_: str, told: Dialled | PortError) -> None:
        went = self._pending.get(id_)
        if went is None or went.done():
            return
        if isinstance(told, Dialled):
            went.set_result(told)
        else:
            went.set_exception(told)
