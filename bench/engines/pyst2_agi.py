"""pyst2's AGI class, a thread a call.

Its own FastAGI module does not import on Python 3 and its class is made for a process a call: it
wants the main thread for a signal handler and writes everything to stderr. Both are left out here.
"""

from __future__ import annotations

import io
import socketserver
import threading
from typing import Any

from asterisk.agi import AGI, AGIException

from bench.engines.process import announce, many_files
from bench.wire import DIGITS, KEYS

KEYPAD = list("0123456789*#")


class _Silent(io.TextIOBase):
    def write(self, text: str) -> int:
        return len(text)


class Session(AGI):  # type: ignore[misc]
    """An AGI session on a socket."""

    def __init__(self, stdin: Any, stdout: Any) -> None:
        self.stdin, self.stdout, self.stderr = stdin, stdout, _Silent()
        self._got_sighup = False
        self.env: dict[str, str] = {}
        self._get_agi_env()


class Handler(socketserver.StreamRequestHandler):
    """Runs one call."""

    def handle(self) -> None:
        agi = Session(self.rfile, io.TextIOWrapper(self.wfile, write_through=False))
        try:
            if agi.env["agi_network_script"] == KEYS:
                self._keys(agi)
            else:
                self._menu(agi)
        except (AGIException, ValueError, OSError):
            return  # the caller has left

    def _menu(self, agi: Session) -> None:
        for prompt in ("first", "second"):
            agi.stream_file(f"/bench/{prompt}", KEYPAD)
            agi.wait_for_digit(5000)
        agi.hangup()
        agi.set_variable("IVR_DONE", "1")

    def _keys(self, agi: Session) -> None:
        while True:
            agi.stream_file("/bench/account", KEYPAD)
            for _ in range(DIGITS):
                agi.wait_for_digit(5000)


class Server(socketserver.ThreadingTCPServer):
    """A thread a connection."""

    request_queue_size = 2048
    daemon_threads = True
    block_on_close = False


def main() -> None:
    """Listen and serve."""
    many_files()
    threading.stack_size(256 * 1024)
    with Server(("127.0.0.1", 0), Handler) as server:
        announce(server.server_address[1])
        server.serve_forever()


if __name__ == "__main__":
    main()
