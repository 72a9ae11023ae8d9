"""Reading keys: grammars, and the machine that gathers keys into an entry.

The machine is pure: it is fed keys and timer expiries and says when the entry is over. The
dialogue (`ivr.engine.dialogue`) owns prompts and timers, and asks it what to do.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator

import msgspec

from ivr.model.keyed import Amount, Day
from ivr.model.secret import Secret

KEYS = "0123456789*#"
STANDARD_KEYS = "09*#"
"""Keys that mean the same to every caller: a person, repeat, back, the end."""
MAX_DIGITS = 64
"""More than this in one entry is dangerous in Asterisk itself."""


class Status(enum.StrEnum):
    """How an entry ended. A hang-up is an exception (`CallerHungUp`), never a status."""

    COMPLETE_LEN = "complete_len"  # nothing longer is possible
    COMPLETE_TERM = "complete_term"  # ended by the terminator
    COMPLETE_TIMEOUT = "complete_timeout"  # valid, and no further key came in time
    EMPTY_TERM = "empty_term"  # the terminator was the only key
    TIMEOUT_EMPTY = "timeout_empty"  # no key at all: no-input
    TIMEOUT_PARTIAL = "timeout_partial"  # too few keys, then silence
    NO_MATCH = "no_match"  # no valid entry begins like this
    CANCELLED = "cancelled"  # the cancel key: start the field again
    BACK = "back"  # the cancel key twice: go back

    @property
    def complete(self) -> bool:
        """Whether the entry is valid for its grammar."""
        return self in _COMPLETE

    @property
    def no_input(self) -> bool:
        """Whether the caller keyed nothing."""
        return self is Status.TIMEOUT_EMPTY


_COMPLETE = {Status.COMPLETE_LEN, Status.COMPLETE_TERM, Status.COMPLETE_TIMEOUT}


class Choices(msgspec.Struct, frozen=True, tag="choices"):
    """One of several key strings, as in a menu: `1`, `2`, `10`, `*`, `#`.

    `terminator` (may be empty) ends an entry that a longer one begins with, where it belongs to none.
    """

    keys: tuple[str, ...]
    terminator: str = ""

    def is_prefix(self, entry: str) -> bool:
        """Whether a valid entry begins with `entry`."""
        return any(key.startswith(entry) for key in self.keys)

    def is_valid(self, entry: str) -> bool:
        """Whether `entry` is a valid entry."""
        return entry in self.keys

    def is_longest(self, entry: str) -> bool:
        """Whether nothing valid is longer than `entry`."""
        return not any(key != entry and key.startswith(entry) for key in self.keys)

    def is_ended_by(self, key: str, entry: str) -> bool:
        """Whether `key` after `entry` says that the entry is over."""
        return key == self.terminator and entry != "" and not self.is_prefix(entry + key)

    def is_cancelled_by(self, key: str, entry: str) -> bool:
        """Whether `key` after `entry` clears the entry: what it means here, the choices say."""
        return False

    def examples(
        self, entries: Iterable[str], digits: str, compared: Iterable[str] = ()
    ) -> Iterator[str]:
        """Yield keys of every class: none, each choice, what only begins one, wrong ones."""
        yield ""
        yield from self.keys
        yield from (key[:end] for key in self.keys for end in range(1, len(key)))
        yield from STANDARD_KEYS
        yield from [key for key in KEYS if not self.is_prefix(key)][:1]


class Digits(msgspec.Struct, frozen=True, tag="digits"):
    """Between `least` and `most` digits, ended by `terminator` (may be empty) where shorter.

    `cancel` (may be empty) clears the field; pressed again at once (`cleared`), it means back.
    """

    least: int
    most: int
    terminator: str = "#"
    cancel: str = "*"
    cleared: bool = False

    def is_prefix(self, entry: str) -> bool:
        """Whether a valid entry begins with `entry`."""
        return len(entry) <= self.most and entry.isdecimal()

    def is_valid(self, entry: str) -> bool:
        """Whether `entry` is a valid entry."""
        return self.least <= len(entry) <= self.most and entry.isdecimal()

    def is_longest(self, entry: str) -> bool:
        """Whether nothing valid is longer than `entry`."""
        return len(entry) >= self.most

    def is_ended_by(self, key: str, entry: str) -> bool:
        """Whether `key` after `entry` says that the entry is over."""
        return key == self.terminator

    def is_cancelled_by(self, key: str, entry: str) -> bool:
        """Whether `key` after `entry` clears the entry."""
        return key == self.cancel

    def examples(
        self, entries: Iterable[str], digits: str, compared: Iterable[str] = ()
    ) -> Iterator[str]:
        """Yield keys of every class: none, valid ones (`entries` that are, then the shortest and the
        longest beginning of `digits`, and what is `compared`, filled up or cut to be valid), too
        short ones, and the keys that mean something else."""
        yield ""
        valid = [entry for entry in entries if self.is_valid(entry)]
        fitted = (one for text in compared for one in self._fitted(text))
        for entry in (*valid, digits[: self.least], digits[: self.most], *fitted):
            yield entry if self.is_longest(entry) else entry + self.terminator
        if self.least > 1:
            yield digits[: self.least - 1]
            yield digits[: self.least - 1] + self.terminator
        yield from (self.terminator, self.cancel, *STANDARD_KEYS[2:])

    def _fitted(self, text: str) -> Iterator[str]:
        """Yield valid entries that begin with a text of digits, and end with it."""
        yield text[: self.most].ljust(self.least, "0")
        yield text[-self.most :].rjust(self.least, "0")


Grammar = Choices | Digits | Amount | Day


class Gather:
    """Gathers the keys of one entry.

    Feed keys with `press`, an expired timer with `expire`; each returns a Status when the entry
    is over, else None. `entry` is what was keyed, without terminator or cancel key.

    The digits of a secret go straight into `secret`, one by one, and `entry` shows a 0 for each: a
    grammar of digits looks at nothing else.
    """

    __slots__ = ("_cleared", "entry", "grammar", "secret")

    def __init__(self, grammar: Grammar, *, secret: bool = False) -> None:
        self.grammar = grammar
        self.entry = ""
        self.secret = Secret() if secret else None
        self._cleared = not isinstance(grammar, Choices) and grammar.cleared

    def begins(self, key: str) -> bool:
        """Whether `key` means anything here, so that it may cut a VALID prompt."""
        cancels = self.grammar.is_cancelled_by(key, self.entry)
        known = cancels or self.grammar.is_ended_by(key, self.entry)
        return known or self.grammar.is_prefix(self.entry + key)

    def press(self, key: str) -> Status | None:
        """Take one key."""
        if self.grammar.is_ended_by(key, self.entry):
            return self._ended()
        if self.grammar.is_cancelled_by(key, self.entry):
            return Status.BACK if self._cleared and not self.entry else Status.CANCELLED
        self.entry += key if self.secret is None or not key.isdecimal() else "0"
        entry = self.entry
        if not self.grammar.is_prefix(entry):
            return Status.NO_MATCH
        if self.secret is not None:
            self.secret.add(key)
        if self.grammar.is_valid(entry) and self.grammar.is_longest(entry):
            return Status.COMPLETE_LEN
        return None

    def expire(self) -> Status:
        """Take the expiry of the first-digit timer (nothing keyed) or the inter-digit timer."""
        if not self.entry:
            return Status.TIMEOUT_EMPTY
        valid = self.grammar.is_valid(self.entry)
        return Status.COMPLETE_TIMEOUT if valid else Status.TIMEOUT_PARTIAL

    def _ended(self) -> Status:
        if not self.entry:
            return Status.EMPTY_TERM
        valid = self.grammar.is_valid(self.entry)
        return Status.COMPLETE_TERM if valid else Status.NO_MATCH
