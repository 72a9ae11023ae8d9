"""Prompts: what a caller hears."""

from __future__ import annotations

import enum
import re

import msgspec

from ivr.model.values import Scalar

PROMPT_ID = re.compile(r"[a-z0-9_-]{1,64}")
"""The only names a prompt may have: `&`, `/` and URLs mean something to Asterisk."""


class Prompted(msgspec.Struct, frozen=True, tag="prompt"):
    """A prompt by its id: one recording a language. `language` is spoken instead of the call's."""

    id: str
    language: str | None = None


class Spoken(msgspec.Struct, frozen=True, tag="spoken"):
    """A value that the say-layer speaks.

    `kind` is money, figures, number, digits, account, name, date, time or duration (see `ivr.model.say`).
    """

    kind: str
    value: Scalar


Audible = Prompted | Spoken


class Recording(msgspec.Struct, frozen=True):
    """A sound file that Asterisk can play, with the text spoken in it.

    `path` is absolute and without extension, as Asterisk wants it; `ms` is its length.
    """

    id: str
    text: str
    path: str
    ms: int


class BargeIn(enum.StrEnum):
    """Which keys cut a prompt short.

    ANY: every key. VALID: only one that begins a valid entry; another is kept for after the
    prompt. NONE: no key; keys are kept, or dropped where the input flushes.
    """

    ANY = "any"
    VALID = "valid"
    NONE = "none"
