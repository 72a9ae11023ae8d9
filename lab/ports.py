"""Which ports a lab uses: fixed ones for a person's lab, a free block of their own for tests."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from lab.errors import LabError

ADDRESS = "127.0.0.1"
BLOCK = 1000
FIRST_BLOCK = 22000
LAST_BLOCK = 31000
"""Below the range the kernel gives to outgoing connections, so that none of them is in the way."""


@dataclasses.dataclass(frozen=True)
class Ports:
    """The ports of one lab. `rtp` ranges are inclusive; everything listens on loopback."""

    sip: int = 5160
    ami: int = 5138
    rtp: tuple[int, int] = (20000, 20999)
    agi: int = 4573
    agi_second: int = 4574
    floor: int = 4575
    floor_second: int = 4576
    phone_sip: int = 5170
    phone_ami: int = 5139
    phone_rtp: tuple[int, int] = (21000, 21999)

    @classmethod
    def from_environment(cls) -> Ports:
        """Return the default ports, each overridden by `ONECALL_<NAME>_PORT` where it is set.

        Raises LabError for a value that is not a port number.
        """
        given: dict[str, int] = {}
        for field in dataclasses.fields(cls):
            name = f"ONECALL_{field.name.upper()}_PORT"
            text = os.environ.get(name)
            if text is None or "rtp" in field.name:
                continue
            if not text.isdigit() or not 0 < int(text) < 65536:
                raise LabError(f"{name}={text} is not a port number: give one from 1 to 65535")
            given[field.name] = int(text)
        return cls(**given)  # type: ignore[arg-type]  # only int fields are in `given`

    @classmethod
    def block(cls, base: int) -> Ports:
        """Return ports that all lie in the thousand from `base` on."""
        return cls(
            sip=base,
            ami=base + 1,
            agi=base + 2,
            agi_second=base + 3,
            phone_sip=base + 4,
            phone_ami=base + 5,
            floor=base + 6,
            floor_second=base + 7,
            rtp=(base + 20, base + 499),
            phone_rtp=(base + 500, base + BLOCK - 1),
        )


def is_free(port: int, kind: socket.SocketKind) -> bool:
    """Tell whether nothing on this machine listens on `port` (TCP or UDP)."""
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            return False
        return True


def require_free(port: int, kind: socket.SocketKind, use: str) -> None:
    """Raise LabError when `port` is taken, saying what it was for and what to do."""
    if not is_free(port, kind):
        protocol = "tcp" if kind == socket.SOCK_STREAM else "udp"
        raise LabError(
            f"port {port}/{protocol} ({use}) is in use by another program: end it "
            f"(`ss -lnp | grep {port}` names it) or choose another port"
        )


@contextlib.contextmanager
def free_block() -> Iterator[Ports]:
    """Lend a block of ports that no other lab of this machine uses while the context is open."""
    for base in range(FIRST_BLOCK, LAST_BLOCK + 1, BLOCK):
        with _lock(base) as lock:
            if lock is not None and _unused(Ports.block(base)):
                yield Ports.block(base)
                return
    raise LabError(
        f"no free block of ports from {FIRST_BLOCK} to {LAST_BLOCK}: end another test run"
    )


def _unused(ports: Ports) -> bool:
    udp = (ports.sip, ports.phone_sip)
    tcp = (ports.ami, ports.agi, ports.agi_second, ports.phone_ami, ports.floor)
    return all(is_free(port, socket.SOCK_DGRAM) for port in udp) and all(
        is_free(port, socket.SOCK_STREAM) for port in tcp
    )


@contextlib.contextmanager
def _lock(base: int) -> Iterator[IO[str] | None]:
    path = Path(tempfile.gettempdir()) / f"onecall-ports-{base}.lock"
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield lock
