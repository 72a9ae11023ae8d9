"""The sandbox gateway: takes money from test cards, in an SQLite file of its own.

| the key is      | authorise              | capture  | void             | query    |
|-----------------|------------------------|----------|------------------|----------|
| unknown         | AUTHORISED or DECLINED | an error | VOIDED, for ever | None     |
| AUTHORISED      | as it is               | CAPTURED | VOIDED           | as it is |
| something else  | as it is               | as it is | as it is         | as it is |

What is answered under a key is answered for ever after, whatever else is asked with it. Test cards
fail on the way to it and back (`testcards`): what it has done and what is heard of it are then two
things.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from msgspec.structs import replace

from ivr.adapters.payments.book import KIND, Book
from ivr.adapters.payments.reading import NOBODYS, Known, Reader, read_secret
from ivr.adapters.payments.testcards import LATE_S, Mishap
from ivr.model.errors import PortError
from ivr.model.values import Money
from ivr.ports.backend import Settings
from ivr.ports.clock import Clock
from ivr.ports.payments import Card, Decline, MerchantOrder, Payment, PaymentState

_MOST = 2**53
"""More than any amount in minor units (CWE-190: SQLite's integers end at 2**63)."""


class SandboxGateway:
    """The gateway (`ivr.ports.payments.Payments`); every method raises PortError.

    `wait` is how a late answer is late: it is given the seconds.
    """

    def __init__(
        self, book: Book, reader: Reader, wait: Callable[[float], Awaitable[None]]
    ) -> None:
        self._book = book
        self._reader = reader
        self._wait = wait

    @classmethod
    async def open(
        cls, path: Path, wait: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> SandboxGateway:
        """Open the file, making it with the demo's orders at the first use. Raises PortError."""
        book = await Book.open(path)
        secret = await asyncio.to_thread(read_secret, path.with_suffix(".key"))
        return cls(book, Reader(secret), wait)

    @classmethod
    async def opened(cls, settings: Settings, clock: Clock) -> SandboxGateway:
        """Open it as the configuration says."""
        return await cls.open(settings.file)

    async def close(self) -> None:
        """Close the file."""
        await self._book.close()

    async def merchant_order(self, number: str) -> MerchantOrder | None:
        """Return what is to be paid under a merchant's order number."""
        async with self._book.writing():
            return await self._book.order(number)

    async def authorise(
        self, key: str, order: str, amount: Money, card: Card, instalments: int
    ) -> Payment:
        """Reserve an amount on a test card."""
        asked = Payment(key, PaymentState.AUTHORISED, _sound(amount), order=order)
        return await self._reserve(asked, self._reader.look_at(card), instalments)

    async def authorise_token(
        self, key: str, order: str, amount: Money, token: str, instalments: int
    ) -> Payment:
        """Reserve an amount on a card that is on file, or was tokenised."""
        asked = Payment(key, PaymentState.AUTHORISED, _sound(amount), order=order)
        async with self._book.writing():
            card = await self._book.card(token)
        return await self._reserve(asked, card or NOBODYS, instalments)

    async def tokenise(self, key: str, card: Card) -> Payment:
        """Keep a card: the same card has the same token."""
        known, mark = self._reader.look_at(card), self._reader.mark(card)
        await self._on_the_way(known.does.mishap)
        async with self._book.writing():
            if await self._book.find(key) is None:
                asked = _decided(Payment(key, PaymentState.TOKENISED), known.does.decline)
                if asked.decline is Decline.NONE:
                    known = replace(known, token=f"T{mark[:20]}")
                    await self._book.put_card(known, mark)
                await self._book.put(asked, known)
            return await self._book.held(key)

    async def capture(self, key: str) -> Payment:
        """Take what is reserved."""
        async with self._book.writing():
            await self._book.move(key, PaymentState.CAPTURED)
            payment = await self._book.held(key)
            mishap = await self._book.mishap(key)
        if mishap is Mishap.LATE_CAPTURE:
            await self._wait(LATE_S)
        return payment

    async def void(self, key: str) -> Payment:
        """Let go of what is reserved; a key that never arrived is used up."""
        async with self._book.writing():
            await self._book.move(key, PaymentState.VOIDED)
            if await self._book.find(key) is None:
                await self._book.put(Payment(key, PaymentState.VOIDED), Known())
            return await self._book.held(key)

    async def refund(self, key: str, reference: str, amount: Money) -> Payment:
        """Give back an amount of a captured payment, once for its key."""
        asked = Payment(key, PaymentState.REFUNDED, _sound(amount))
        async with self._book.writing():
            if await self._book.find(key) is None:
                await self._give_back(asked, await self._book.referred(reference))
            return await self._book.held(key)

    async def query(self, key: str) -> Payment | None:
        """Return what is held under a key; None when it never arrived."""
        async with self._book.writing():
            payment, blind = await self._book.find(key), await self._book.blind(key)
        if blind:
            raise PortError(KIND.port, "the gateway cannot tell at the moment", retryable=True)
        return payment

    async def _reserve(self, asked: Payment, card: Known, instalments: int) -> Payment:
        mishap = card.does.mishap
        await self._on_the_way(mishap)
        payment = await self._arrived(asked, card, instalments)
        if mishap is Mishap.TWICE:
            payment = await self._arrived(asked, card, instalments)
        if mishap in (Mishap.LATE, Mishap.BLIND):
            await self._wait(LATE_S)
        return payment

    async def _arrived(self, asked: Payment, card: Known, instalments: int) -> Payment:
        async with self._book.writing():
            if await self._book.find(asked.key) is None:
                decline = await self._objection(asked, card, instalments)
                months = 0 if decline is Decline.REFUSED else instalments
                await self._book.put(_decided(asked, decline), card, months)
            return await self._book.held(asked.key)

    async def _on_the_way(self, mishap: Mishap) -> None:
        """Let a request fail, or get lost, before anything is done."""
        if mishap is Mishap.LOST:
            await self._wait(LATE_S)
        if mishap in (Mishap.LOST, Mishap.FAILS):
            raise PortError(KIND.port, "the gateway failed to take the request", retryable=True)

    async def _objection(self, asked: Payment, card: Known, instalments: int) -> Decline:
        """Return why this is not reserved, if so: the order first, so that what is kept of it fits."""
        order = await self._book.order(asked.order)
        if order is None or (instalments and instalments not in order.instalments):
            return Decline.REFUSED
        if order.amount != asked.amount:
            return Decline.AMOUNT
        return card.does.decline if order.open else Decline.DUPLICATE

    async def _give_back(self, asked: Payment, paid: Payment | None) -> None:
        if paid is None or paid.state is not PaymentState.CAPTURED:
            await self._book.put(_decided(asked, Decline.CARD), Known())
            return
        left = Money(paid.amount.minor - paid.refunded.minor, paid.amount.currency)
        fits = asked.amount.currency == left.currency and 0 < asked.amount.minor <= left.minor
        decided = _decided(asked, Decline.NONE if fits else Decline.AMOUNT)
        card = Known(paid.brand, paid.tail)
        await self._book.put(replace(decided, order=paid.order), card, refunds=paid.key)


def _sound(amount: Money) -> Money:
    if not 0 <= amount.minor < _MOST:
        raise PortError(KIND.port, "not an amount that can be paid")
    return amount


def _decided(asked: Payment, decline: Decline) -> Payment:
    if decline is Decline.NONE:
        return asked
    return replace(asked, state=PaymentState.DECLINED, decline=decline)


BACKEND = SandboxGateway
