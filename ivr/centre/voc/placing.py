"""Collecting: whose a voice is, and in which menu its caller was, told by the call it is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import msgspec

from ivr.centre.voc.listening import MENU
from ivr.centre.voc.values import Owners, Voice
from ivr.model.events import CallEnded, CallQueued, CallStarted, StepEntered
from ivr.ports.voc import Told


class Trail(msgspec.Struct):
    """A call's way: the number it dialled, the flow it began in, who called, where they waited, and the menu
    steps with their times."""

    dnis: str = ""
    flow: str = ""
    ani: str = ""
    customer: str = ""
    queue: str = ""
    menus: list[tuple[int, str]] = msgspec.field(default_factory=list)

    def menu(self, at_ms: int, complaining: Collection[str]) -> str:
        """Return the menu step that the caller had come to last by then. A flow to complain in is not what
        is complained about, unless the call began there."""
        menus = (step for at, step in reversed(self.menus) if at <= at_ms)
        flows = {flow for flow in complaining if flow != self.flow}
        return next((step for step in menus if step.partition(".")[0] not in flows), "")


def trails(told: Iterable[Told]) -> dict[str, Trail]:
    """Return the ways of calls, by their ids."""
    found: dict[str, Trail] = {}
    for call, at_ms, event in told:
        trail = found.setdefault(call, Trail())
        if isinstance(event, CallStarted):
            trail.dnis, trail.ani, trail.flow = event.dnis, event.ani, event.flow
        elif isinstance(event, StepEntered) and event.verb == MENU:
            trail.menus.append((at_ms, f"{event.flow}.{event.step}"))
        elif isinstance(event, CallQueued):
            trail.queue = event.queue
        elif isinstance(event, CallEnded):
            trail.customer = event.customer
    return found


def placed(owners: Owners, voice: Voice, ways: Mapping[str, Trail]) -> Voice:
    """Return a voice with what its call tells; what it has already stays."""
    trail = ways.get(voice.call)
    if trail is None:
        return voice
    return msgspec.structs.replace(
        voice,
        who=voice.who or trail.customer or trail.ani,
        branch=voice.branch or owners.branch(trail.dnis, trail.queue),
        menu=trail.menu(voice.at_ms, owners.complaining),
        queue=trail.queue,
    )
