"""Looking at what was keyed of a card. It is asked as a command, so that a journal holds the verdict,
and a call can be replayed without the digits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

import msgspec

from ivr.centre.cards import BRANDS, brand_of, cvv_flaw, expiry_flaw, pan_flaw
from ivr.centre.payments.prompts import PayField
from ivr.model.commands import Instant
from ivr.model.secret import Secret
from ivr.model.world import Answer, World


class Verdict(msgspec.Struct, frozen=True):
    """What is wrong with an entry (empty: nothing), and of a card number its `brand` and, if nothing is
    wrong, its `tail`: all that may be told of it."""

    flaw: str = ""
    brand: str = ""
    tail: str = ""


class JudgeEntry(Instant[object, Verdict], frozen=True):
    """Can this be the card number, the expiry or the code of a card of a `brand`?"""

    port: ClassVar[str] = "payments"
    answer: ClassVar[type] = Verdict
    field: PayField
    entry: Secret
    accepted: tuple[str, ...]
    brand: str
    today: date

    def answers(self, world: World) -> Iterator[Answer]:
        yield Answer(value=self.perform_now(world))

    def perform_now(self, port: object) -> Verdict:
        match self.field:
            case "pan":
                return _judged(self.entry, self.accepted)
            case "expiry":
                return Verdict(expiry_flaw(self.entry, self.today) or "", self.brand)
            case _:
                return Verdict(cvv_flaw(self.entry, BRANDS[self.brand]) or "", self.brand)


def _judged(pan: Secret, accepted: tuple[str, ...]) -> Verdict:
    flaw, brand = pan_flaw(pan, accepted), brand_of(pan)
    return Verdict(flaw or "", brand.name if brand else "", "" if flaw else pan.tail())
