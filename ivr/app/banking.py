"""The bank behind an engine: its accounts, its messages, what was dictated to it, and its gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, cast

import msgspec

from ivr.adapters.budget import Budgeted, Delayed
from ivr.adapters.seal.payments import SealedPayments
from ivr.adapters.seal.sealer import Sealer
from ivr.app.backends import opened
from ivr.app.cashier import Cashier
from ivr.app.clerk import Clerk
from ivr.app.config import BackendConfig, Config
from ivr.app.orderbook import OrderBook
from ivr.app.orders import order_ledger, orders_of
from ivr.ports.bank import Bank
from ivr.ports.cases import Cases
from ivr.ports.cashier import WAIT_MS
from ivr.ports.clock import Clock
from ivr.ports.notify import Notify
from ivr.ports.payments import Payments


class Banking(msgspec.Struct, frozen=True):
    """It. `bank` and `messages` keep to their budgets; `orders` is the ledger with its cases; `ports` are
    those of calls."""

    bank: Any
    messages: Notify
    orders: Cases
    ports: Mapping[str, object]


def bank_of(config: Config, bank: Bank) -> Budgeted:
    """Return the bank as calls ask it: within its budgets."""
    look_up = dict.fromkeys(("identify", "products", "matters"), config.bank.look_up)
    return Budgeted("bank", Delayed(bank, config.bank.delay), config.bank.budget, look_up)


def budgeted(name: str, section: BackendConfig, port: object) -> Budgeted:
    """Return a port as calls ask it: within its budget."""
    return Budgeted(name, Delayed(port, section.delay), section.budget)


def gateway_of(config: Config, gateway: Payments, clock: Clock) -> Payments:
    """Return the gateway as the cashier asks it: within its budget, and with sealed cards if the bank
    wants ciphertext. Raises SealError."""
    if config.payments.seal:
        gateway = SealedPayments(gateway, Sealer.of(config.payments.seal, clock))
    within: Any = budgeted("payments", config.payments, gateway)
    return cast(Payments, within)


def payments_of(config: Config, cashier: Cashier) -> Budgeted:
    """Return the cashier as calls ask it: within a budget; a payment is waited for longer."""
    patient = dict.fromkeys(("pay", "confirm", "settle"), WAIT_MS + config.payments.budget)
    return Budgeted("payments", cashier, config.payments.budget, patient)


@asynccontextmanager
async def banking(config: Config, clock: Clock) -> AsyncIterator[Banking]:
    """Open the bank, and take up what was left of orders and payments. Raises ConfigError, PortError."""
    async with AsyncExitStack() as stack:
        notify = await stack.enter_async_context(opened("notify", config.notify, clock))
        bank = await stack.enter_async_context(opened("bank", config.bank, clock, notify=notify))
        knowledge = await stack.enter_async_context(opened("knowledge", config.knowledge, clock))
        orders = await stack.enter_async_context(order_ledger(config, begin=True))
        book = OrderBook(orders, clock, owner=config.orders.owner)
        asked, messages = bank_of(config, bank), budgeted("notify", config.notify, notify)
        clerk = Clerk(book, asked, messages)
        await stack.enter_async_context(clerk.running())
        gateway = await stack.enter_async_context(opened("payments", config.payments, clock))
        cashier = Cashier(book, gateway_of(config, gateway, clock))
        await stack.enter_async_context(cashier.running())
        yield Banking(
            bank=asked,
            messages=cast(Notify, messages),
            orders=orders,
            ports={
                "bank": asked,
                "knowledge": budgeted("knowledge", config.knowledge, knowledge),
                "notify": messages,
                "orders": orders_of(config, clerk),
                "payments": payments_of(config, cashier),
            },
        )
