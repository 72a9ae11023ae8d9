"""A bare SIP request and its answer, from any address of the loopback: what a stranger would try."""

from __future__ import annotations

import socket
import time

from lab.ports import ADDRESS

REQUEST = """\
{method} sip:{user}{host} SIP/2.0\r
Via: SIP/2.0/UDP {own};branch=z9hG4bK{number}\r
From: <sip:{sender}@{host}>;tag={number}\r
To: <sip:{to}@{host}>\r
Contact: <sip:{sender}@{own}>\r
Call-ID: {number}@lab\r
CSeq: 1 {method}\r
Max-Forwards: 5\r
Content-Length: 0\r
\r
"""
FINAL = 200


def ask(
    method: str,
    target: tuple[str, int],
    user: str = "",
    sender: str = "lab",
    own: str = ADDRESS,
    within: float = 2.0,
) -> int:
    """Send a request for `user` in the name of `sender` from the address `own`; return the status of the final
    answer, 0 when there was none. Raises ConnectionRefusedError where nobody listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind((own, 0))
        wire.connect(target)
        port = wire.getsockname()[1]
        text = REQUEST.format(
            method=method,
            user=f"{user}@" if user else "",
            to=sender if method == "REGISTER" else user or "lab",
            host=f"{target[0]}:{target[1]}",
            own=f"{own}:{port}",
            sender=sender,
            number=f"{port}{time.monotonic_ns()}",
        )
        wire.send(text.encode())
        until = time.monotonic() + within
        while (left := until - time.monotonic()) > 0:
            wire.settimeout(left)
            try:
                status = int(wire.recv(65_535).split()[1])
            except TimeoutError:
                break
            if status >= FINAL:
                return status
    return 0
