"""The dictation port: the form of an order type, for an agent who fills it in for a caller."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

import msgspec


class Choice(msgspec.Struct, frozen=True):
    """One of several things, and what it is called."""

    id: str
    text: str


class FormField(msgspec.Struct, frozen=True):
    """A slot to fill in. `kind` is the slot's kind; `value` what is written, as a text; `choices` are what a
    slot offers; `problem` is empty, `missing` or `invalid`."""

    name: str
    kind: str
    label: str
    value: str = ""
    choices: tuple[Choice, ...] = ()
    problem: str = ""


class DictationForm(msgspec.Struct, frozen=True):
    """An order type's form as far as it is filled in; `complete`: it may be handed off."""

    order: str
    title: str
    fields: tuple[FormField, ...]
    complete: bool


class Dictation(Protocol):
    """Forms for agents. Every method raises PortError."""

    def types(self, language: str) -> Awaitable[tuple[Choice, ...]]:
        """Return the order types there are, titled in a language."""

    def form(
        self, call_id: str, order: str, language: str, written: dict[str, str]
    ) -> Awaitable[DictationForm]:
        """Return the form of an order type for whoever calls, given what is written of it.

        Slots that are asked for only in some cases come and go. Written values are texts: money
        `1234.50`, a date `2026-12-24`, of what is chosen the choice's id.
        """
