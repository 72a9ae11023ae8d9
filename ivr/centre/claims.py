"""Who a caller says they are: an account, a card or a customer number, keyed. It proves nothing."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.centre.input import Entry
from ivr.model.commands import Script, ask
from ivr.model.secret import Secret
from ivr.model.speech import Speech
from ivr.model.step import Context
from ivr.ports.identity import By, Claimed, LookUp

LENGTHS: Mapping[By, tuple[int, int]] = {
    By.ACCOUNT: (4, 20),
    By.CARD: (12, 19),
    By.CUSTOMER: (4, 12),
}
"""How many digits such a number has: fewest, most."""

PROMPTS: Mapping[By, Mapping[int, Speech]] = {
    By.ACCOUNT: {1: Speech(("enter-account",))},
    By.CARD: {1: Speech(("enter-card",))},
    By.CUSTOMER: {1: Speech(("enter-customer-number",))},
}
"""Asks for it, where a flow does not say how."""


def is_secret(by: By) -> bool:
    """Whether such a number may not be kept: of a card's only the last four digits are."""
    return by is By.CARD


def look_up(context: Context, by: By, entry: Entry) -> Script[Claimed]:
    """Return whose number was keyed, and forget it. Raises PortError."""
    number = entry.secret or Secret(entry.digits)
    session = context.session
    try:
        return (yield from ask(LookUp(by, number, session.ani, session.trunk)))
    finally:
        number.wipe()
