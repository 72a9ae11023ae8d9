"""All databases of a hotline: where each is, and of which version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from ivr.adapters.bank.file import KIND as BANK
from ivr.adapters.callbacks import KIND as CALLBACKS
from ivr.adapters.campaigns import KIND as CAMPAIGNS
from ivr.adapters.cases.database import KIND as CASES
from ivr.adapters.cluster.fence import FILE as CLUSTER_FILE
from ivr.adapters.cluster.fence import KIND as CLUSTER
from ivr.adapters.knowledge.embedded import KIND as KNOWLEDGE
from ivr.adapters.ledger.sqlite import KIND as ORDERS
from ivr.adapters.notify.embedded import KIND as NOTIFY
from ivr.adapters.payments.book import KIND as PAYMENTS
from ivr.adapters.staff.embedded import KIND as STAFF
from ivr.adapters.store.kind import KIND as STORE
from ivr.adapters.voc.book import KIND as VOC
from ivr.app.callbacks.guard import FILE as CALLBACKS_FILE
from ivr.app.campaigns.whole import FILE as CAMPAIGNS_FILE
from ivr.app.cases.opening import FILE as CASES_FILE
from ivr.app.config import BackendConfig, Config
from ivr.app.floor.diary import DATABASE as FLOOR_FILE
from ivr.app.floor.diary import KIND as FLOOR
from ivr.app.ledger import DATABASE as STORE_FILE
from ivr.app.orders import LEDGER as ORDERS_FILE
from ivr.app.orders import orders_server
from ivr.app.places import place
from ivr.app.staff import FILE as STAFF_FILE
from ivr.app.voc.book import FILE as VOC_FILE
from ivr.database import Kind, Place, Server
from ivr.database.versions import found, known
from ivr.model.errors import PortError

_OURS = (
    (STORE, STORE_FILE),
    (FLOOR, FLOOR_FILE),
    (CALLBACKS, CALLBACKS_FILE),
    (CAMPAIGNS, CAMPAIGNS_FILE),
    (CASES, CASES_FILE),
    (STAFF, STAFF_FILE),
    (VOC, VOC_FILE),
    (CLUSTER, CLUSTER_FILE),
)
KINDS = (*(kind for kind, _ in _OURS), ORDERS, BANK, PAYMENTS, NOTIFY, KNOWLEDGE)
"""All kinds that there are."""
FILES = {**{kind.home: file for kind, file in _OURS}, ORDERS.home: ORDERS_FILE}
"""The files of the state folder that hold what a server can hold instead, by the names of the databases."""


def shown(place: Place) -> str:
    """Return a place as people are told of it: no secret is in it."""
    return str(place) if isinstance(place, Path) else place.name


class Database(msgspec.Struct, frozen=True):
    """A database of the hotline: a file, or a schema of a server."""

    place: Place
    kind: Kind

    @property
    def name(self) -> str:
        """What it is called."""
        return self.kind.home


class DatabaseState(msgspec.Struct, frozen=True):
    """How a database is. `version` 0: nobody has made it yet. `scripts` are what an upgrade would run;
    `wrong` is what is the matter, empty for nothing."""

    name: str
    place: str
    version: int
    newest: int
    scripts: tuple[int, ...] = ()
    wrong: str = ""


def databases(config: Config) -> Iterator[Database]:
    """Yield the databases of a configuration, there yet or not. Raises ConfigError."""
    for kind, file in _OURS:
        yield Database(place(config, file), kind)
    yield Database(orders_server(config) or config.state / ORDERS_FILE, ORDERS)
    backends: tuple[tuple[Kind, BackendConfig], ...] = (
        (BANK, config.bank),
        (PAYMENTS, config.payments),
        (NOTIFY, config.notify),
        (KNOWLEDGE, config.knowledge),
    )
    for kind, section in backends:
        if section.backend == "embedded":
            yield Database(section.file, kind)


def states(config: Config) -> Iterator[DatabaseState]:
    """Yield how each database is, without touching it. Raises ConfigError."""
    for one in databases(config):
        yield state(one)


def state(one: Database) -> DatabaseState:
    """Return how a database is, without touching it."""
    newest = max(known(one.place, one.kind))
    try:
        version = _version(one)
    except PortError as error:
        return DatabaseState(one.name, shown(one.place), 0, newest, wrong=str(error))
    pending = tuple(range(version + 1, newest + 1)) if version else ()
    wrong = ""
    if version > newest:
        wrong = f"it is of version {version}, and this OneCall knows {newest}"
    return DatabaseState(one.name, shown(one.place), version, newest, pending, wrong)


def _version(one: Database) -> int:
    if one.kind is ORDERS and isinstance(one.place, Server):
        from ivr.adapters.ledger.version import found as found_ledger

        return found_ledger(one.place)
    return found(one.place, one.kind)
