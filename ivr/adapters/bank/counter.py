"""What is offered, what the terms are, and posting: on a connection, within a transaction of the
caller's."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from ivr.adapters.bank.authorised import authorised
from ivr.adapters.bank.books import Entry, affords, enter, open_account
from ivr.adapters.bank.desk import Asked, Done, Given, Plan, Refused, money
from ivr.adapters.bank.operations import FALL_DUE, OPERATIONS, SOURCES
from ivr.model.errors import PortError
from ivr.model.values import Scalar
from ivr.ports.posting import Item, Posted, Posting, Reason, Terms

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")

_POSTED = "SELECT number, key, reason, amount, fee, day FROM postings"


def items(asked: Asked, source: str) -> tuple[Item, ...]:
    """Return what a customer can choose from. Raises PortError for a source that there is not."""
    if source not in SOURCES:
        raise PortError("bank", f"nothing is offered as `{source}`: there are {_names(SOURCES)}")
    return tuple(SOURCES[source](asked))


def terms(asked: Asked, operation: str, arguments: Mapping[str, Scalar]) -> Terms:
    """Return what the bank says of an operation. Raises PortError for one that it cannot be."""
    try:
        plan = _plan(asked, operation, arguments)
    except Refused as refused:
        return Terms(refused.reason)
    return Terms(fee=money(plan.fee), facts=plan.facts)


def post(database: sqlite3.Connection, posting: Posting) -> Posted:
    """Do it, or say why not, and keep the answer; or return the answer that was kept.

    Raises PortError for names that are none.
    """
    named = (posting.key, posting.operation, posting.customer, posting.digest)
    if not all(_NAME.fullmatch(name) for name in named):
        raise PortError("bank", "key, operation, customer and digest are letters, digits and -")
    if known := query(database, posting.key):
        return known
    try:
        _check_authorised(database, posting)
        asked = Asked(database, posting.customer, posting.at)
        plan = _plan(asked, posting.operation, posting.arguments)
    except Refused as refused:
        return _posted(_keep(database, posting, Plan(0), refused.reason, None))
    except PortError:
        return _posted(_keep(database, posting, Plan(0), Reason.REFUSED, None))
    return _posted(_carry_out(database, posting, plan))


def query(database: sqlite3.Connection, key: str) -> Posted | None:
    """Return what came of a key, or None."""
    found = database.execute(f"{_POSTED} WHERE key = ?", (key,)).fetchone()
    return found and _posted(found)


def booked(database: sqlite3.Connection, day: date) -> tuple[Posted, ...]:
    """Return what was done on a day, by key."""
    sql = f"{_POSTED} WHERE day = ? AND reason = '' ORDER BY key"
    return tuple(_posted(row) for row in database.execute(sql, (str(day),)))


def is_due(database: sqlite3.Connection, now: datetime) -> bool:
    """Whether the bank has work of its own to do by a day."""
    day = str(now.date())
    return bool(
        database.execute(
            """SELECT EXISTS (SELECT 1 FROM fund_orders WHERE entry IS NULL AND due <= ?)
               OR EXISTS (SELECT 1 FROM bond_lots WHERE entry IS NULL AND matures <= ?)""",
            (day, day),
        ).fetchone()[0]
    )


def do_due(database: sqlite3.Connection, now: datetime) -> None:
    """Do it: funds are confirmed and paid, bonds paid back."""
    for fall_due in FALL_DUE:
        fall_due(database, now)


def reference(day: str, number: int) -> str:
    """Return the bank's own reference of a posting."""
    return f"{day.replace('-', '')}{number:06}"


def _plan(asked: Asked, operation: str, arguments: Mapping[str, Scalar]) -> Plan:
    """Return what would be done. Raises Refused and PortError."""
    if operation not in OPERATIONS:
        problem = f"there is no operation `{operation}`: there are {_names(OPERATIONS)}"
        raise PortError("bank", problem)
    plan = OPERATIONS[operation](asked, Given(operation, arguments))
    if not affords(asked.database, plan.legs):
        raise Refused(Reason.FUNDS)
    return plan


def _check_authorised(database: sqlite3.Connection, posting: Posting) -> None:
    """Raises Refused: what nobody authorised is not done, and what somebody did is done under one key."""
    used = database.execute("SELECT 1 FROM postings WHERE digest = ?", (posting.digest,)).fetchone()
    if used or not authorised(database, posting.digest, posting.customer):
        raise Refused(Reason.REFUSED)


def _carry_out(database: sqlite3.Connection, posting: Posting, plan: Plan) -> tuple[Any, ...]:
    if plan.opens:
        open_account(database, plan.opens, posting.at)
    entry = None
    if plan.legs:
        entry = enter(database, Entry(posting.operation, posting.at, plan.legs, plan.detail))
    kept = _keep(database, posting, plan, Reason.NONE, entry)
    if plan.then:
        plan.then(Done(database, kept[0]))
    return kept


def _keep(
    database: sqlite3.Connection, posting: Posting, plan: Plan, reason: Reason, entry: int | None
) -> tuple[Any, ...]:
    """Write down what came of a posting, and return it as it is read."""
    at, day = int(posting.at.timestamp() * 1000), str(posting.at.date())
    made = database.execute(
        """INSERT INTO postings (key, operation, customer, digest, at, day, reason, amount, fee, entry)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            *(posting.key, posting.operation, posting.customer, posting.digest, at, day),
            *(reason.value, plan.amount, plan.fee, entry),
        ),
    )
    return made.lastrowid, posting.key, reason.value, plan.amount, plan.fee, day


def _posted(row: tuple[Any, ...]) -> Posted:
    number, key, reason, amount, fee, day = row
    said = "" if reason else reference(day, number)
    return Posted(key, Reason(reason), said, money(amount), money(fee), day)


def _names(of: Mapping[str, object]) -> str:
    return ", ".join(sorted(of))
