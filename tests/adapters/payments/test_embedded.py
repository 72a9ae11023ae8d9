"""The sandbox gateway beyond its contract: what it keeps, what it refuses, and every way of its states."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from ivr.adapters.payments.book import Book
from ivr.adapters.payments.demo import ON_FILE, ORDERS
from ivr.adapters.payments.embedded import SandboxGateway
from ivr.adapters.payments.reading import Reader, read_secret
from ivr.adapters.payments.testcards import CARDS, GOOD, KEYED
from ivr.centre.cards import BRANDS, expiry_flaw, pan_flaw
from ivr.model.errors import PortError
from ivr.model.secret import Secret
from ivr.model.values import Money
from ivr.ports.payments import Card, Decline, MerchantOrder, PaymentState

PAN = "5105105105105100"
PAGE = Path(__file__).parents[3] / "docs" / "payments.md"
S = PaymentState


def card(pan: str = PAN, sealed: str = "") -> Card:
    return Card(Secret(pan), Secret("1230"), Secret("739"), sealed)


@asynccontextmanager
async def sandbox(folder: Path) -> AsyncIterator[SandboxGateway]:
    gateway = await SandboxGateway.open(folder / "payments.sqlite")
    try:
        yield gateway
    finally:
        await gateway.close()


async def test_no_card_number_is_in_its_files(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as gateway:
        await gateway.authorise("k1", ORDERS[0].number, ORDERS[0].amount, card(), 0)
        await gateway.tokenise("k2", card())
        kept = everything_in(tmp_path)
    for secret in (PAN, PAN[:-4], PAN[-5:]):
        assert secret.encode() not in kept
    assert b"5100" in kept, "the tail is what is kept"


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.glob("*.sqlite*")))


async def test_its_secret_is_its_own_and_nobody_elses(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as gateway:
        first = await gateway.tokenise("k1", card())
    assert (tmp_path / "payments.key").stat().st_mode & 0o077 == 0
    assert len(read_secret(tmp_path / "payments.key")) == 32
    async with sandbox(tmp_path) as gateway:
        assert (await gateway.tokenise("k2", card())).token == first.token
    other = Reader(read_secret(tmp_path / "other.key"))
    assert not first.token[1:].startswith(other.mark(card())[:10])


async def test_a_secret_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(PortError, match=r"the gateway's secret .*nowhere.* cannot be read or made"):
        read_secret(tmp_path / "nowhere" / "payments.key")


async def test_it_cannot_open_sealed_cards(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as gateway:
        with pytest.raises(PortError, match="not sealed ones"):
            await gateway.tokenise("k1", card("", sealed="onecall1.x"))


async def test_two_of_it_share_a_file(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as one, sandbox(tmp_path) as other:
        order = ORDERS[0]
        both = await asyncio.gather(
            *(
                gateway.authorise(f"k{number}", order.number, order.amount, card(), 0)
                for number, gateway in enumerate((one, other, one, other))
            )
        )
    states = [payment.state for payment in both]
    assert states.count(S.AUTHORISED) == 1, "an order is reserved once"
    assert {one.decline for one in both} == {Decline.NONE, Decline.DUPLICATE}


def test_test_cards_can_be_cards_and_are_all_documented() -> None:
    page = PAGE.read_text("utf-8")
    for pan in CARDS:
        assert pan_flaw(Secret(pan), BRANDS) is None, pan
        assert pan in page, f"docs/payments.md does not list {pan}"
    for order in ORDERS:
        assert f"| {order.number} | {order.merchant} |" in page
    for one in ON_FILE:
        assert one.tail in page
    pan, expiry = KEYED
    assert CARDS[pan] is GOOD
    assert expiry_flaw(Secret(expiry), date(2026, 11, 22)) is None


ASKS = ("authorise", "declined", "capture", "void", "query", "tokenise")
NEXT = {
    ("authorise", None): S.AUTHORISED,
    ("declined", None): S.DECLINED,
    ("tokenise", None): S.TOKENISED,
    ("void", None): S.VOIDED,
    ("void", S.AUTHORISED): S.VOIDED,
    ("capture", S.AUTHORISED): S.CAPTURED,
}
"""What a key comes to by what is asked; by anything else it stays what it is."""


async def test_a_key_goes_its_way_and_no_other(tmp_path: Path) -> None:
    book = await Book.open(tmp_path / "payments.sqlite")
    gateway = SandboxGateway(book, Reader(b"secret" * 6), asyncio.sleep)
    for number, asks in enumerate(product(ASKS, repeat=3)):
        key, order = f"k{number}", MerchantOrder(f"{number:08d}", "M01", Money(100))
        async with book.writing():
            await book.put_order(order)
        state: PaymentState | None = None
        for asked in asks:
            state = NEXT.get((asked, state), state)
            assert await _asked(gateway, key, order, asked) == state, asks
    await gateway.close()


async def _asked(
    gateway: SandboxGateway, key: str, order: MerchantOrder, what: str
) -> PaymentState | None:
    """Ask something; return the state that the key has then."""
    pan = "4000000000000002" if what == "declined" else PAN
    match what:
        case "authorise" | "declined":
            return (await gateway.authorise(key, order.number, order.amount, card(pan), 0)).state
        case "tokenise":
            return (await gateway.tokenise(key, card())).state
        case "void":
            return (await gateway.void(key)).state
        case "capture":
            try:
                return (await gateway.capture(key)).state
            except PortError:
                return None
    held = await gateway.query(key)
    return None if held is None else held.state
