"""What can happen to an order, and the law of it: from which state each may happen, and where it leads.

    DRAFT → READ_BACK → AUTHORISED → POSTING → POSTED | REJECTED | UNKNOWN → POSTED | REJECTED

An act that the law does not allow cannot be written, whoever tries: two engines, or a late answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from ivr.centre.ledger.masking import masked
from ivr.ports.ledger import Booked, OrderRecord
from ivr.ports.orders import Draft, OrderState, ReadBack

Words = Mapping[str, str]
Leads = Mapping[OrderState, OrderState]

OPEN = (OrderState.AUTHORISED, OrderState.POSTING, OrderState.UNKNOWN)
"""Authorised, and nobody knows yet what comes of it."""


class Act(msgspec.Struct, frozen=True, tag=True):
    """Base of all acts. `leads`: state before → state after. `words` tell it to people, with the
    act's fields in braces.

    A new field needs a default: acts of yesterday are read for years.
    """

    leads: ClassVar[Leads] = {}
    words: ClassVar[Words] = {}

    def upon(self, record: OrderRecord, at: datetime) -> OrderRecord:
        """Return the record with what this act says in it, but for the state."""
        return record


class Drafted(Act, frozen=True):
    """An order was begun: the first act of every order, and of none but the first."""

    words: ClassVar[Words] = {"zh": "开始办理", "en": "begun"}

    draft: Draft


class Heard(Act, frozen=True):
    """An order was read back to the caller, and is frozen as it was read."""

    leads: ClassVar[Leads] = {
        OrderState.DRAFT: OrderState.READ_BACK,
        OrderState.READ_BACK: OrderState.READ_BACK,
    }
    words: ClassVar[Words] = {"zh": "已向客户复述", "en": "read back to the caller"}

    said: ReadBack

    def upon(self, record: OrderRecord, at: datetime) -> OrderRecord:
        return replace(record, said=self.said)


class Agreed(Act, frozen=True):
    """The caller authorised what was read back last, and was given a reference."""

    leads: ClassVar[Leads] = {OrderState.READ_BACK: OrderState.AUTHORISED}
    words: ClassVar[Words] = {
        "zh": "客户已授权，业务编号 {reference}",
        "en": "authorised by the caller under the reference {reference}",
    }

    reference: str

    def upon(self, record: OrderRecord, at: datetime) -> OrderRecord:
        return replace(record, reference=self.reference, authorised_at=at)


class Sent(Act, frozen=True):
    """It is handed to the bank under its key; written before that is done."""

    leads: ClassVar[Leads] = {
        OrderState.AUTHORISED: OrderState.POSTING,
        OrderState.POSTING: OrderState.POSTING,
        # The caller was told that it is unknown; handing it over again makes it no better known.
        OrderState.UNKNOWN: OrderState.UNKNOWN,
    }
    words: ClassVar[Words] = {
        "zh": "第 {attempt} 次提交（同一幂等键）",
        "en": "handed over, attempt {attempt} under the same key",
    }

    attempt: int

    def upon(self, record: OrderRecord, at: datetime) -> OrderRecord:
        return replace(record, attempts=self.attempt)


class Done(Act, frozen=True):
    """It was done: what the bank or the gateway said, or the case that a request has become."""

    leads: ClassVar[Leads] = dict.fromkeys(OPEN, OrderState.POSTED)
    words: ClassVar[Words] = {"zh": "已完成", "en": "done"}

    booked: Booked
    case: str = ""

    def upon(self, record: OrderRecord, at: datetime) -> OrderRecord:
        return replace(record, booked=self.booked, case=self.case or record.case)


class Refused(Act, frozen=True):
    """It was not done, and will not be."""

    leads: ClassVar[Leads] = dict.fromkeys(OPEN, OrderState.REJECTED)
    words: ClassVar[Words] = {"zh": "被拒绝：{reason}", "en": "refused: {reason}"}

    reason: str

    def upon(self, record: OrderRecord, at: datetime) -> OrderRecord:
        return replace(record, reason=self.reason)


class Lost(Act, frozen=True):
    """Nobody knows whether it was done; a case was opened about it."""

    leads: ClassVar[Leads] = {
        OrderState.AUTHORISED: OrderState.UNKNOWN,
        OrderState.POSTING: OrderState.UNKNOWN,
    }
    words: ClassVar[Words] = {
        "zh": "结果未知（{problem}），已建工单 {case}",
        "en": "not known whether it was done ({problem}); case {case} was opened",
    }

    problem: str
    case: str

    def upon(self, record: OrderRecord, at: datetime) -> OrderRecord:
        return replace(record, case=self.case)


class Withdrawn(Act, frozen=True):
    """It was taken back before it was authorised: nothing has happened."""

    leads: ClassVar[Leads] = {
        OrderState.DRAFT: OrderState.CANCELLED,
        OrderState.READ_BACK: OrderState.CANCELLED,
    }
    words: ClassVar[Words] = {"zh": "已撤销：{why}", "en": "taken back: {why}"}

    why: str


class Told(Act, frozen=True):
    """The customer was sent a result; not `delivered` when there is no number on file."""

    leads: ClassVar[Leads] = {
        state: state for state in (OrderState.UNKNOWN, OrderState.POSTED, OrderState.REJECTED)
    }
    words: ClassVar[Words] = {"zh": "已通知客户：{result}", "en": "the customer was told: {result}"}

    result: str
    delivered: bool = True

    def upon(self, record: OrderRecord, at: datetime) -> OrderRecord:
        return replace(record, told=(*record.told, self.result))


SPOKEN = ("reference", "case")
"""Numbers that are told to callers, and so to everybody here."""


def story(act: Act, language: str) -> str:
    """Say an act in words; of account numbers only the last digits."""
    fields = {name: str(getattr(act, name)) for name in act.__struct_fields__}
    hidden = {name: text if name in SPOKEN else masked(text) for name, text in fields.items()}
    return act.words[language].format_map(hidden)
