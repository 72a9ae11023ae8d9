"""What the parts of the embedded bank that know callers share."""

from __future__ import annotations

from random import Random, SystemRandom

import msgspec

from ivr.adapters.bank.attempts import Attempts
from ivr.adapters.bank.file import BankFile
from ivr.pins import PinHasher
from ivr.ports.clock import Clock
from ivr.ports.notify import Notify


class Shared(msgspec.Struct, frozen=True):
    """The bank's file, its clock, its secrets, and whom it asks to send messages.

    `chance` chooses codes and positions; without `notify` no messages are sent.
    """

    file: BankFile
    clock: Clock
    pins: PinHasher
    attempts: Attempts
    notify: Notify | None = None
    chance: Random = msgspec.field(default_factory=SystemRandom)


class Part:
    """A part of the bank."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
