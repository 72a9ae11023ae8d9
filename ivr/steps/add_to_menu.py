"""The step type `add_to_menu`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from ivr.centre.customers import customer_number
from ivr.centre.entries import add
from ivr.centre.own_menu import LAST_SERVICE, announced, announcing_keys, joined
from ivr.centre.remember import remember
from ivr.model.commands import Script, ask
from ivr.model.errors import PortError
from ivr.model.outcome import Outcome
from ivr.model.speech import Speech
from ivr.model.step import Context, Step
from ivr.ports.channel import Play
from ivr.ports.clock import Now

_ADDED = Speech(("menu-shortcut",))
_HINT = Speech(("edit-hint",))
_FULL = Speech(("menu-full",))
_NOTHING = Speech(("nothing-to-add",))
_UNAVAILABLE = Speech(("menu-unavailable",))


class AddToMenu(Step):
    """Add the service that was used last to the caller's own menu, and say where it is.

    Where the outcome `add` of a menu leads. The caller is told why when it cannot be added.
    """

    verb: ClassVar[str] = "add_to_menu"
    outcomes: ClassVar[dict[str, str]] = {
        "done": "The service is in the caller's menu now, or was already.",
        "refused": "Nothing was used yet that can be added, the menu is full, or it is not to be had.",
    }
    normal: ClassVar[str | None] = "done"
    example: ClassVar[str] = """\
add-service:
  add_to_menu: {}
  on: {done: anything-else, refused: anything-else}
"""

    def run(self, context: Context) -> Script[Outcome]:
        customer = customer_number(context.session)
        service = context.session.facts.get(LAST_SERVICE)
        if customer is None or not isinstance(service, str) or service not in context.services:
            return (yield from _refused(context, _NOTHING))
        now = yield from ask(Now())
        try:
            profile = yield from remember(
                customer, lambda stored: add(stored, service, context.services, now).profile
            )
        except PortError:
            return (yield from _refused(context, _UNAVAILABLE))
        if service not in profile.entries:
            return (yield from _refused(context, _FULL))
        place = profile.entries.index(service) + 1
        said = joined(announced(joined(context.services[service], _ADDED), str(place)), _HINT)
        yield from ask(Play(context.audible(said)))
        return Outcome("done", facts={LAST_SERVICE: ""})

    def speeches(self) -> Iterator[Speech]:
        yield from (_ADDED, _HINT, _FULL, _NOTHING, _UNAVAILABLE, *announcing_keys())

    def facts(self) -> Mapping[str, str]:
        return {LAST_SERVICE: "text"}


def _refused(context: Context, why: Speech) -> Script[Outcome]:
    yield from ask(Play(context.audible(why)))
    return Outcome("refused")
