"""Limits of the language: nothing loops for ever."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """How far one call may go.

    `steps` entered, `depth` of subflows, `failures` (no-inputs and no-matches), `step_ms` in one
    step, `call_ms` in all, `errors` sent to error handlers. `grace_steps` are what a handler may
    still take after a limit or a hang-up.
    """

    steps: int = 1000
    depth: int = 16
    failures: int = 30
    errors: int = 3
    grace_steps: int = 20
    step_ms: int = 300_000
    call_ms: int = 3_600_000
