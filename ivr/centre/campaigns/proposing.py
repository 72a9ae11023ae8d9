"""Who may be offered a product in a call of their own: live call, then service, then offer."""

from __future__ import annotations

from ivr.centre.campaigns.dialable import Wishes
from ivr.ports.proposals import Trouble


def trouble(product: str, wishes: Wishes, cases: int, orders: int) -> Trouble | None:
    """Return why a product is not offered. `cases` and `orders` of theirs are open: whoever has an own
    matter that is not solved is offered nothing."""
    if cases:
        return Trouble.CASE
    if orders:
        return Trouble.ORDER
    if wishes.no_calls:
        return Trouble.NO_CALLS
    if not wishes.agreed:
        return Trouble.NO_CONSENT
    return Trouble.REFUSED if product in wishes.refused else None
