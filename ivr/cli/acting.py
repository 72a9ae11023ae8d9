"""What commands that write to the ledger share: who acts, why, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from ivr.model.errors import OneCallError

Why = Annotated[
    str, typer.Option("--message", "-m", help="Why. It is kept in the ledger, for people.")
]
As = Annotated[
    str | None,
    typer.Option("--as", help="Your name, where several people share a user of this machine."),
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


class Mistake(OneCallError):
    """What was asked for cannot be meant: why, and what to write instead."""


def reason(message: str) -> str:
    """Return why something is done. Raises Mistake for a message that says nothing."""
    if not message.strip():
        raise Mistake('the message says nothing; write why: -m "longer hours before the holiday"')
    return message.strip()


def moment(text: str, zone: str, now: datetime) -> datetime:
    """Return a time to come in the bank's zone, which is meant if it names none. Raises Mistake."""
    bank = ZoneInfo(zone)
    try:
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=bank) if at.tzinfo is None else at.astimezone(bank)
        shown = datetime.fromtimestamp(at.timestamp(), bank)
    except (ValueError, OverflowError):
        raise Mistake(f"`{text}` is no time; write one like 2026-11-24T06:00") from None
    if shown.replace(tzinfo=None) != at.replace(tzinfo=None):
        raise Mistake(f"in {zone} no clock shows {text}: it is put forward over that hour")
    if at <= now:
        raise Mistake(f"{at:%Y-%m-%d %H:%M} is over, it is {now:%Y-%m-%d %H:%M} now")
    return at


def stop(command: str, error: OneCallError | str, status: int = 2) -> typer.Exit:
    """Say what went wrong and return how to end."""
    typer.echo(f"ivr {command}: {error}", err=True)
    return typer.Exit(status)
