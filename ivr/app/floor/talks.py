"""Conversations as the stories of calls tell them: how long each was, who ended it, and in what silence.

Speech is noticed by Asterisk (TALK_DETECT): a leg that was silent for a second is said to be, and nothing
of what was spoken goes anywhere.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from ivr.model.events import ConversationEnded, Event
from ivr.model.floor import Answered, Ended, FloorEvent, Left

NOTICED_AFTER = timedelta(seconds=1)
"""So long after the last word Asterisk says that a leg is silent: see `TALK_DETECT` in the dialplan."""
_LEGS_MOST = 10_000


class Voices:
    """When each leg was last heard to speak. A leg is a channel, by its name or its UNIQUEID."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, datetime | None] = OrderedDict()
        """None: speaks just now."""

    def begins(self, *leg: str) -> None:
        """Take it that a leg speaks; each of its names is one of `leg`."""
        self._note(leg, None)

    def stops(self, *leg: str, at: datetime) -> None:
        """Take it that a leg is noticed to be silent."""
        self._note(leg, at - NOTICED_AFTER)

    def forget(self) -> None:
        """Know nothing any more: events were missed."""
        self._last.clear()

    def silent_ms(self, legs: tuple[str, ...], since: datetime, now: datetime) -> int | None:
        """Return for how long none of the legs has spoken, at most since then; None where nobody was
        heard at all."""
        heard = [self._last[leg] or now for leg in legs if leg in self._last]
        if not heard or max(heard) < since:
            return None
        return max(0, _ms(now - max(heard)))

    def _note(self, leg: tuple[str, ...], at: datetime | None) -> None:
        for name in leg:
            self._last[name] = at
            self._last.move_to_end(name)
        while len(self._last) > _LEGS_MOST:
            self._last.popitem(last=False)


class Talk(msgspec.Struct):
    """An agent and a caller since they were joined; `channel` is the agent's."""

    since: datetime
    channel: str = ""


class Talks:
    """Who talks with whom: a fold of the floor's events. From when it is set on, `tell` takes what the
    story of a call is told."""

    def __init__(self) -> None:
        self.voices = Voices()
        self.tell: Callable[[str, Event], None] = lambda call_id, event: None
        self.open: dict[str, dict[str, Talk]] = {}
        """By call, then by agent."""

    def take(self, at: datetime, event: FloorEvent) -> None:
        """Take one event."""
        match event:
            case Answered(call_id=call_id, agent=agent, channel=channel):
                talk = self.open.setdefault(call_id, {}).setdefault(agent, Talk(at))
                talk.channel = channel or talk.channel
            case Ended(call_id=call_id, agent=agent):
                talks = self.open.get(call_id, {})
                if agent in talks:
                    self.tell(call_id, self._ended(at, event, talks.pop(agent)))
            case Left(call_id=call_id):
                self.open.pop(call_id, None)

    def _ended(self, at: datetime, event: Ended, talk: Talk) -> ConversationEnded:
        silent = self.voices.silent_ms((event.call_id, talk.channel), talk.since, at)
        ms = max(0, _ms(at - talk.since))
        return ConversationEnded(event.queue, event.agent, ms, event.by, silent)


def _ms(length: timedelta) -> int:
    return round(length / timedelta(milliseconds=1))
