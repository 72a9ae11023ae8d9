"""A way to a server on which an answer is lost."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from ivr.database import Server
from ivr.model.secret import Secret


class LostAnswer:
    """A port in front of a server's. With `lose`, the connection that sends this next is cut, before it is
    delivered or (`deliver`) before its answer; with `closed_after`, the way is closed from then on."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.lose: bytes = b""
        self.deliver = True
        self.closed_after = False
        self._closed = False
        self.lost = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def to(self, url: str) -> Server:
        """Return the database of a URL as it is reached by this way."""
        return Server(Secret(url.replace(f":{self._target}/", f":{self.port}/")))

    def open(self) -> None:
        """Let connections pass again."""
        self._closed = False

    def close(self) -> None:
        """End it."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                if self._closed:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._target))
                threading.Thread(target=self._up, args=(client, server), daemon=True).start()
                threading.Thread(target=self._down, args=(server, client), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError), client, server:
            while sent := client.recv(65_536):
                if self.lose and self.lose in sent:
                    self.lose = b""
                    self._closed = self.closed_after
                    client.shutdown(socket.SHUT_RDWR)
                    if self.deliver:
                        server.sendall(sent)
                    # First: who passes answers back may have closed the server's end already.
                    self.lost.set()
                    server.shutdown(socket.SHUT_WR)
                    return
                server.sendall(sent)

    def _down(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError), client, server:
            while answered := server.recv(65_536):
                client.sendall(answered)
