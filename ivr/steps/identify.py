"""The step type `identify`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar, Literal

from msgspec.structs import replace
from pydantic import Field

from ivr.centre.customers import FACTS, GROUP, IDENTIFIED, customer_facts, customer_number
from ivr.centre.remember import recall
from ivr.model.commands import Script, ask
from ivr.model.errors import PortError
from ivr.model.outcome import Outcome
from ivr.model.profile import Profile
from ivr.model.step import Context, Step
from ivr.ports.identity import Customer
from ivr.ports.identity import Identify as IdentifyCaller


class Identify(Step):
    """Find out who is calling by the calling number: level 1.

    A number that is withheld, on nobody's file, or on the file of several customers identifies
    nobody. Sets the facts `customer.number`, `.name`, `.segment`, `.language` and `.products`. The
    call goes on in the language and at the pace of the customer's last one. A caller who is known
    already, and may be at a higher level, stays who they are.
    """

    verb: ClassVar[str] = "identify"
    outcomes: ClassVar[dict[str, str]] = {
        "known": "The number is one customer's, and one's only.",
        "unknown": "The number is withheld, on nobody's file, or shared.",
        "unavailable": "The bank did not tell, or not in time.",
    }
    raises: ClassVar[int] = IDENTIFIED
    example: ClassVar[str] = """\
who:
  identify: {by: ani}
  on: {known: menu, unknown: welcome, unavailable: welcome}
"""

    by: Literal["ani"] = Field(
        "ani", description="What tells who it is: `ani`, the calling number."
    )

    def run(self, context: Context) -> Script[Outcome]:
        if customer_number(context.session) is not None:
            return Outcome("known")
        try:
            customer = yield from ask(IdentifyCaller(context.session.ani))
        except PortError:
            return Outcome("unavailable")
        if customer is None:
            return Outcome("unknown")
        return (yield from _known(context, customer))

    def facts(self) -> Mapping[str, str]:
        return FACTS

    def sets(self, outcome: str) -> Collection[str]:
        return FACTS if outcome == "known" else ()


def _known(context: Context, customer: Customer) -> Script[Outcome]:
    facts = yield from customer_facts(customer)
    known = Outcome("known", facts={GROUP: facts}, auth=IDENTIFIED, language=None)
    try:
        profile = yield from recall(customer.number)
    except PortError:
        profile = Profile(customer.number)
    spoken = profile.language or customer.language
    language = spoken if spoken in context.languages else None
    return replace(known, language=language, pace=profile.pace)
