"""Properties of input and prompts, scoped engine < flow < step as in VoiceXML.

A property is resolved where the input is read, never where a prompt was queued.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from ivr.model.prompt import BargeIn


class Properties(msgspec.Struct, frozen=True):
    """How keys are read and prompts behave. Times in milliseconds; None means inherit."""

    timeout_ms: int | None = None
    interdigit_ms: int | None = None
    tries: int | None = None
    no_input_tries: int | None = None
    invalid_tries: int | None = None
    max_failures: int | None = None
    terminator: str | None = None
    cancel: str | None = None
    bargein: BargeIn | None = None
    buffer: Literal["keep", "flush"] | None = None

    def over(self, outer: Properties) -> Properties:
        """Return these properties with `outer` filling in what is not set here."""
        if self == _NOTHING:
            return outer
        return Properties(
            *(
                mine if mine is not None else theirs
                for mine, theirs in zip(
                    msgspec.structs.astuple(self), msgspec.structs.astuple(outer), strict=True
                )
            )
        )


_NOTHING = Properties()

ENGINE_DEFAULTS = Properties(
    timeout_ms=5000,
    interdigit_ms=3000,
    tries=3,
    max_failures=5,
    terminator="#",
    cancel="*",
    bargein=BargeIn.ANY,
    buffer="keep",
)


MAX_REPEATS = 10
"""How often a caller may hear the question again, or clear an entry, without it counting."""


class InputRules(msgspec.Struct, frozen=True):
    """Properties with nothing left to inherit: what one input is read by. After so many `repeats`
    (hearing the question again, clearing an entry) a further one counts as a failure."""

    timeout_ms: int
    interdigit_ms: int
    no_input_tries: int
    invalid_tries: int
    max_failures: int
    terminator: str
    cancel: str
    bargein: BargeIn
    flush: bool
    repeats: int = MAX_REPEATS

    @classmethod
    def of(cls, properties: Properties) -> InputRules:
        """Resolve `properties` over the engine's defaults."""
        p = properties.over(ENGINE_DEFAULTS)
        # ENGINE_DEFAULTS leaves none of these unset.
        assert p.timeout_ms is not None  # noqa: S101
        assert p.interdigit_ms is not None  # noqa: S101
        assert p.tries is not None  # noqa: S101
        assert p.max_failures is not None  # noqa: S101
        return cls(
            timeout_ms=p.timeout_ms,
            interdigit_ms=p.interdigit_ms,
            no_input_tries=p.no_input_tries or p.tries,
            invalid_tries=p.invalid_tries or p.tries,
            max_failures=p.max_failures,
            terminator=p.terminator or "",
            cancel=p.cancel or "",
            bargein=p.bargein or BargeIn.ANY,
            flush=p.buffer == "flush",
        )
