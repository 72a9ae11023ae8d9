"""Offers in the simulator: one customer of the demo bank has agreed to hear of what is sold."""

from __future__ import annotations

from ivr.ports.proposals import Trouble

AGREED = "C1006"


class SimProposals:
    """The Proposals port of a simulated call."""

    def __init__(self) -> None:
        self._refused: set[tuple[str, str]] = set()

    async def trouble(self, customer: str, ani: str, product: str) -> Trouble | None:
        """Return why a product is not offered."""
        if customer != AGREED:
            return Trouble.NO_CONSENT
        return Trouble.REFUSED if (customer, product) in self._refused else None

    async def refused(self, customer: str, product: str) -> None:
        """Remember that a customer does not want a product."""
        self._refused.add((customer, product))
