"""A lab of several nodes: Kamailio before two Asterisks, two engines on a PostgreSQL and a Redis.

Each has an address of its own on the loopback, as each has a machine of its own in a bank. Every part can be
killed and started again; all of them end with the context.

    with cluster(folder, ports, installation) as site:
        async with site.engine("e1"), site.engine("e2"):
            site.exchanges[0].kill()
            site.redis.kill()
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any

from ivr.adapters.staff.embedded import PEPPER
from ivr.pins import read_pepper
from lab import postgres, redis
from lab.asterisk import Asterisk
from lab.engine import Engine, Event
from lab.installation import REPOSITORY, Installation
from lab.kamailio import Kamailio
from lab.ports import ADDRESS, Ports
from lab.site import AGENTS, AMI_USER, Files, Lab, Timing

PROXY = "127.0.0.10"
ASTERISKS = {"ast1": "127.0.0.11", "ast2": "127.0.0.12"}
"""Each one's `systemname`, and its address."""
NODES = ("e1", "e2")
REALM = "onecall"
SHARED = ("bank", "knowledge", "notify", "payments")
"""What stands for systems of the bank: the same for both engines."""


@dataclass
class Cluster(Lab):
    """To telephones it is a lab like another: the proxy is their hotline."""

    _: KW_ONLY
    postgres: postgres.Cluster
    redis: redis.RedisServer

    def __post_init__(self) -> None:
        super().__post_init__()
        self.exchanges = [
            Asterisk(name, self.folder / name, self.installation, tethered=True)
            for name in ASTERISKS
        ]
        # Its secrets are those of both.
        self.exchange = self.exchanges[0]
        self.kamailio = Kamailio(self.folder / "kamailio", PROXY, self.ports.sip)
        self.home = self.folder
        """Where the engines keep what is not in the database."""
        self.database_url = self.postgres.database()

    @property
    def entrance(self) -> str:
        return PROXY

    @property
    def bank(self) -> Path:
        """The folder of what stands for the bank's own systems."""
        return self.home / "bank"

    def begin(self, home: Path) -> None:
        """Have engines that are started from now on begin with nothing: in a folder, with an empty database and
        an empty Redis."""
        self.home = home
        self.database_url = self.postgres.database()
        self.redis.forget()

    def registered(self) -> set[str]:
        return self.kamailio.telephones()

    def channels(self) -> set[tuple[str, str]]:
        """Return every channel there is, with the name of its Asterisk before it."""
        running = (one for one in self.exchanges if one.alive())
        return {(one.name, channel) for one in running for channel in one.channels()}

    def callers(self) -> dict[str, str]:
        """Return every channel, `ast1/PJSIP/…`, with the number of who calls."""
        running = [one for one in self.exchanges if one.alive()]
        return {
            f"{one.name}/{channel}": ani
            for one in running
            for channel, ani in one.callers().items()
        }

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
        # Each asks another engine first, so that all of them have calls.
        first = self.exchanges.index(exchange) % len(nodes)
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
        return templates, {**values, **own}, (*nodes[first:], *nodes[:first])

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

    def engine(
        self,
        node: str,
        settings: Mapping[str, Any] | None = None,
        on_event: Callable[[Event], None] = lambda event: None,
        drain_s: float = 0,
    ) -> Engine:
        """Return an engine, not started: one of the two that the Asterisks ask. Each has a state folder of its
        own, as on a machine of its own."""
        port = (self.ports.agi, self.ports.agi_second)[NODES.index(node)]
        shared = {name: {"file": str(self.bank / f"{name}.sqlite")} for name in SHARED}
        cluster = {
            "node": node,
            "secret_file": self._secret("nodes", self.exchange.secret("nodes")),
            "redis": {"url_file": self._secret("redis", self.redis.url)},
        }
        whole = {
            **shared,
            "database": {"url_file": self._secret("database", self.database_url)},
            "cluster": cluster,
            "ami": [self._manager(exchange) for exchange in self.exchanges],
            "window": {},
            **(settings or {}),
        }
        state = self.home / node
        state.mkdir(exist_ok=True)
        # PINs of agents are hashed with it: the same secret on every node.
        read_pepper(self.home / PEPPER, "staff")
        shutil.copy2(self.home / PEPPER, state)
        return Engine(self, state, whole, port, on_event, drain_s)

    def _manager(self, exchange: Asterisk) -> dict[str, object]:
        return {
            "name": exchange.name,
            "host": ASTERISKS[exchange.name],
            "port": self.ports.ami,
            "user": AMI_USER,
            "secret_file": str(self.exchange.folder / "var" / "ami.secret"),
            "queue_log": str(exchange.log / "queue_log"),
            "asterisk_conf": str(exchange.etc),
            "console": list(exchange.console),
        }

    def _secret(self, name: str, text: str) -> str:
        path = self.home / f"{name}.secret"
        path.touch(mode=0o600)
        path.write_text(text)
        return str(path)

    def stop(self) -> list[str]:
        ended = [one.name for one in (self.handset, *self.exchanges) if one.stop()]
        return [*ended, *(["kamailio"] if self.kamailio.stop() else [])]


@contextmanager
def cluster(
    folder: Path,
    ports: Ports,
    installation: Installation,
    prompts: Path = REPOSITORY / "prompts",
    timing: Timing = Timing(),  # noqa: B008  # it is frozen
) -> Iterator[Cluster]:
    """Run everything but the engines. Raises LabError; then nothing is left running."""
    with (
        tempfile.TemporaryDirectory(prefix="onecall-postgres-") as theirs,
        postgres.cluster(_open_to_all(theirs) / "cluster") as database,
        redis.redis_server() as server,
    ):
        site = Cluster(
            folder, ports, installation, prompts, timing, True, postgres=database, redis=server
        )
        try:
            site.start()
            yield site
        finally:
            site.stop()


def _open_to_all(folder: str) -> Path:
    """PostgreSQL runs as a user of its own, and comes through this folder."""
    path = Path(folder)
    path.chmod(0o755)
    return path
