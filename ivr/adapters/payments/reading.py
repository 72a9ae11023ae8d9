"""What the sandbox gateway reads off a card that it is given, and what it keeps of it."""

from __future__ import annotations

import hmac
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec

from ivr.adapters.payments.testcards import CARDS, GOOD, WRONG_CVV, SandboxCard
from ivr.centre.cards import brand_of
from ivr.model.errors import PortError
from ivr.ports.payments import Card, Decline

_NO_CARD = SandboxCard(Decline.CARD)


class Known(msgspec.Struct, frozen=True):
    """A card as the gateway keeps it, and what it does with it."""

    brand: str = ""
    tail: str = ""
    token: str = ""
    does: SandboxCard = GOOD


NOBODYS = Known(does=_NO_CARD)
"""No card at all."""


class Reader:
    """Reads cards. `secret` makes the marks by which the same card is known again."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def look_at(self, card: Card) -> Known:
        """Return what is kept of a card, and what is done with it. Raises PortError."""
        if card.sealed:
            raise PortError("payments", "this gateway takes cards as they are, not sealed ones")
        brand = brand_of(card.pan)
        does = CARDS.get(card.pan.reveal(), _NO_CARD)
        if does is GOOD and any(map(card.cvv.matches, WRONG_CVV)):
            does = SandboxCard(Decline.CVV)
        return Known(brand.name if brand else "", card.pan.tail(), does=does)

    def mark(self, card: Card) -> str:
        """Return the card's mark: nobody finds the number from it without the secret."""
        with card.pan.exposed() as digits:
            return hmac.digest(self._secret, digits, "sha256").hex()


def read_secret(path: Path) -> bytes:
    """Return the secret in a file, making it (mode 0600) at the first use. Raises PortError."""
    try:
        if not path.exists():
            _make(path)
        return path.read_bytes()
    except OSError as error:
        problem = f"the gateway's secret {path} cannot be read or made: {error.strerror}"
        raise PortError("payments", problem) from error


def _make(path: Path) -> None:
    # Made whole under another name and then linked: of several processes one wins, and the others
    # never read half a secret.
    with tempfile.NamedTemporaryFile(dir=path.parent) as file:
        file.write(secrets.token_bytes(32))
        file.flush()
        with suppress(FileExistsError):
            path.hardlink_to(file.name)
