"""The step type `matter`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar

from pydantic import Field

from ivr.centre.customers import customer_number
from ivr.model.choices import CHOICE_ID
from ivr.model.commands import Script, ask
from ivr.model.errors import PortError
from ivr.model.fields import VariableName
from ivr.model.outcome import Outcome
from ivr.model.step import Context, Step
from ivr.ports.bank import GetMatters, MatterState
from ivr.ports.clock import Now


class OpenMatter(Step):
    """Ask the bank how far it has come with the customer's latest matter of a kind.

    It belongs behind `requires: {auth: 2}`. A matter that the caller may not hear of at this level
    is passed over.
    """

    verb: ClassVar[str] = "matter"
    shorthand: ClassVar[str | None] = "kind"
    goal: ClassVar[bool] = True
    outcomes: ClassVar[dict[str, str]] = {
        MatterState.PENDING.value: "It is under way.",
        MatterState.DONE.value: "It is done.",
        MatterState.REJECTED.value: "It was refused, or has failed.",
        "none": "There is no such matter.",
        "unavailable": "The bank did not tell, or not in time, or tells no amount where one is wanted.",
    }
    example: ClassVar[str] = """\
transfer-state:
  matter: {kind: transfer, into: amount}
  requires: {auth: 2}
  on:
    done: transfer-done
    pending: transfer-pending
    rejected: agent
    none: main-menu
    unavailable: agent
    refused: main-menu
"""

    kind: str = Field(pattern=CHOICE_ID, description="What it is about, in the bank's word.")
    into: VariableName | None = Field(None, description="The variable for its amount.")

    def run(self, context: Context) -> Script[Outcome]:
        customer = customer_number(context.session)
        if customer is None:
            return Outcome("none")
        now = yield from ask(Now())
        try:
            matters = yield from ask(GetMatters(customer, now))
        except PortError:
            return Outcome("unavailable")
        about = (one for one in matters if one.kind == self.kind)
        matter = next((one for one in about if context.session.reaches(one.level)), None)
        if matter is None:
            return Outcome("none")
        if self.into is None:
            return Outcome(matter.state.value)
        if matter.amount is None:
            return Outcome("unavailable")
        return Outcome(matter.state.value, variables={self.into: matter.amount})

    def compares(self) -> Mapping[str, tuple[str, ...]]:
        return {"kind": (self.kind,)}

    def assigns(self) -> Mapping[str, str]:
        return {} if self.into is None else {self.into: "money"}

    def sets(self, outcome: str) -> Collection[str]:
        return self.assigns() if outcome in tuple(MatterState) else ()
