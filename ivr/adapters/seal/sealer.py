"""Seals a card with the bank's public key: RSA-OAEP (SHA-256) around a fresh AES-256-GCM key.

    onecall1.<key id>.<wrapped key>.<nonce>.<ciphertext and tag>

The key id is the first 16 hex digits of the SHA-256 of the public key (DER, SubjectPublicKeyInfo);
the rest is base64url without padding. Inside is the JSON `{"pan":…,"expiry":…,"cvv":…}`. The
additional data is `onecall1.<key id>.<payment key>`: a sealed card is of no use for another payment.
"""

from __future__ import annotations

import hashlib
import os
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ivr.model.errors import OneCallError, PortError
from ivr.model.secret import Secret
from ivr.ports.clock import Clock
from ivr.ports.payments import Card

FORMAT = "onecall1"
PORT = "payments"
MOST_KEYS = 2
LEAST_BITS = 2048
_OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


class SealError(OneCallError):
    """The bank's keys cannot be used: which, why, and what to do."""


class Key(msgspec.Struct, frozen=True):
    """A public key of the bank, and from when until when it may be used."""

    id: str
    public: rsa.RSAPublicKey
    begins: datetime
    ends: datetime


class Sealer:
    """Seals with the newest key that is valid. Two are active while one takes over from the other."""

    def __init__(self, keys: Sequence[Key], clock: Clock) -> None:
        self._keys = sorted(keys, key=lambda key: key.begins, reverse=True)
        self._clock = clock

    @classmethod
    def of(cls, files: Sequence[Path], clock: Clock) -> Sealer:
        """Read the bank's certificates (X.509, PEM), one or two. Raises SealError."""
        if not 0 < len(files) <= MOST_KEYS:
            raise SealError(f"{len(files)} keys to seal cards with; name one, or two in a rotation")
        sealer = cls([read(file) for file in files], clock)
        sealer.key()
        return sealer

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the active keys, the one that seals first."""
        return tuple(key.id for key in self._keys)

    def key(self) -> Key:
        """Return the newest valid key. Raises SealError."""
        now = self._clock.now()
        for key in self._keys:
            if key.begins <= now < key.ends:
                return key
        raise SealError(
            "none of the bank's keys is valid now: "
            + ", ".join(f"{key.id} from {key.begins} to {key.ends}" for key in self._keys)
            + "; ask the bank for its present certificate"
        )

    def seal(self, card: Card, binds: str) -> Card:
        """Return a card with nothing in it but the sealed text, for one payment's key.

        The card's secrets are its owner's to wipe. Raises PortError when no key is valid.
        """
        try:
            key = self.key()
        except SealError as error:
            raise PortError(PORT, str(error)) from error
        secret, nonce = bytearray(os.urandom(32)), os.urandom(12)
        inside = _inside(card)
        try:
            sealed = AESGCM(secret).encrypt(nonce, inside, f"{FORMAT}.{key.id}.{binds}".encode())
            wrapped = key.public.encrypt(bytes(secret), _OAEP)
        finally:
            for memory in (inside, secret):
                memory[:] = bytes(len(memory))
        parts = (urlsafe_b64encode(one).rstrip(b"=").decode() for one in (wrapped, nonce, sealed))
        text = ".".join((FORMAT, key.id, *parts))
        return Card(Secret(), Secret(), Secret(), text)


def read(file: Path) -> Key:
    """Read a certificate. Raises SealError."""
    try:
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
    except OSError as error:
        raise SealError(f"{file}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise SealError(f"{file}: no X.509 certificate in PEM; ask the bank for one") from error
    public = certificate.public_key()
    if not isinstance(public, rsa.RSAPublicKey) or public.key_size < LEAST_BITS:
        raise SealError(f"{file}: its key is not RSA of {LEAST_BITS} bits or more")
    der = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return Key(
        hashlib.sha256(der).hexdigest()[:16],
        public,
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )


def _inside(card: Card) -> bytearray:
    """Return what is sealed, in memory that does not move while it is filled."""
    parts = {b'{"pan":"': card.pan, b'","expiry":"': card.expiry, b'","cvv":"': card.cvv}
    inside = bytearray(sum(len(name) + len(secret) for name, secret in parts.items()) + len(b'"}'))
    at = 0
    for name, secret in parts.items():
        with secret.exposed() as digits:
            for piece in (name, digits):
                inside[at : at + len(piece)] = piece
                at += len(piece)
    inside[at:] = b'"}'
    return inside
