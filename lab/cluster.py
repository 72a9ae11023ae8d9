"""A lab of several nodes: Kamailio before two Asterisks, PostgreSQL and Redis beneath two engines.

Each has an address of its own on the loopback, as each has a machine of its own in a bank. Every part can
be killed and started again; all of them end with the process that started them.

    with cluster(folder, ports, installation) as site:
        async with site.engine("e1", bank), site.engine("e2", bank):
            site.exchanges[0].kill()
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.asterisk import Asterisk
from lab.engine import Engine
from lab.kamailio import Kamailio
from lab.ports import ADDRESS
from lab.site import AGENTS, Files, Lab

PROXY = "127.0.0.10"
ASTERISKS = {"ast1": "127.0.0.11", "ast2": "127.0.0.12"}
"""Each one's `systemname`, and its address."""
NODES = ("e1", "e2")
REALM = "onecall"


@dataclass
class Cluster(Lab):
    """To telephones it is a lab like another: the proxy is their hotline."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.exchanges = [
            Asterisk(name, self.folder / name, self.installation, tethered=True)
            for name in ASTERISKS
        ]
        # Its secrets are those of both.
        self.exchange = self.exchanges[0]
        self.kamailio = Kamailio(self.folder / "kamailio", PROXY, self.ports.sip)

    @property
    def entrance(self) -> str:
        return PROXY

    def registered(self) -> set[str]:
        return self.kamailio.telephones()

    def configure(self) -> None:
        super().configure()
        for exchange in self.exchanges:
            exchange.configure(*self._files_of(exchange))
        self.kamailio.configure(self._proxy_values())

    def _start_exchange(self) -> None:
        self.configure()
        self.kamailio.start()
        for exchange in self.exchanges:
            exchange.start()

    def _files_of(self, exchange: Asterisk) -> Files:
        templates, values, nodes = self._exchange_files()
        address = ASTERISKS[exchange.name]
        own = {
            "SIP_ADDRESS": address,
            "AMI_ADDRESS": address,
            # For everything but agents' telephones the proxy is what the trunk is to one Asterisk.
            "TRUNK_ADDRESS": PROXY,
            "TRUNK_PORT": self.ports.sip,
            "PROXY_ADDRESS": PROXY,
            "PROXY_PORT": self.ports.sip,
            "AGENT": [],
            "PROXIED": AGENTS,
        }
        return templates, {**values, **own}, nodes

    def _proxy_values(self) -> dict[str, object]:
        return {
            "ASTERISK": [f"{address}:{self.ports.sip}" for address in ASTERISKS.values()],
            "ASTERISK_ADDRESS": list(ASTERISKS.values()),
            "TRUNK_ADDRESS": ADDRESS,
            "TRUNK_PORT": self.ports.phone_sip,
            "REALM": REALM,
            "AGENT": AGENTS,
            "AGENT_PASSWORD": self.exchange.secret("agents"),
        }

    def engine(self, node: str, folder: Path, settings: Mapping[str, Any] | None = None) -> Engine:
        """Return an engine, not started: the first or the second that the Asterisks ask."""
        number = NODES.index(node)
        port = (self.ports.agi, self.ports.agi_second)[number]
        return Engine(self, folder, {"ami": None, **(settings or {})}, port)

    def channels(self) -> set[tuple[str, str]]:
        """Return every channel there is, with the name of its Asterisk before it."""
        running = (one for one in self.exchanges if one.alive())
        return {(one.name, channel) for one in running for channel in one.channels()}

    def stop(self) -> list[str]:
        ended = [one.name for one in (self.handset, *self.exchanges) if one.stop()]
        return [*ended, *(["kamailio"] if self.kamailio.stop() else [])]
