"""What a file of an order type may hold, apart from what each kind of slot adds."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from ivr.model.document import Document, Name
from ivr.model.expressions import Expression, read_scalar
from ivr.model.orders.slot import MoneyField
from ivr.model.problem import BadValue
from ivr.model.speech import ScalarField, Speech, SpeechItem, Typed

EVERY = "all"
"""Stands for every language that a read-back is not written in of its own."""
SLOT_PATTERN = r"^[a-z][a-z0-9_]{0,63}$"
SlotName = Annotated[str, Field(pattern=SLOT_PATTERN)]
ReasonName = Literal["funds", "target", "amount", "closed", "notice", "limit", "refused"]
"""Why the bank does not do something (`ivr.ports.posting.Reason`)."""


class _Part(Document):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Part(_Part):
    """A part of a read-back that is heard only in some cases: `{when: "{{ … }}", say: […]}`."""

    when: Expression | None = Field(
        description="Heard only where this is true.", examples=["{{ payee.id == 'new' }}"]
    )
    say: Speech = Field(description="What is heard.", examples=["to-new-payee"])


class LevelAbove(_Part):
    """From which amount on the caller must have shown more."""

    amount: MoneyField = Field(description="Above this amount.", examples=["50000.00"])
    level: int = Field(ge=2, le=3, strict=True, description="This auth level.", examples=[3])


class Limit(_Part):
    """The most that an order may come to."""

    most: MoneyField = Field(description="The most.", examples=["50000.00"])
    per: Literal["order", "call", "day"] = Field(
        "order",
        description="An order, or all orders of this type that the customer has authorised in this call,"
        " or today.",
    )
    when: Expression | None = Field(
        None, description="Holds only where this is true.", examples=["{{ payee.hours < 24 }}"]
    )
    say: Speech = Field(description="Said when it is more.", examples=["limit-order"])
    reopen: SlotName | None = Field(
        None,
        description="The slot that is asked for again (the amount of money).",
        examples=["amount"],
    )


class OpenHours(_Part):
    """When such orders are taken."""

    calendar: Name = Field(description="The calendar, by its name.", examples=["funds"])
    say: Speech | None = Field(
        None,
        description="Said outside these hours; the order then ends with `closed`.",
        examples=["orders-closed"],
    )
    next_day: Speech | None = Field(
        None,
        description="Outside these hours the order is taken all the same, and this is heard after the"
        " read-back; `order.day` is the day of the next opening.",
        examples=[["orders-next-day", {"date": "{{ order.day }}"}]],
    )

    @model_validator(mode="after")
    def _one(self) -> OpenHours:
        if (self.say is None) == (self.next_day is None):
            raise BadValue(
                "outside its hours an order is refused or taken", "write say or next_day"
            )
        return self


class PostingTask(_Part):
    """What the bank is to do: it moves money."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, populate_by_name=True
    )

    operation: str = Field(description="The bank's word for it.", examples=["transfer"])
    with_: dict[str, ScalarField] = Field(
        alias="with",
        description="What the operation takes, by name.",
        examples=[
            {"from": "{{ source.id }}", "to": "{{ payee.account }}", "amount": "{{ amount }}"}
        ],
    )


class CaseTask(_Part):
    """What a person is to do: a case with an owner."""

    kind: Name = Field(description="What the case is.", examples=["travel"])
    owner: Name = Field(description="Who owns it.", examples=["travel-desk"])


def by_language(value: Any) -> Any:
    """Read one list of parts as that of every language."""
    return value if isinstance(value, dict) else {EVERY: value}


def _as_part(value: Any) -> Any:
    """Read what is no part as one that is always heard."""
    if isinstance(value, dict) and {"when", "say"} & value.keys():
        return value
    return {"when": None, "say": value}


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


_Parts = Annotated[
    tuple[
        Annotated[Part, BeforeValidator(_as_part, json_schema_input_type=SpeechItem | Part)], ...
    ],
    BeforeValidator(_as_list),
    Field(min_length=1),
]
ReadBackField = Annotated[
    dict[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")], _Parts],
    BeforeValidator(by_language, json_schema_input_type=_Parts | dict[str, _Parts]),
]
AmountField = Annotated[Expression | None, BeforeValidator(read_scalar), Typed(("money",))]


class OrderDocument(_Part):
    """An order type: what a caller dictates, hears, and authorises, and what is then done."""

    order: Name = Field(
        description="The order type's name: the file's, without .yaml.", examples=["transfer"]
    )
    level: int = Field(
        2,
        ge=1,
        le=3,
        strict=True,
        description="The auth level it needs: 1 identified, 2 PIN, 3 PIN and another (2).",
    )
    level_above: LevelAbove | None = Field(
        None,
        description="A higher level from some amount on.",
        examples=[{"amount": "50000.00", "level": 3}],
    )
    slots: dict[SlotName, Any] = Field(
        min_length=1,
        description="What is asked for, in this order, by name.",
        examples=[
            {
                "amount": {
                    "money": {"least": "0.01", "most": "50000.00"},
                    "prompt": "enter-amount",
                    "name": "slot-amount",
                }
            }
        ],
    )
    limits: tuple[Limit, ...] = Field(
        (),
        description="Of those that are broken, the first is said.",
        examples=[[{"most": "50000.00", "say": "limit-order"}]],
    )
    open: OpenHours | None = Field(
        None,
        description="When such orders are taken (always).",
        examples=[{"calendar": "funds", "say": "orders-closed"}],
    )
    posting: PostingTask | None = Field(
        None,
        description="What the bank is to do.",
        examples=[{"operation": "transfer", "with": {"amount": "{{ amount }}"}}],
    )
    case: CaseTask | None = Field(
        None,
        description="What a person is to do, instead.",
        examples=[{"kind": "travel", "owner": "travel-desk"}],
    )
    amount: AmountField = Field(
        None,
        description="What limits count (nothing).",
        examples=["{{ amount }}", "{{ terms.amount }}"],
    )
    refusals: dict[ReasonName, Speech] = Field(
        {},
        description="What is said when the bank does not do it, by its reason (order-refused).",
        examples=[{"funds": "not-enough-money"}],
    )
    reopens: dict[ReasonName, SlotName] = Field(
        {},
        description="The slot that is asked for again then, by reason. For funds, amount and limit that"
        " is the slot of money, where there is one; else the order ends.",
        examples=[{"target": "payee"}],
    )
    read_back: ReadBackField = Field(
        description="What the caller hears before authorising it, for all languages or by language.",
        examples=[
            ["transfer-of", {"money": "{{ amount }}"}, "fee-is", {"money": "{{ terms.fee }}"}]
        ],
    )
    done: Speech | None = Field(
        None,
        description="Said when it is done, instead of the fixed words; may speak `order.reference`.",
        examples=[["transfer-is-done", {"digits": "{{ order.reference }}"}]],
    )
    note: str | None = Field(
        None,
        description="For people; nothing reads it.",
        examples=["Ask the payments team before changing this."],
    )

    @model_validator(mode="after")
    def _one_task(self) -> OrderDocument:
        if (self.posting is None) == (self.case is None):
            raise BadValue(
                "an order is posted, or becomes a case", "write posting or case, not both"
            )
        return self
