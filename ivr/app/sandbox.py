"""The sandbox: the demo's bank, gateway, messages and knowledge as a process of their own, behind the
API that a bank would implement. Nothing in it is real but the protocol.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from ivr.adapters.clock import SystemClock
from ivr.app.backends import PORTS, opened
from ivr.app.config import (
    BankConfig,
    KnowledgeConfig,
    NotifyConfig,
    PaymentsConfig,
    folder,
    read_secret,
)
from ivr.app.demo import KNOWLEDGE, NOTIFY, seed
from ivr.app.openapi import HTTP, examples
from ivr.http.faults import Faults
from ivr.http.methods import methods_of
from ivr.http.server import Served, application
from ivr.http.serving import serving
from ivr.model.secret import Secret

BANK = "bank.sqlite"
PAYMENTS = "payments.sqlite"
TOKEN = "sandbox.token"  # noqa: S105  # the name of a file


@asynccontextmanager
async def sandbox(state: Path, zone: str, token_file: Path, port: int = 0) -> AsyncIterator[str]:
    """Serve the demo on loopback, from files in a folder, to whoever has the token; yield the URL.

    Raises ConfigError, PortError, ListenError.
    """
    clock = SystemClock(zone)
    seed(folder(state) / BANK)
    token = Secret(read_secret(token_file))
    async with AsyncExitStack() as stack:
        opening = stack.enter_async_context
        notify = await opening(opened("notify", NotifyConfig(file=state / NOTIFY), clock))
        bank = await opening(opened("bank", BankConfig(file=state / BANK), clock, notify=notify))
        gateway = await opening(opened("payments", PaymentsConfig(file=state / PAYMENTS), clock))
        known = await opening(opened("knowledge", KnowledgeConfig(file=state / KNOWLEDGE), clock))
        ports = {"bank": bank, "payments": gateway, "notify": notify, "knowledge": known}
        served = {name: Served(PORTS[name].discover()[HTTP], one) for name, one in ports.items()}
        faults = Faults(
            {
                method.path
                for name, one in served.items()
                for method in methods_of(name, one.protocol).values()
            },
            token,
        )
        app = application(served, token, faults.around, faults.routes(), examples())
        yield await opening(serving(app, port))
