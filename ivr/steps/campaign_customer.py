"""The step type `campaign_customer`."""

from __future__ import annotations

from typing import ClassVar

from ivr.centre.customers import customer_number
from ivr.model.commands import Script, ask
from ivr.model.errors import PortError
from ivr.model.outcome import Outcome
from ivr.model.step import Context, Step
from ivr.ports.campaigns import IsMeant


class CampaignCustomer(Step):
    """Tell whether the caller, as identified so far, is the customer whom the campaign has called.

    It proves no more than they have shown: `requires: {auth: 2}` has them key their PIN first.
    """

    verb: ClassVar[str] = "campaign_customer"
    outcomes: ClassVar[dict[str, str]] = {
        "same": "It is the customer who was called.",
        "other": "It is another customer, or nobody who is known.",
        "unavailable": "It cannot be told now.",
    }
    normal: ClassVar[str | None] = "same"
    example: ClassVar[str] = """\
whose:
  campaign_customer: {}
  requires: {auth: 2}
  on: {same: due, other: not-yours, unavailable: agent, refused: agent}
"""

    def run(self, context: Context) -> Script[Outcome]:
        session = context.session
        customer = customer_number(session) or ""
        try:
            same = yield from ask(IsMeant(session.call_id, customer))
        except PortError:
            return Outcome("unavailable")
        return Outcome("same" if same else "other")
