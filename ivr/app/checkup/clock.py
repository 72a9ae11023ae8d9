"""Time: this machine keeps it, and knows the bank's zone."""

from __future__ import annotations

import ctypes

from ivr.adapters.clock import SystemClock
from ivr.app.checkup import Finding, Site

SUBJECT = "clock and zone"
_UNKEPT = 5
"""What adjtimex(2) returns for a clock that nobody keeps (TIME_ERROR)."""
_BUFFER = 512
"""Bytes: more than its struct has anywhere."""


async def look(site: Site) -> tuple[str, tuple[Finding, ...]]:
    """Ask the kernel whether somebody keeps its clock."""
    now = SystemClock(site.config.zone).now()
    seen = f"{now:%Y-%m-%d %H:%M:%S} in {site.config.zone} (UTC{now:%z})"
    if kept():
        return seen, ()
    finding = Finding(
        "DOC501",
        "nobody keeps this machine's clock",
        "adjtimex(2)",
        "opening hours, cut-off times of orders and the order of events are only as right as the clock",
        "timedatectl set-ntp true, or install chrony; in a container: on its host",
    )
    return seen, (finding,)


def kept() -> bool:
    """Whether the kernel's clock is kept by NTP or the like."""
    state = ctypes.create_string_buffer(_BUFFER)
    return ctypes.CDLL(None, use_errno=True).adjtimex(state) not in (_UNKEPT, -1)
