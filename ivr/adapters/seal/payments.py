"""The Payments port of a bank that wants ciphertext: cards are sealed before anybody sees them."""

from __future__ import annotations

from collections.abc import Awaitable

from ivr.adapters.seal.sealer import Sealer
from ivr.model.values import Money
from ivr.ports.payments import Card, MerchantOrder, Payment, Payments


class SealedPayments:
    """A Payments port in front of another, which is only ever given sealed cards."""

    def __init__(self, behind: Payments, sealer: Sealer) -> None:
        self._behind = behind
        self._sealer = sealer

    def merchant_order(self, number: str) -> Awaitable[MerchantOrder | None]:
        """Ask on."""
        return self._behind.merchant_order(number)

    async def authorise(
        self, key: str, order: str, amount: Money, card: Card, instalments: int
    ) -> Payment:
        """Seal the card for this key, and ask on."""
        sealed = self._sealer.seal(card, key)
        return await self._behind.authorise(key, order, amount, sealed, instalments)

    def authorise_token(
        self, key: str, order: str, amount: Money, token: str, instalments: int
    ) -> Awaitable[Payment]:
        """Ask on."""
        return self._behind.authorise_token(key, order, amount, token, instalments)

    async def tokenise(self, key: str, card: Card) -> Payment:
        """Seal the card for this key, and ask on."""
        return await self._behind.tokenise(key, self._sealer.seal(card, key))

    def capture(self, key: str) -> Awaitable[Payment]:
        """Ask on."""
        return self._behind.capture(key)

    def void(self, key: str) -> Awaitable[Payment]:
        """Ask on."""
        return self._behind.void(key)

    def refund(self, key: str, reference: str, amount: Money) -> Awaitable[Payment]:
        """Ask on."""
        return self._behind.refund(key, reference, amount)

    def query(self, key: str) -> Awaitable[Payment | None]:
        """Ask on."""
        return self._behind.query(key)
