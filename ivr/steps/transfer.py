"""The step type `transfer`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from ivr.model.commands import Script, ask
from ivr.model.duration import PositiveDuration
from ivr.model.fields import ConfiguredName
from ivr.model.outcome import Outcome
from ivr.model.step import Context, Step
from ivr.ports.people import Transfer


class TransferCall(Step):
    """Ring a destination of the configuration and join it with the caller.

    Flows name destinations; numbers are in the configuration only, so that nobody can dial out by
    editing a flow. The step ends when the conversation is over and the caller still there.
    """

    verb: ClassVar[str] = "transfer"
    goal: ClassVar[bool] = True
    conversation: ClassVar[bool] = True
    helps: ClassVar[tuple[str, ...]] = ("answered",)
    shorthand: ClassVar[str | None] = "to"
    outcomes: ClassVar[dict[str, str]] = {
        "answered": "They talked, and the other side hung up first.",
        "busy": "The destination is busy.",
        "no_answer": "Nobody answered in time.",
        "unavailable": "The destination cannot be reached.",
    }
    example: ClassVar[str] = """\
front-desk:
  transfer: {to: front-desk, ring: 25s}
  on: {answered: goodbye, busy: agent, no_answer: agent, unavailable: agent}
"""

    to: ConfiguredName = Field(description="The destination, by its configured name.")
    ring: PositiveDuration = Field(30_000, description="How long it rings (30s).")

    def run(self, context: Context) -> Script[Outcome]:
        status = yield from ask(Transfer(self.to, self.ring))
        return Outcome(status.value)

    def destinations(self) -> tuple[str, ...]:
        return (self.to,)
