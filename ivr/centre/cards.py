"""Bank cards: brands, check digits, expiry, and how little of a card may be shown.

Pure, and for secrets: what is keyed stays in its `Secret`, and is looked at here only.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from datetime import date

import msgspec

from ivr.model.secret import Secret

LEAST_DIGITS = 13
MOST_DIGITS = 19
"""The lengths of card numbers (ISO/IEC 7812-1)."""
EXPIRY_DIGITS = 4
"""MMYY, as it stands on the card."""
LONGEST_YEARS = 20
"""No card is issued for longer: a date beyond is mistyped."""


class Brand(msgspec.Struct, frozen=True):
    """A card scheme: the beginnings of its numbers (IIN ranges, both ends included, of one length
    each), how long its numbers are, and how many digits its security code has."""

    name: str
    ranges: tuple[tuple[str, str], ...]
    lengths: Collection[int]
    cvv: int = 3

    def begins(self, digits: str) -> bool:
        """Whether a card number that begins so is of this brand."""
        return any(low <= digits[: len(low)] <= high for low, high in self.ranges)


BRANDS: Mapping[str, Brand] = {
    brand.name: brand
    for brand in (
        Brand("unionpay", (("62", "62"), ("8100", "8171")), range(16, 20)),
        Brand("visa", (("4", "4"),), (13, 16, 19)),
        Brand("mastercard", (("51", "55"), ("2221", "2720")), (16,)),
        Brand("jcb", (("3528", "3589"),), range(16, 20)),
        Brand("amex", (("34", "34"), ("37", "37")), (15,), cvv=4),
        Brand(
            "diners",
            (("300", "305"), ("3095", "3095"), ("36", "36"), ("38", "39")),
            range(14, 20),
        ),
    )
}
"""The brands by name. No two begin alike."""


class Flaw(enum.StrEnum):
    """What is wrong with a field of a card."""

    INVALID = "invalid"  # no such number, date or code can be
    NOT_ACCEPTED = "not_accepted"  # a card, but of a brand that is not taken here
    EXPIRED = "expired"  # a date that is past


def brand_of(pan: Secret) -> Brand | None:
    """Return the brand that a card number begins like, if any does."""
    begins = pan.head()
    return next((brand for brand in BRANDS.values() if brand.begins(begins)), None)


def pan_flaw(pan: Secret, accepted: Collection[str]) -> Flaw | None:
    """Return what is wrong with a card number; `accepted` are names of brands."""
    brand = brand_of(pan)
    if brand is None or len(pan) not in brand.lengths or not _checks(pan):
        return Flaw.INVALID
    return None if brand.name in accepted else Flaw.NOT_ACCEPTED


def _checks(pan: Secret) -> bool:
    """Whether the check digit is right (Luhn, ISO/IEC 7812-1), without making a text of the number."""
    with pan.exposed() as digits:
        values = [digit - ord("0") for digit in reversed(digits)]
    doubled = [sum(divmod(2 * value, 10)) for value in values[1::2]]
    return (sum(values[::2]) + sum(doubled)) % 10 == 0


def expiry_flaw(expiry: Secret, today: date) -> Flaw | None:
    """Return what is wrong with a date MMYY: a card is good to the end of its month."""
    digits = expiry.reveal()
    if len(digits) != EXPIRY_DIGITS or not "01" <= digits[:2] <= "12":
        return Flaw.INVALID
    month, year = int(digits[:2]), 2000 + int(digits[2:])
    if (year, month) < (today.year, today.month):
        return Flaw.EXPIRED
    return Flaw.INVALID if year > today.year + LONGEST_YEARS else None


def cvv_flaw(cvv: Secret, brand: Brand) -> Flaw | None:
    """Return what is wrong with a security code."""
    return None if len(cvv) == brand.cvv else Flaw.INVALID
