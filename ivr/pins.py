"""Hashes of PINs and passwords: argon2id over what is keyed with a pepper that is kept outside the
database. The bank's customers and its staff have theirs made here."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import secrets
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ivr.model.errors import PortError
from ivr.model.secret import Secret

MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1
"""OWASP's profile of argon2id: about 24 ms here."""

_THREADS = 2


class PinHasher:
    """Makes and checks PIN hashes, in threads of its own, so that no call waits for another's.

    A hash is bound to its account: copied to another account it matches nothing.
    """

    def __init__(self, pepper: bytes) -> None:
        self._pepper = pepper
        self._argon2 = _hasher(MEMORY_KIB)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="pin")
        self._nobody = _nobodys(MEMORY_KIB)

    @property
    def fingerprint(self) -> str:
        """Tells one pepper from another without telling the pepper."""
        return hmac.digest(self._pepper, b"fingerprint", "sha256").hex()[:16]

    def hash(self, account: str, pin: str) -> str:
        """Return a new hash of an account's PIN (about 24 ms of CPU)."""
        return self._argon2.hash(self._keyed(account, Secret(pin)))

    async def hashed(self, account: str, pin: Secret) -> str:
        """Return a new hash of a PIN that a caller chose."""
        loop = asyncio.get_running_loop()
        keyed = self._keyed(account, pin)
        return await loop.run_in_executor(self._threads, self._argon2.hash, keyed)

    async def verify(self, stored: str | None, account: str, pin: Secret) -> bool:
        """Check a PIN; without a stored hash (no such account) it takes as long and is wrong."""
        loop = asyncio.get_running_loop()
        keyed = self._keyed(account, pin)
        right = await loop.run_in_executor(
            self._threads, self._check, stored or self._nobody, keyed
        )
        return right and stored is not None

    def keyed(self, kind: str, *parts: str) -> str:
        """Return what is kept instead of a number that must not be read back: a hash that nobody can
        make without the pepper. Each `kind` of number has hashes of its own."""
        return hmac.digest(self._pepper, "\0".join((kind, *parts)).encode(), hashlib.sha256).hex()

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False)

    def _check(self, stored: str, keyed: bytes) -> bool:
        try:
            return self._argon2.verify(stored, keyed)
        except (VerificationError, InvalidHashError):
            return False

    def _keyed(self, account: str, pin: Secret) -> bytes:
        name = f"{account}\0".encode("utf-8", "surrogatepass")
        keyed = hmac.new(self._pepper, name, hashlib.sha256)
        with pin.exposed() as digits:
            keyed.update(digits)
        return keyed.digest()


def _hasher(memory_kib: int) -> PasswordHasher:
    return PasswordHasher(time_cost=PASSES, memory_cost=memory_kib, parallelism=LANES)


@cache
def _nobodys(memory_kib: int) -> str:
    """A hash that no PIN has, made once a process: rehearsals have many hashers."""
    return _hasher(memory_kib).hash(secrets.token_bytes(32))


def read_pepper(path: Path, port: str = "bank") -> bytes:
    """Return the pepper of a port, making it (mode 0600) at the first use. Raises PortError."""
    try:
        if not path.exists():
            _make(path)
        mode = path.stat().st_mode
        pepper = path.read_bytes()
    except OSError as error:
        problem = f"the PIN secret {path} cannot be read or made: {error.strerror}"
        raise PortError(port, problem) from error
    if mode & 0o077:
        raise PortError(port, f"others may read the PIN secret {path}: run chmod 600 {path}")
    if len(pepper) < 32:
        raise PortError(port, f"the PIN secret {path} is cut short: restore it from a backup")
    return pepper


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Made whole under another name and then linked, so that of several processes one wins and the
    # others never read half a secret.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".pepper-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(32).encode())
            file.flush()
            os.fsync(file.fileno())
        Path(path).hardlink_to(name)
    except FileExistsError:
        return
    finally:
        Path(name).unlink()
