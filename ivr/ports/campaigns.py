"""The campaigns port: whom the bank calls by list, what became of it, and who wants no calls."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Iterator, Sequence
from datetime import datetime
from typing import ClassVar, Protocol

import msgspec

from ivr.model.campaigns import Stage
from ivr.model.commands import Command
from ivr.model.values import Money
from ivr.model.world import Answer, World


class ContactState(enum.StrEnum):
    """Whether a contact is going to be called (`ivr.centre.campaigns.contacts`: what leads where)."""

    REVIEW = "review"  # somebody looks at it first
    READY = "ready"  # once its time has come
    CALLING = "calling"  # its telephone rings, or was answered
    DONE = "done"
    FAILED = "failed"  # after the last attempt
    EXPIRED = "expired"
    BARRED = "barred"  # they want no calls, or are not who was meant

    @property
    def open(self) -> bool:
        """Whether the bank still means to call."""
        return self in (ContactState.REVIEW, ContactState.READY, ContactState.CALLING)


class Heard(enum.StrEnum):
    """Who is there, by the key that they press."""

    RIGHT = "right"
    WRONG = "wrong"
    NEVER = "never"  # and they want no more of such calls


class Scope(enum.StrEnum):
    """Of what calls somebody wants no more."""

    ALL = "all"
    SALES = "sales"  # of those that advertise or ask


class Contact(msgspec.Struct, frozen=True):
    """Somebody on a campaign's list.

    `zone` is that of their address, or empty. They are not called before `not_before` nor after `until`.
    `attempt` is the UNIQUEID of the latest call, `agent` who talked with them in it, `heard` who
    answered. `at` is an appointment's time.
    """

    id: int
    campaign: str
    number: str
    telephone: str
    language: str
    not_before: datetime
    until: datetime
    customer: str = ""
    zone: str = ""
    amount: Money | None = None
    reference: str = ""
    state: ContactState = ContactState.READY
    stage: Stage = Stage.CALL
    attempts: int = 0
    attempt: str = ""
    heard: Heard | None = None
    agent: str = ""
    outcome: str = ""
    at: datetime | None = None
    note: str = ""


class Listed(msgspec.Struct, frozen=True):
    """A line of a list that is to be imported. `consent`: it says that the customer has agreed."""

    number: str
    customer: str = ""
    language: str = ""
    zone: str = ""
    amount: Money | None = None
    reference: str = ""
    consent: bool = False


class Imported(msgspec.Struct, frozen=True):
    """What came of a list: how many contacts are new, and how many the campaign had already."""

    added: int
    known: int


class Running(enum.StrEnum):
    """Whether a campaign calls anybody."""

    STOPPED = "stopped"  # as at first; calls that only ring are ended
    RUNNING = "running"
    PAUSED = "paused"  # nothing is begun, and what has begun goes on


class CampaignView(msgspec.Struct, frozen=True):
    """A campaign as people see it: its contacts by state, and its calls of the last 24 hours. `drops`
    are customers who answered and found no agent, `talked` those who got one."""

    name: str
    kind: str
    running: Running
    changed_at: datetime | None
    by: str
    contacts: dict[str, int]
    calls: int
    answered: int
    talked: int
    drops: int


class NoCall(msgspec.Struct, frozen=True):
    """Somebody who wants no calls of a kind: since when, and who says so."""

    telephone: str
    scope: Scope
    at: datetime
    by: str
    why: str = ""


class Changed(msgspec.Struct, frozen=True):
    """Whether something was done; `refused` says why not, in a few words."""

    refused: str = ""


class CampaignBook(Protocol):
    """Campaigns as supervisors see and change them. Every method raises PortError."""

    def views(self) -> Awaitable[tuple[CampaignView, ...]]:
        """Return all campaigns."""

    def run(self, name: str, running: Running, by: str) -> Awaitable[Changed]:
        """Start, pause or stop a campaign. No call is begun from then on that must not be."""

    def contacts(
        self, name: str, state: ContactState | None = None, limit: int = 100
    ) -> Awaitable[tuple[Contact, ...]]:
        """Return contacts of a campaign, the latest changed first."""

    def approve(self, name: str, contacts: Sequence[int], by: str) -> Awaitable[int]:
        """Let contacts be called that were looked at; with none, all of them. Return how many."""

    def no_calls(self) -> Awaitable[tuple[NoCall, ...]]:
        """Return who wants no calls."""

    def bar(self, number: str, scope: Scope, by: str, why: str) -> Awaitable[Changed]:
        """Call a number no more. It holds for every call that has not begun."""

    def unbar(self, number: str, scope: Scope, by: str) -> Awaitable[Changed]:
        """Let a number be called again."""

    def agree(self, number: str, given: bool, by: str) -> Awaitable[Changed]:
        """Write down that somebody agrees to be called for sales, or does not any more."""


class Called(msgspec.Struct, frozen=True):
    """What a call that the bank has begun is about. `dropped`: no agent is free for it."""

    campaign: str
    number: str
    customer: str = ""
    amount: Money | None = None
    reference: str = ""
    dropped: bool = False


class Campaigns(Protocol):
    """A campaign's call, as the flow has it that talks. Every method raises PortError."""

    def called(self, call_id: str) -> Awaitable[Called | None]:
        """Return what a call is about that was just answered; None: the bank has not begun it, or it
        is over."""

    def heard(self, call_id: str, heard: Heard) -> Awaitable[None]:
        """Take down who is there."""

    def meant(self, call_id: str, customer: str) -> Awaitable[bool]:
        """Return whether it is this customer whom the bank meant to call."""

    def result(self, call_id: str, outcome: str) -> Awaitable[None]:
        """Take down what the call has led to; it outlives a crash."""


class GetCalled(Command[Campaigns, Called | None], frozen=True):
    """What is this call about?"""

    steady: ClassVar[bool] = True
    port: ClassVar[str] = "campaigns"
    answer: ClassVar[object] = Called | None
    call_id: str

    def answers(self, world: World) -> Iterator[Answer]:
        about = Called("reminders", "13800001111", "C1001", Money.of("1234.50"), "20261122")
        yield Answer(value=about)
        yield Answer(value=msgspec.structs.replace(about, dropped=True), sure=False)
        yield Answer(value=None, sure=False)
        yield from self.failures()

    def perform(self, port: Campaigns) -> Awaitable[Called | None]:
        return port.called(self.call_id)


class TellHeard(Command[Campaigns, None], frozen=True):
    """This is who answered."""

    port: ClassVar[str] = "campaigns"
    call_id: str
    who: Heard

    def perform(self, port: Campaigns) -> Awaitable[None]:
        return port.heard(self.call_id, self.who)


class IsMeant(Command[Campaigns, bool], frozen=True):
    """Is it this customer whom the bank meant to call?"""

    port: ClassVar[str] = "campaigns"
    answer: ClassVar[object] = bool
    call_id: str
    customer: str

    def answers(self, world: World) -> Iterator[Answer]:
        yield Answer(value=True)
        yield Answer(value=False)
        yield from self.failures()

    def perform(self, port: Campaigns) -> Awaitable[bool]:
        return port.meant(self.call_id, self.customer)


class TellResult(Command[Campaigns, None], frozen=True):
    """This is what the call has led to."""

    port: ClassVar[str] = "campaigns"
    call_id: str
    outcome: str

    def perform(self, port: Campaigns) -> Awaitable[None]:
        return port.result(self.call_id, self.outcome)
