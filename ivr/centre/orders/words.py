"""What the step `order` says in every order, whatever its type."""

from __future__ import annotations

from ivr.centre.orders.asking import SPOKEN
from ivr.model.expressions import Expression
from ivr.model.speech import Speech, SpokenItem

_REFERENCE = SpokenItem(digits=Expression("{{ order.reference }}"))

CONFIRM = Speech(("order-confirm",))
CHANGE = Speech(("order-change",))
CANCELLED = Speech(("order-cancelled",))
UNAVAILABLE = Speech(("order-unavailable",))
TOO_OFTEN = Speech(("order-too-often",))
REFUSED = Speech(("order-refused",))
PIN = Speech(("order-pin",))
WRONG_PIN = Speech(("order-pin-wrong",))
LOCKED = Speech(("order-locked",))
STALE = Speech(("order-stale",))
WORKING = Speech(("order-working",))
POSTED = Speech(("order-posted", _REFERENCE))
ACCEPTED = Speech(("order-accepted", _REFERENCE))
REJECTED = Speech(("order-rejected", _REFERENCE))
UNKNOWN = Speech(("order-unknown", _REFERENCE, "order-unknown-after"))
DOUBTFUL = Speech(("order-doubtful",))

FIXED = (
    *SPOKEN,
    *(CONFIRM, CHANGE, CANCELLED, UNAVAILABLE, TOO_OFTEN, REFUSED, PIN, WRONG_PIN, LOCKED, STALE),
    *(WORKING, POSTED, ACCEPTED, REJECTED, UNKNOWN, DOUBTFUL),
)
