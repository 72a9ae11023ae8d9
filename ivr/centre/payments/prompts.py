"""What a caller who pays hears at each question: the prompt that fits best what has happened.

Chosen as Twilio's <Pay> chooses: by field, by what was wrong with the entry before, by the brand of the
card, and by the attempt. Of the prompts that fit, the one that says most of these is heard; among
equals error comes before brand, brand before attempt, and then the later one wins. Where none of the
author's prompts fits, the house's do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ivr.model.speech import Speech

PayField = Literal["order", "pan", "expiry", "cvv"]
PayError = Literal["timeout", "invalid", "unknown", "closed", "not_accepted", "expired", "declined"]
BrandName = Literal["unionpay", "visa", "mastercard", "jcb", "amex", "diners"]
BRAND_NAMES: tuple[BrandName, ...] = get_args(BrandName)

_Count = Annotated[int, Field(ge=1, le=9, strict=True)]


class PayPrompt(BaseModel):
    """One prompt of a payment, and when it is heard: {for: pan, error: invalid, attempt: 2, say: …}."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    field: PayField = Field(
        alias="for",
        description="Which entry it asks for: order (the merchant's order number), pan (the card "
        "number), expiry or cvv (the security code).",
    )
    error: PayError | None = Field(
        None,
        description="What was wrong with the entry before: timeout (not all of it came), invalid (no "
        "such number can be), unknown or closed (order), not_accepted (a card that is not taken here), "
        "expired, declined (the card's bank said no; it has been said why). Left out: whatever it was, "
        "and the first time.",
    )
    brand: BrandName | None = Field(
        None, description="The brand of the card. Left out: any, or none yet."
    )
    attempt: Annotated[
        tuple[_Count, ...],
        BeforeValidator(
            lambda value: value if isinstance(value, list | tuple) else (value,),
            json_schema_input_type=_Count | list[_Count],
        ),
    ] = Field(
        (),
        description="At which attempts it is heard, 1 or [2, 3]. Left out: at all.",
        examples=[1, [2, 3]],
    )
    say: Speech = Field(description="What is heard.", examples=["enter-card-number"])

    def fits(self, field: str, error: str, brand: str, attempt: int) -> bool:
        """Whether it may be heard then."""
        return (
            self.field == field
            and self.error in (None, error)
            and self.brand in (None, brand)
            and (not self.attempt or attempt in self.attempt)
        )

    @property
    def weight(self) -> tuple[int, bool, bool, bool]:
        """How much it says of when it is heard."""
        says = (self.error is not None, self.brand is not None, bool(self.attempt))
        return sum(says), *says


def chosen(
    prompts: Iterable[PayPrompt], field: PayField, error: str, brand: str, attempt: int
) -> Speech:
    """Return what is heard at a question; `error` and `brand` may be empty."""
    for those in (prompts, DEFAULTS):
        fitting = [one for one in those if one.fits(field, error, brand, attempt)]
        if fitting:
            best = max(one.weight for one in fitting)
            return next(one.say for one in reversed(fitting) if one.weight == best)
    raise ValueError(f"no prompt asks for {field}")


def _defaults() -> Iterator[PayPrompt]:
    for (field, error, brand), say in _HOUSE.items():
        yield PayPrompt.model_validate(
            {"for": field, "error": error or None, "brand": brand or None, "say": list(say)}
        )


_AGAIN = "enter-card-number-again"
_HOUSE: Mapping[tuple[str, str, str], tuple[str, ...]] = {
    ("order", "", ""): ("enter-merchant-order",),
    ("order", "timeout", ""): ("card-timeout", "enter-merchant-order"),
    ("order", "invalid", ""): ("merchant-order-unknown", "enter-merchant-order"),
    ("order", "unknown", ""): ("merchant-order-unknown", "enter-merchant-order"),
    ("order", "closed", ""): ("merchant-order-closed", "enter-merchant-order"),
    ("pan", "", ""): ("enter-card-number",),
    ("pan", "timeout", ""): ("card-timeout", _AGAIN),
    ("pan", "invalid", ""): ("card-number-invalid", _AGAIN),
    ("pan", "not_accepted", ""): ("card-not-accepted", _AGAIN),
    ("expiry", "", ""): ("enter-expiry",),
    ("expiry", "timeout", ""): ("card-timeout", "enter-expiry"),
    ("expiry", "invalid", ""): ("expiry-invalid", "enter-expiry"),
    ("expiry", "expired", ""): ("expiry-past", "enter-expiry"),
    ("cvv", "", ""): ("enter-cvv",),
    ("cvv", "timeout", ""): ("card-timeout", "enter-cvv"),
    ("cvv", "invalid", ""): ("cvv-invalid", "enter-cvv"),
    ("cvv", "", "amex"): ("enter-cvv-amex",),
    ("cvv", "timeout", "amex"): ("card-timeout", "enter-cvv-amex"),
    ("cvv", "invalid", "amex"): ("cvv-invalid", "enter-cvv-amex"),
}
DEFAULTS: tuple[PayPrompt, ...] = tuple(_defaults())
"""The house's prompts."""
