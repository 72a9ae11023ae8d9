"""Events: what happened in a call. Typed, frozen, and never with a caller's secret in them."""

from __future__ import annotations

import msgspec


class Event(msgspec.Struct, frozen=True, tag=True):
    """Base of all events."""


class CallStarted(Event, frozen=True):
    """A call came in and runs the published flows of `version`."""

    dnis: str
    ani: str
    version: str
    flow: str


class CallResumed(Event, frozen=True):
    """A call came back on a new connection and goes on at its step."""

    flow: str
    step: str


class StepEntered(Event, frozen=True):
    """A step begins."""

    flow: str
    step: str
    verb: str


class StepLeft(Event, frozen=True):
    """A step ended with an outcome."""

    flow: str
    step: str
    outcome: str


class StepFailed(Event, frozen=True):
    """A step could not go on. `problem` is for operators."""

    flow: str
    step: str
    problem: str


class PromptPlayed(Event, frozen=True):
    """The caller heard prompts (by id; spoken values by kind only)."""

    prompts: tuple[str, ...]
    interrupted: bool


class DigitsCollected(Event, frozen=True):
    """The caller was asked with `prompts` and keyed something: how many keys, never which."""

    status: str
    keyed: int
    prompts: tuple[str, ...]


class PromptMissing(Event, frozen=True):
    """Asterisk found no file for a prompt; the caller heard an apology instead."""

    prompt: str


class LanguageChanged(Event, frozen=True):
    """The call goes on in another language."""

    language: str


class MessageRecorded(Event, frozen=True):
    """The caller left a message, kept under `name`, `ms` long."""

    name: str
    ms: int


class CallTransferred(Event, frozen=True):
    """The caller was put through to a destination, with this result."""

    destination: str
    status: str


class CallQueued(Event, frozen=True):
    """The caller waited in a queue, with this result."""

    queue: str
    status: str


class HungUp(Event, frozen=True):
    """The caller hung up, in this step."""

    flow: str
    step: str


class CallEnded(Event, frozen=True):
    """The call is over."""

    reason: str
