"""Offers in the simulator: whoever has not refused a product may be offered it."""

from __future__ import annotations

from ivr.ports.proposals import Trouble


class SimProposals:
    """The Proposals port of a simulated call. Every customer has agreed to hear of what is sold."""

    def __init__(self) -> None:
        self._refused: set[tuple[str, str]] = set()

    async def trouble(self, customer: str, ani: str, product: str) -> Trouble | None:
        """Return why a product is not offered."""
        return Trouble.REFUSED if (customer, product) in self._refused else None

    async def refused(self, customer: str, product: str) -> None:
        """Remember that a customer does not want a product."""
        self._refused.add((customer, product))
