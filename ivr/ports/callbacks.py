"""The callbacks port: whom the bank is going to call, what was promised to them, what came of it."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Iterator
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

import msgspec

from ivr.model.commands import Command
from ivr.model.secret import Secret
from ivr.model.values import Scalar
from ivr.model.world import Answer, World
from ivr.ports.identity import PinResult


class Purpose(enum.StrEnum):
    """Why the bank calls."""

    QUEUE = "queue"  # instead of waiting in a queue
    CONFIRM = "confirm"  # to confirm who called: a second factor
    CAMPAIGN = "campaign"  # kept nowhere as a promise: the place of somebody on a campaign's list


class State(enum.StrEnum):
    """How far a callback is (`ivr.centre.callbacks` has what leads where). The floor's events
    (`CallbackChanged`) tell these, and OFFERED, SCHEDULED, MISSED and LATE as well."""

    KEPT = "kept"  # waits for its turn
    ATTEMPTED = "attempted"  # the customer's telephone rings, or was answered just now
    REACHED = "reached"  # the customer wants to talk
    BRIDGED = "bridged"  # the customer talks with an agent, or has confirmed
    FAILED = "failed"  # after the last attempt
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REPLACED = "replaced"  # the customer has rung again, and kept the place

    @property
    def open(self) -> bool:
        """Whether the bank still means to call, or does so."""
        return self in (State.KEPT, State.ATTEMPTED, State.REACHED)


OFFERED = "offered"
"""A caller was asked whether to be called back."""
SCHEDULED = "scheduled"
"""A call was promised within a window, to somebody who was not asked in a queue."""
MISSED = "missed"
"""The customer was not reached this time, and it is kept."""
LATE = "late"
"""The window has passed in which the call was promised."""


class Callback(msgspec.Struct, frozen=True):
    """A call that the bank has promised.

    `id` is the call in which it was promised, or one of its own. `entered` is when the customer began
    to wait: their place. `due` is what was promised: by then they hear from the bank; with a
    `window_from` not before that. It is not rung before `not_before` nor after `until`. `attempt` is
    the UNIQUEID of the call that was begun last. `sign` is what the bank's call says to prove itself
    (`Purpose.CONFIRM`).
    """

    id: str
    purpose: Purpose
    number: str
    language: str
    entered: datetime
    due: datetime
    not_before: datetime
    until: datetime
    state: State = State.KEPT
    attempts: int = 0
    attempt: str = ""
    attempted_at: datetime | None = None
    window_from: datetime | None = None
    queue: str = ""
    customer: str = ""
    priority: int = 0
    facts: dict[str, Scalar] = {}
    sign: str = ""
    note: str = ""


class Window(msgspec.Struct, frozen=True):
    """A time in which a call is promised."""

    begins: datetime
    ends: datetime


class Wanted(msgspec.Struct, frozen=True):
    """A callback that a caller accepts instead of waiting. `number` is the one they call from, or one
    that they keyed and heard read back. With a `window` it is promised for then, and their place given
    up."""

    call_id: str
    queue: str
    number: str
    language: str
    customer: str = ""
    window: Window | None = None


class Place(msgspec.Struct, frozen=True):
    """A caller's place in a queue: since when they wait, how long they still would by the estimate, and
    what the dispatcher's rules read."""

    entered: datetime
    estimate_s: float | None = None
    priority: int = 0
    facts: dict[str, Scalar] = {}


class Refused(enum.StrEnum):
    """Why a number is not going to be called."""

    NUMBER = "number"  # it is on no list of those that may be
    TOO_MANY = "too_many"  # it was called too often today
    NOT_NOW = "not_now"  # the queue has no callbacks, or nothing can be dialled


class Kept(msgspec.Struct, frozen=True):
    """Whether a callback is promised: `due` is when, `id` which, `refused` why not."""

    due: datetime | None = None
    refused: Refused | None = None
    id: str = ""


class Wish(enum.StrEnum):
    """What a customer wants who was called back."""

    NOW = "now"
    LATER = "later"
    NEVER = "never"


class Confirming(msgspec.Struct, frozen=True):
    """What a call is about that the bank began to confirm who called: of which `customer`, and the
    `sign` by which it proves itself."""

    customer: str
    sign: str


class Callbacks(Protocol):
    """Promises of a call, as callers get them, and the calls themselves, as those get them who answer.
    Every method raises PortError."""

    def may(self, number: str) -> Awaitable[Refused | None]:
        """Return why a number is not going to be called; None: it may be."""

    def windows(self, queue: str, most: int) -> Awaitable[tuple[Window, ...]]:
        """Return the next times within which a call may be promised, `most` at most."""

    def keep(self, wanted: Wanted) -> Awaitable[Kept]:
        """Promise a callback that has the caller's place in the queue. Once for a call."""

    def confirm(
        self, call_id: str, customer: str, number: str, language: str, sign: str
    ) -> Awaitable[bool]:
        """Promise to call a number on file as soon as this call is over, and to go on with it there;
        False: nothing can be dialled."""

    def called(self, call_id: str) -> Awaitable[Callback | None]:
        """Return which callback this call is; None: it is none."""

    def wish(self, call_id: str, wish: Wish) -> Awaitable[None]:
        """Tell what the customer wants who has answered."""

    def confirming(self, call_id: str) -> Awaitable[Confirming | None]:
        """Return what this call is to confirm; None: it is no such call."""

    def confirmed(self, call_id: str, answer: Secret) -> Awaitable[PinResult]:
        """Have the bank look at the figures that were told in the first call."""


class MayCall(Command[Callbacks, Refused | None], frozen=True):
    """May this number be called?"""

    steady: ClassVar[bool] = True
    port: ClassVar[str] = "callbacks"
    answer: ClassVar[object] = Refused | None
    number: str

    def answers(self, world: World) -> Iterator[Answer]:
        yield Answer(value=None, sure=False)
        yield Answer(value=Refused.NUMBER, sure=False)
        yield from self.failures()

    def perform(self, port: Callbacks) -> Awaitable[Refused | None]:
        return port.may(self.number)


class GetWindows(Command[Callbacks, tuple[Window, ...]], frozen=True):
    """When may a call be promised for?"""

    steady: ClassVar[bool] = True
    port: ClassVar[str] = "callbacks"
    answer: ClassVar[object] = tuple[Window, ...]
    queue: str
    most: int

    def answers(self, world: World) -> Iterator[Answer]:
        yield Answer(value=(), sure=False)
        for now in world.instants[:1]:
            begins = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
            yield Answer(value=(Window(begins, begins + timedelta(hours=1)),), sure=False)
        yield from self.failures()

    def perform(self, port: Callbacks) -> Awaitable[tuple[Window, ...]]:
        return port.windows(self.queue, self.most)


class KeepCallback(Command[Callbacks, Kept], frozen=True):
    """Call this caller back."""

    port: ClassVar[str] = "callbacks"
    answer: ClassVar[type] = Kept
    wanted: Wanted

    def answers(self, world: World) -> Iterator[Answer]:
        yield Answer(value=Kept(world.instants[0] if world.instants else None), sure=False)
        yield Answer(value=Kept(refused=Refused.TOO_MANY), sure=False)
        yield from self.failures()

    def perform(self, port: Callbacks) -> Awaitable[Kept]:
        return port.keep(self.wanted)


class PromiseToConfirm(Command[Callbacks, bool], frozen=True):
    """Call the number on file as soon as this call is over."""

    port: ClassVar[str] = "callbacks"
    answer: ClassVar[type] = bool
    level: ClassVar[int] = 2
    call_id: str
    customer: str
    number: str
    language: str
    sign: str

    def perform(self, port: Callbacks) -> Awaitable[bool]:
        return port.confirm(self.call_id, self.customer, self.number, self.language, self.sign)


class GetCallback(Command[Callbacks, Callback | None], frozen=True):
    """Which callback is this call?"""

    steady: ClassVar[bool] = True
    port: ClassVar[str] = "callbacks"
    answer: ClassVar[object] = Callback | None
    call_id: str

    def perform(self, port: Callbacks) -> Awaitable[Callback | None]:
        return port.called(self.call_id)


class TellWish(Command[Callbacks, None], frozen=True):
    """This is what the customer wants."""

    port: ClassVar[str] = "callbacks"
    call_id: str
    wish: Wish

    def perform(self, port: Callbacks) -> Awaitable[None]:
        return port.wish(self.call_id, self.wish)


class GetConfirming(Command[Callbacks, Confirming | None], frozen=True):
    """What is this call to confirm?"""

    steady: ClassVar[bool] = True
    port: ClassVar[str] = "callbacks"
    answer: ClassVar[object] = Confirming | None
    call_id: str

    def answers(self, world: World) -> Iterator[Answer]:
        yield Answer(value=Confirming("C1003", "15"), sure=False)
        yield Answer(value=None, sure=False)
        yield from self.failures()

    def perform(self, port: Callbacks) -> Awaitable[Confirming | None]:
        return port.confirming(self.call_id)


class ConfirmCall(Command[Callbacks, PinResult], frozen=True):
    """Are these the figures that were told in the first call?"""

    port: ClassVar[str] = "callbacks"
    answer: ClassVar[type] = PinResult
    call_id: str
    figures: Secret

    def perform(self, port: Callbacks) -> Awaitable[PinResult]:
        return port.confirmed(self.call_id, self.figures)
