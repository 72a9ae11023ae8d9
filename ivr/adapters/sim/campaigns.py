"""Campaigns in the simulator: a call to a campaign's own number is one."""

from __future__ import annotations

from ivr.model.values import Money
from ivr.ports.campaigns import Called, Heard

CALLED = Called("reminders", "13800001111", "C1001", Money.of("1234.50"), "20261122")
"""What every simulated call is about: a customer of the demo bank has something to pay."""


class SimCampaigns:
    """The Campaigns port of a simulated call."""

    async def called(self, call_id: str) -> Called | None:
        """Return what every call is about."""
        return CALLED

    async def heard(self, call_id: str, heard: Heard) -> None:
        """Take who is there."""

    async def meant(self, call_id: str, customer: str) -> bool:
        """Return whether it is the customer of every call."""
        return customer == CALLED.customer

    async def result(self, call_id: str, outcome: str) -> None:
        """Take what it has led to."""
