"""The step type `remember`."""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace

from ivr.centre.customers import customer_number
from ivr.centre.remember import remember
from ivr.model.commands import Script
from ivr.model.errors import PortError
from ivr.model.outcome import Outcome
from ivr.model.pace import Pace
from ivr.model.profile import Profile
from ivr.model.session import Session
from ivr.model.step import Context, Step


class Remember(Step):
    """Remember for an identified caller's next call: its language, and the pace of their keys.

    It belongs at the end of a call, and in the flow's `on: {hangup: …}`, as most callers hang up
    first. Of a caller who is not identified nothing is kept.
    """

    verb: ClassVar[str] = "remember"
    outcomes: ClassVar[dict[str, str]] = {
        "done": "It is kept, or there is nothing to keep.",
        "unavailable": "It could not be kept, or not in time.",
    }
    example: ClassVar[str] = """\
keep:
  remember: {}
  on: {done: end, unavailable: end}
"""

    def run(self, context: Context) -> Script[Outcome]:
        customer = customer_number(context.session)
        if customer is None:
            return Outcome("done")
        try:
            yield from remember(customer, lambda stored: _updated(stored, context.session))
        except PortError:
            return Outcome("unavailable")
        return Outcome("done")


def _updated(stored: Profile, session: Session) -> Profile:
    pace = stored.pace if session.pace == Pace() else session.pace
    return replace(stored, language=session.language, pace=pace)
