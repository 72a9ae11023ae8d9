"""What systemd is told of this process: lines on the socket that it named at the start (sd_notify)."""

from __future__ import annotations

import os
import socket

READY = "READY=1"
STOPPING = "STOPPING=1"
ALIVE = "WATCHDOG=1"


def tell(*lines: str) -> None:
    """Tell it, where it listens; where it does not, or not any more, nothing is done."""
    place = os.environ.get("NOTIFY_SOCKET")
    if not place:
        return
    # A name that begins with @ is in no folder: the kernel writes it with a zero byte.
    address = "\0" + place[1:] if place.startswith("@") else place
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as way:
        try:
            way.sendto("\n".join(lines).encode(), address)
        except OSError:
            # Whoever supervised us is gone; calls go on.
            return


def watchdog_s() -> float | None:
    """Return after how many seconds without a sign of life this process is ended; None for never."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    mine = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(microseconds) / 1e6 if mine and microseconds.isdecimal() else None
