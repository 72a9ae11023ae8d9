"""Recorders of channels, over AMI: what is muted or ended counts when Asterisk's own event says so.

MixMonitorMute and StopMixMonitor answer an error for a channel that nothing records, and take a
UNIQUEID for a channel's name. Asterisk 22.10 mutes every recorder of a channel with one action; where
it is not known to, stopping them is the surer way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from ivr.adapters.ami.interface import Ami
from ivr.adapters.ami.messages import PORT, AmiMessage, AmiRefused
from ivr.model.errors import PortError, PortTimeout
from ivr.ports.switch import Listening, OnListening, Unconfirmed

_NONE = ("Cannot set mute flag", "Could not stop monitoring channel", "No such channel")
"""Asterisk's words for a channel without a recorder, or that is gone."""
_MOST = 16
"""Recorders of one channel; more are no accident."""

_Expected = tuple[str, str, str]
"""An event's name, UNIQUEID, and the state it tells (empty where it tells none)."""


class AmiRecorders:
    """The Recorders port on AMI. `confirm_ms` is how long an event may take after the answer."""

    def __init__(self, client: Ami, confirm_ms: int = 2_000) -> None:
        self._client = client
        self._confirm_ms = confirm_ms
        self._expected: dict[_Expected, asyncio.Event] = {}
        self._told: list[OnListening] = []
        for name in ("MixMonitorMute", "MixMonitorStop"):
            client.on_event(name, self._confirm)
        client.on_event("MixMonitorStart", self._began)
        client.on_event("ChanSpyStart", self._spied)
        client.on_event("Hangup", self._gone)

    async def mute(self, channel: str, *, on: bool) -> bool:
        """Mute all recorders of a channel in both directions, or unmute them."""
        fields = {"Channel": channel, "Direction": "both", "State": str(int(on))}
        return await self._ask("MixMonitorMute", fields, ("MixMonitorMute", channel, str(int(on))))

    async def stop(self, channel: str) -> bool:
        """End one recorder after another until there is none."""
        for count in range(_MOST):
            if not await self._ask(
                "StopMixMonitor", {"Channel": channel}, ("MixMonitorStop", channel, "")
            ):
                return count > 0
        raise PortError(PORT, f"{channel} has more than {_MOST} recorders, or they do not end")

    def watch(self, told: OnListening) -> None:
        """Tell of recorders and spies that begin, and of channels that end."""
        self._told.append(told)

    async def _ask(self, action: str, fields: Mapping[str, str], expected: _Expected) -> bool:
        """Ask for silence and wait for the event; False: there is nothing to silence."""
        confirmed, recorded = self._expected.setdefault(expected, asyncio.Event()), False
        try:
            async with asyncio.timeout(self._confirm_ms / 1000):
                await self._client.action(action, fields, budget_ms=self._confirm_ms)
                recorded = True
                await confirmed.wait()
        except AmiRefused as refused:
            if refused.reason in _NONE:
                return False
            raise
        except TimeoutError as error:
            if recorded:
                problem = f"is recorded, and its silence not confirmed within {self._confirm_ms} ms"
                raise Unconfirmed(PORT, f"{fields['Channel']} {problem}") from error
            raise PortTimeout(PORT, self._confirm_ms) from error
        finally:
            if self._expected.get(expected) is confirmed:
                del self._expected[expected]
        return True

    def _confirm(self, event: AmiMessage) -> None:
        if event["Direction"] not in ("", "both"):
            return
        found = self._expected.get((event.name, event["Uniqueid"], event["State"]))
        if found is not None:
            found.set()

    def _began(self, event: AmiMessage) -> None:
        self._tell(Listening.RECORDER, event["Uniqueid"], "")

    def _spied(self, event: AmiMessage) -> None:
        self._tell(Listening.SPY, event["SpyeeUniqueid"], event["SpyerUniqueid"])

    def _gone(self, event: AmiMessage) -> None:
        self._tell(Listening.GONE, event["Uniqueid"], "")

    def _tell(self, what: Listening, channel: str, listener: str) -> None:
        for told in self._told:
            told(what, channel, listener)
