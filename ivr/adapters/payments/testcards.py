"""The sandbox's test cards: what the gateway does with each. No card of anybody has such a number.

The numbers are the well-known public ones where there are such, so that testers know them; those that
fail in a way that only a telephone payment must survive are our own. `docs/payments.md` lists them.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

import msgspec

from ivr.ports.payments import Decline


class Mishap(enum.StrEnum):
    """What goes wrong on the way between us and the gateway."""

    NONE = ""
    FAILS = "fails"  # an error, nothing is done
    LOST = "lost"  # the request never arrives, and nobody answers
    LATE = "late"  # authorised, but answered long after anybody waits for it
    LATE_CAPTURE = "late_capture"  # the same of the capture
    TWICE = "twice"  # every request arrives twice, as a network repeats it
    BLIND = "blind"  # authorised and answered late, and queries fail for a while


class SandboxCard(msgspec.Struct, frozen=True):
    """What the gateway does with a card: declines it, or has a mishap, or neither."""

    decline: Decline = Decline.NONE
    mishap: Mishap = Mishap.NONE


GOOD = SandboxCard()

CARDS: Mapping[str, SandboxCard] = {
    "6200000000000005": GOOD,
    "6205500000000000004": GOOD,
    "4242424242424242": GOOD,
    "4111111111111111": GOOD,
    "5555555555554444": GOOD,
    "5105105105105100": GOOD,
    "3566002020360505": GOOD,
    "378282246310005": GOOD,
    "30569309025904": GOOD,
    "4000000000000002": SandboxCard(Decline.REFUSED),
    "4000000000009995": SandboxCard(Decline.FUNDS),
    "4000000000009987": SandboxCard(Decline.CARD),
    "4000000000000069": SandboxCard(Decline.EXPIRED),
    "4000000000000127": SandboxCard(Decline.CVV),
    "4000000000000119": SandboxCard(mishap=Mishap.FAILS),
    "4000000000007007": SandboxCard(mishap=Mishap.LOST),
    "4000000000007015": SandboxCard(mishap=Mishap.LATE),
    "4000000000007023": SandboxCard(mishap=Mishap.LATE_CAPTURE),
    "4000000000007031": SandboxCard(mishap=Mishap.TWICE),
    "4000000000007049": SandboxCard(mishap=Mishap.BLIND),
}
"""By number. A number that is not here is of no card at all."""

KEYED = ("4242424242424242", "1230")
"""What a caller of a proof keys of a card: a number and an expiry that are good for years."""
WRONG_CVV = frozenset({"000", "0000"})
"""Security codes that no card has: declined with CVV, so that a second try can succeed."""
BLIND_QUERIES = 3
"""How many queries fail for a BLIND card."""
LATE_S = 60.0
"""How late a late answer is, in seconds."""
