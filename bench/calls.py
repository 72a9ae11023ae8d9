"""A bank's months on disk: seeded calls in the store, dispositions in the floor's diary, and cases."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from ivr.adapters.cases.database import DatabaseCases
from ivr.adapters.store.codec import encode, millis
from ivr.adapters.store.kind import KIND as STORE
from ivr.app.cases.opening import FILE as CASES
from ivr.app.floor.diary import DATABASE as FLOOR
from ivr.app.ledger import DATABASE
from ivr.centre.cases.acts import Opened
from ivr.centre.cases.chain import opened
from ivr.centre.voc.values import Month
from ivr.database import Kind
from ivr.database.sqlite import prepare
from ivr.model.events import (
    CallEnded,
    CallQueued,
    CallStarted,
    DigitsCollected,
    Event,
    PromptPlayed,
    StepEntered,
    StepLeft,
    SurveyAnswered,
    SurveyEnded,
    SurveyOffered,
)
from ivr.model.floor import Disposed, Stamped
from ivr.ports.cases import Link, LinkKind, NewCase, Terms

ZONE = ZoneInfo("Asia/Shanghai")
VERSION = "f" * 64
PAGE = 20_000
_ROW = "INSERT INTO events (call_id, at, kind, body) VALUES (?, ?, ?, ?)"
_FLOOR = Kind("floor", 0x4F434631, files("ivr.app.floor") / "migrations")
_QUEUES = ("service", "service", "service", "cards", "loans", "wealth")
_WAYS = (
    (("main", "menu"), ("main", "anything-else")),
    (("main", "menu"), ("orders-menu", "which"), ("main", "anything-else")),
    (("main", "menu"), ("main", "anything-else"), ("main", "menu"), ("main", "anything-else")),
    (("main", "menu"),),
)
"""The menus that callers come through."""
WORDS = (
    (
        "信用卡年费又被扣了一次，客服说退但是没有退",
        "I was charged the annual fee twice and nobody refunds it",
    ),
    ("跨行转账三天了还没有到账，很着急", "a transfer that I made three days ago has not arrived"),
    ("客服态度很不好，没听完就挂了", "the agent was rude and hung up before I had finished"),
    ("等了二十分钟都没有人接电话", "I waited twenty minutes and nobody took the call"),
    ("菜单太复杂，找不到人工服务", "the menu is confusing, I could not find a person"),
    ("网点排队太长，一个小时才办完", "the counter took an hour, the line was out of the door"),
    ("手机银行一直打不开，也没有人说明", "the app keeps closing and no one explains why"),
)
"""What people complain about."""
_BRANCHES = ("102", "103", "104", "105", "")

Row = tuple[str, int, str, bytes]


class Plan(msgspec.Struct, frozen=True):
    """So many calls in a month; of a thousand, so many callers keyed a complaint and opened a case."""

    month: Month
    calls: int
    complaints: float = 8.0
    cases: float = 3.0


class Complaint(msgspec.Struct, frozen=True):
    """A call whose caller complained."""

    call: str
    at: datetime
    queue: str
    ani: str


def write(folder: Path, plans: list[Plan], seed: int) -> int:
    """Write months into the files of a state folder; the same seed writes the same. Return how many
    events of calls there are."""
    draw = random.Random(seed)
    store, floor = folder / DATABASE, folder / FLOOR
    prepare(store, STORE)
    prepare(floor, _FLOOR)
    number = events = 0
    for plan in plans:
        complaints: list[Complaint] = []
        with closing(sqlite3.connect(store, isolation_level=None)) as database:
            database.execute("PRAGMA synchronous=OFF")
            rows: list[Row] = []
            for start in _starts(plan, draw):
                number += 1
                rows += _call(number, start, draw, plan.complaints, complaints)
                if len(rows) > PAGE:
                    events += _insert(database, rows)
            events += _insert(database, rows)
        _dispositions(floor, complaints)
        share = plan.cases / plan.complaints if plan.complaints else 0
        chosen = [one for one in complaints if draw.random() < share]
        asyncio.run(_cases(folder / CASES, chosen, draw))
    return events


def _insert(database: sqlite3.Connection, rows: list[Row]) -> int:
    database.execute("BEGIN")
    database.executemany(_ROW, rows)
    database.execute("COMMIT")
    count = len(rows)
    rows.clear()
    return count


def _starts(plan: Plan, draw: random.Random) -> Iterator[datetime]:
    """Yield when calls begin: from eight to nine in the evening, fewer at weekends."""
    days = plan.month.days(ZONE)
    weights = [0.6 if day.weekday() > 4 else 1.0 for day in days]
    left, weight = plan.calls, sum(weights)
    for day, share in zip(days, weights, strict=True):
        count = round(left * share / weight)
        left, weight = left - count, weight - share
        for second in sorted(draw.uniform(8 * 3600, 21 * 3600) for _ in range(count)):
            yield day + timedelta(seconds=second)


def _call(
    number: int, start: datetime, draw: random.Random, rate: float, complaints: list[Complaint]
) -> Iterator[Row]:
    call, at = f"1790000000.{number}", millis(start)
    ani = f"1{draw.randrange(10**9, 10**10)}"
    told: list[Event] = [CallStarted("95500", ani, VERSION, "main", "zh")]
    for flow, step in draw.choice(_WAYS):
        told += [
            StepEntered(flow, step, "menu"),
            DigitsCollected("complete_len", 1, (step,)),
            StepLeft(flow, step, "chosen"),
            StepEntered(flow, f"{step}-done", "say"),
            PromptPlayed((f"{step}-done",), False),
        ]
    queue = draw.choice(_QUEUES) if draw.random() < 0.4 else ""
    if queue:
        told.append(CallQueued(queue, "served"))
        told += _survey(draw)
        if 1000 * draw.random() < rate / 0.4:
            complaints.append(Complaint(call, start + timedelta(minutes=4), queue, ani))
    told.append(CallEnded("completed"))
    return (
        (call, at + 900 * place, type(one).__name__, _body(one)) for place, one in enumerate(told)
    )


def _survey(draw: random.Random) -> list[Event]:
    if draw.random() > 0.3:
        return []
    score = draw.choices("12345", (1, 2, 6, 30, 61))[0]
    return [
        SurveyOffered("after-agent"),
        SurveyAnswered("after-agent", "satisfied", score),
        SurveyAnswered("after-agent", "solved", draw.choices("12", (9, 1))[0]),
        SurveyEnded("after-agent", "completed"),
    ]


_BODIES: dict[Event, bytes] = {}


def _body(event: Event) -> bytes:
    if isinstance(event, CallStarted):
        return encode(event)
    if event not in _BODIES:
        _BODIES[event] = encode(event)
    return _BODIES[event]


def _dispositions(path: Path, complaints: list[Complaint]) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        (last,) = database.execute("SELECT ifnull(max(number), 0) FROM events").fetchone()
        database.execute("BEGIN")
        for number, one in enumerate(complaints, last + 1):
            disposed = Disposed("1001", one.call, one.queue, "complaint")
            body = msgspec.json.encode(Stamped(number, one.at, disposed))
            row = (number, one.at.timestamp(), body)
            database.execute("INSERT INTO events (number, at, body) VALUES (?, ?, ?)", row)
        database.execute("COMMIT")


async def _cases(path: Path, complaints: list[Complaint], draw: random.Random) -> None:
    store = await DatabaseCases.opened(path)
    try:
        for one in complaints:
            text = draw.choice(draw.choice(WORDS))
            branch = draw.choice(_BRANCHES)
            new = NewCase(
                key=f"call:{one.call}:complain",
                kind="complaint",
                by="1001",
                summary=text,
                ani=one.ani,
                links=(Link(LinkKind.CALL, one.call),),
                facts={"branch": branch} if branch else {},
            )
            number = f"{int(one.call.partition('.')[2]):08d}"
            made = opened(Opened(number, new, "complaints", Terms()), one.at)
            await store.add(made.sealed, made.record, None)
    finally:
        await store.close()
