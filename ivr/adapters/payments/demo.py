"""The sandbox's merchant orders, and the demo customers' cards on file."""

from __future__ import annotations

import msgspec

from ivr.model.values import Money
from ivr.ports.payments import MerchantOrder

ORDERS: tuple[MerchantOrder, ...] = (
    MerchantOrder("10000001", "M01", Money.of("388.00")),
    MerchantOrder("10000002", "M02", Money.of("6800.00"), (3, 6, 12)),
    MerchantOrder("10000003", "M03", Money.of("260.50"), open=False),  # paid
    MerchantOrder("10000004", "M04", Money.of("99.00"), open=False),  # closed by the merchant
    MerchantOrder("10000005", "M05", Money.of("0.01")),
    MerchantOrder("10000006", "M02", Money.of("9999999.99")),
    MerchantOrder("10000007", "M04", Money.of("1280.00"), (3, 6)),
    MerchantOrder("10000008", "M05", Money.of("450.00")),
)


class OnFile(msgspec.Struct, frozen=True):
    """A card that the bank has on file, and the gateway by its token."""

    token: str
    brand: str
    tail: str


ON_FILE: tuple[OnFile, ...] = (
    OnFile("K1001", "unionpay", "0005"),
    OnFile("K1002", "unionpay", "0013"),
    OnFile("K1004", "visa", "1111"),
    OnFile("K1014", "mastercard", "4444"),
)
"""The tokens are the ids of the demo bank's cards."""
