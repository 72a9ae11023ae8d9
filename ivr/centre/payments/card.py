"""The card that a caller keys: field by field, each asked again alone, and wiped when it is over."""

from __future__ import annotations

from datetime import date

from ivr.centre.cards import BRANDS, EXPIRY_DIGITS, LEAST_DIGITS, MOST_DIGITS
from ivr.centre.payments.asking import Asked, Asking, Ended
from ivr.centre.payments.judging import JudgeEntry
from ivr.centre.payments.prompts import PayField
from ivr.model.commands import Script
from ivr.model.secret import Secret
from ivr.ports.payments import Card, Decline

_MENDED_BY: dict[str, PayField] = {Decline.CVV: "cvv", Decline.EXPIRED: "expiry"}


class KeyedCard:
    """A card that is being keyed: of brands that are `accepted`, with a security code if `cvv`."""

    def __init__(
        self, asking: Asking, accepted: tuple[str, ...], today: date, *, cvv: bool
    ) -> None:
        self._asking = asking
        self._accepted = accepted
        self._today = today
        self._wants_cvv = cvv
        self._fields: dict[PayField, Secret] = {}
        self.brand = ""
        """The name of its brand."""
        self.tail = ""
        """Its last four digits: what the caller may hear of it."""

    @property
    def card(self) -> Card:
        """What goes to the gateway, and nowhere else."""
        return Card(self._field("pan"), self._field("expiry"), self._field("cvv"))

    def complete(self, error: str = "") -> Script[Ended]:
        """Ask for the fields that are missing; `error` is what was wrong with the first of them."""
        for field in self._missing():
            asked = yield from self._ask(field, error)
            if asked.secret is None:
                return asked.ended
            self._fields[field] = asked.secret
            error = ""
        return Ended.ENTERED

    def mended_by(self, reason: str) -> PayField | None:
        """Return the one field that is keyed again after a decline, if that may help."""
        field = _MENDED_BY.get(reason)
        return field if field in self._fields else None

    def forget(self, field: PayField) -> None:
        """Wipe a field, which is then asked for again."""
        self._fields.pop(field).wipe()

    def wipe(self) -> None:
        """Wipe all of it."""
        while self._fields:
            self._fields.popitem()[1].wipe()

    def _field(self, field: PayField) -> Secret:
        return self._fields.get(field) or Secret()

    def _missing(self) -> list[PayField]:
        wanted: list[PayField] = ["pan", "expiry"]
        if self._wants_cvv:
            wanted.append("cvv")
        return [field for field in wanted if field not in self._fields]

    def _ask(self, field: PayField, error: str) -> Script[Asked]:
        def judge(entry: Secret) -> JudgeEntry:
            return JudgeEntry(field, entry, self._accepted, self.brand, self._today)

        lengths = self._lengths(field)
        asked = yield from self._asking.secret(field, lengths, judge, brand=self.brand, error=error)
        if field == "pan":
            self.brand, self.tail = asked.verdict.brand, asked.verdict.tail
        return asked

    def _lengths(self, field: PayField) -> tuple[int, int]:
        match field:
            case "pan":
                return LEAST_DIGITS, MOST_DIGITS
            case "expiry":
                return EXPIRY_DIGITS, EXPIRY_DIGITS
            case _:
                digits = BRANDS[self.brand].cvv
                return digits, digits
