"""Which ports a lab uses: fixed ones for a person's lab, a free block of their own for tests."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import socket
from collections.abc import Iterator

from lab.errors import LabError

ADDRESS = "127.0.0.1"
BLOCK = 1000
BLOCKS = (*range(22000, 32000, BLOCK), *range(10000, 20000, BLOCK))
"""Where blocks begin: below the range the kernel gives to outgoing connections, so that none of them is in
the way, and beside a person's lab."""
CLAIM = 19
"""The port of a block that its owner keeps bound."""


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
    for base in BLOCKS:
        # A socket, not a file: it is one process's alone, and let go of whatever ends that.
        with socket.socket() as claim:
            if _bound(claim, base + CLAIM) and _unused(Ports.block(base)):
                yield Ports.block(base)
                return
    raise LabError(f"no free block of ports among {BLOCKS}: end another test run")


def _bound(claim: socket.socket, port: int) -> bool:
    try:
        claim.bind((ADDRESS, port))
    except OSError:
        return False
    return True


def _unused(ports: Ports) -> bool:
    udp = (ports.sip, ports.phone_sip)
    tcp = (ports.ami, ports.agi, ports.agi_second, ports.phone_ami, ports.floor)
    return all(is_free(port, socket.SOCK_DGRAM) for port in udp) and all(
        is_free(port, socket.SOCK_STREAM) for port in tcp
    )
