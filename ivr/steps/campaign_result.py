"""The step type `campaign_result`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from ivr.model.commands import Script, ask
from ivr.model.document import Name
from ivr.model.errors import PortError
from ivr.model.outcome import Outcome
from ivr.model.step import Context, Step
from ivr.ports.campaigns import TellResult


class CampaignResult(Step):
    """Take down what a campaign's call has led to: one of the `outcomes` of its file, which say what
    follows. It is kept before the caller hears more; the last word of a call counts, and what an agent
    says of it afterwards counts more."""

    verb: ClassVar[str] = "campaign_result"
    shorthand: ClassVar[str | None] = "outcome"
    outcomes: ClassVar[dict[str, str]] = {
        "noted": "It is taken down.",
        "unavailable": "It could not be taken down: the customer is called again as if nothing was said.",
    }
    normal: ClassVar[str | None] = "noted"
    example: ClassVar[str] = """\
promised:
  campaign_result: promised
  on: {noted: thanks, unavailable: thanks}
"""

    outcome: Name = Field(
        description="An outcome of the campaign.", examples=["promised", "information"]
    )

    def run(self, context: Context) -> Script[Outcome]:
        try:
            yield from ask(TellResult(context.session.call_id, self.outcome))
        except PortError:
            return Outcome("unavailable")
        return Outcome("noted")

    def results(self) -> tuple[str, ...]:
        return (self.outcome,)
