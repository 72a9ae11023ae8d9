"""Who may be offered a product: nobody whose own matter is not solved."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from ivr.centre.campaigns.dialable import Wishes
from ivr.centre.campaigns.proposing import trouble
from ivr.ports.campaigns import Scope
from ivr.ports.proposals import Trouble

AGREED = Wishes(agreed=True)


@pytest.mark.parametrize(
    ("why", "wishes", "cases", "orders"),
    [
        (None, AGREED, 0, 0),
        (Trouble.CASE, AGREED, 1, 0),
        (Trouble.ORDER, AGREED, 0, 1),
        (Trouble.NO_CONSENT, Wishes(), 0, 0),
        (Trouble.NO_CALLS, replace(AGREED, no_calls=frozenset({Scope.SALES})), 0, 0),
        (Trouble.REFUSED, replace(AGREED, refused=frozenset({"deposit"})), 0, 0),
        (None, replace(AGREED, refused=frozenset({"fund"})), 0, 0),
    ],
)
def test_why_a_product_is_not_offered(
    why: Trouble | None, wishes: Wishes, cases: int, orders: int
) -> None:
    assert trouble("deposit", wishes, cases, orders) is why
