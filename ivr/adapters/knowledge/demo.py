"""The demo bank's branches and fees."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from ivr.adapters.knowledge.embedded import KIND
from ivr.database.sqlite import prepare, writing
from ivr.model.values import Money
from ivr.ports.knowledge import Fee


class DemoBranch(msgspec.Struct, frozen=True):
    """A branch; `hours` by weekday (0 is Monday), `(opens, closes)`."""

    number: str
    name: str
    hours: Mapping[int, tuple[str, str]]


_WORKDAYS = range(5)
_EVERY_DAY = range(7)

BRANCHES = (
    DemoBranch("101", "总行营业部", dict.fromkeys(_EVERY_DAY, ("09:00", "17:00"))),
    DemoBranch("102", "东城支行", dict.fromkeys(_WORKDAYS, ("09:00", "17:00"))),
    DemoBranch(
        "103", "西湖支行", dict.fromkeys(_WORKDAYS, ("08:30", "17:30")) | {5: ("10:00", "15:00")}
    ),
    DemoBranch("104", "大学城支行", dict.fromkeys(range(1, 7), ("10:00", "18:30"))),
    DemoBranch("105", "机场支行", dict.fromkeys(_EVERY_DAY, ("06:00", "23:00"))),
)

FEES = (
    Fee("transfer", 0, Money(0), Money(0)),
    Fee("remit", 3, Money.of("2.00"), Money.of("50.00")),
    Fee("prepay_loan", 100, Money(0), Money(0)),
)
"""By the operation that they are taken for (`ivr.ports.posting.OPERATIONS`)."""


def seed(path: Path) -> int:
    """Put the demo data into a file; what is there already stays. Return the branches added.

    Raises PortError.
    """
    prepare(path, KIND)
    with writing(path, KIND.port) as database:
        add = database.executemany
        added = add(
            "INSERT OR IGNORE INTO branches VALUES (?, ?)",
            [(one.number, one.name) for one in BRANCHES],
        ).rowcount
        add(
            "INSERT OR IGNORE INTO branch_hours VALUES (?, ?, ?, ?)",
            [(one.number, day, *span) for one in BRANCHES for day, span in one.hours.items()],
        )
        add(
            "INSERT OR IGNORE INTO fees VALUES (?, ?, ?, ?, ?)",
            [
                (one.service, one.share, one.least.minor, one.most.minor, one.least.currency)
                for one in FEES
            ],
        )
    return added
