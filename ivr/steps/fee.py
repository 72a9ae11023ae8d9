"""The step type `fee`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from ivr.model.commands import Script, ask
from ivr.model.errors import PortError
from ivr.model.outcome import Outcome
from ivr.model.step import Context, Step
from ivr.model.values import Money
from ivr.ports.knowledge import GetFee

_YUAN = 100
"""Fen in a yuan: a share of one hundredth of a percent is one yuan of 10,000."""


class FeeEnquiry(Step):
    """Ask what a service costs.

    Sets `fee_rate` (what is taken of every 10,000.00), `fee_least` and `fee_most` (0.00: no more than
    the rate says). What an order costs is heard before it is authorised: see the step `order`.
    """

    verb: ClassVar[str] = "fee"
    goal: ClassVar[bool] = True
    shorthand: ClassVar[str | None] = "service"
    outcomes: ClassVar[dict[str, str]] = {
        "charged": "It costs something.",
        "free": "It costs nothing.",
        "unknown": "The bank does not know this service.",
        "unavailable": "The bank did not tell, or not in time.",
    }
    example: ClassVar[str] = """\
what-it-costs:
  fee: remit
  on: {charged: say-fee, free: say-free, unknown: agent, unavailable: agent}
"""

    service: str = Field(
        pattern=r"^[a-z_]{1,64}$",
        description="The service, as the bank calls it: an operation of an order type.",
    )

    def run(self, context: Context) -> Script[Outcome]:
        try:
            fee = yield from ask(GetFee(self.service))
        except PortError:
            return Outcome("unavailable")
        if fee is None:
            return Outcome("unknown")
        if not fee.share and not fee.least.minor:
            return Outcome("free")
        rate = Money(fee.share * _YUAN, fee.least.currency)
        known = {"fee_rate": rate, "fee_least": fee.least, "fee_most": fee.most}
        return Outcome("charged", variables=known)

    def assigns(self) -> Mapping[str, str]:
        return {"fee_rate": "money", "fee_least": "money", "fee_most": "money"}

    def sets(self, outcome: str) -> tuple[str, ...]:
        return ("fee_rate", "fee_least", "fee_most") if outcome == "charged" else ()
