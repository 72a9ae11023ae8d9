"""Only the bank opens what is sealed, with the newest of its keys, for one payment."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

from ivr.adapters.seal.payments import SealedPayments
from ivr.adapters.seal.sealer import Sealer, SealError
from ivr.model.errors import PortError
from ivr.model.secret import Secret
from ivr.model.values import Money
from ivr.ports.payments import Card, Payment, PaymentState

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAN, EXPIRY, CVV = "4929518073642011", "0729", "907"
BINDS = "0123456789abcdef0123456789abcdef"
PRIVATE = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]
"""The bank's private keys, which only a test and a bank have."""


class At:
    """A clock that stands."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now


def certificate(
    file: Path, private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, begins: datetime
) -> Path:
    """Write a certificate of a key that is valid for two years from `begins`."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bank")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=730))
        .sign(private, hashes.SHA256())
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two certificates: an older one, and one that has taken over."""
    begins = (NOW - timedelta(days=400), NOW - timedelta(days=3))
    return [
        certificate(tmp_path / f"bank-{number}.pem", private, when)
        for number, (private, when) in enumerate(zip(PRIVATE, begins, strict=True))
    ]


def card() -> Card:
    return Card(Secret(PAN), Secret(EXPIRY), Secret(CVV))


def opened(sealed: str, private: rsa.RSAPrivateKey, binds: str = BINDS) -> dict[str, str]:
    """Open a sealed card, as a bank does."""
    name, key_id, *parts = sealed.split(".")
    wrapped, nonce, text = (urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in parts)
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    secret = private.decrypt(wrapped, oaep)
    plain = AESGCM(secret).decrypt(nonce, text, f"{name}.{key_id}.{binds}".encode())
    found: dict[str, str] = json.loads(plain)
    return found


def test_the_bank_opens_it_with_the_newest_key(files: list[Path]) -> None:
    for order in (files, files[::-1]):
        sealer = Sealer.of(order, At())
        sealed = sealer.seal(card(), BINDS)
        assert opened(sealed.sealed, PRIVATE[1]) == {"pan": PAN, "expiry": EXPIRY, "cvv": CVV}
        assert len(sealed.pan) == len(sealed.expiry) == len(sealed.cvv) == 0
        assert sealed.sealed.split(".")[:2] == ["onecall1", sealer.ids[0]]
        assert len(set(sealer.ids)) == 2
        with pytest.raises(ValueError, match="ecryption"):
            opened(sealed.sealed, PRIVATE[0])


def test_the_older_key_seals_until_the_newer_begins_and_after_it_nothing_does(
    files: list[Path],
) -> None:
    before = Sealer.of(files, At(NOW - timedelta(days=4)))
    assert opened(before.seal(card(), BINDS).sealed, PRIVATE[0])["cvv"] == CVV
    over = At(NOW + timedelta(days=3650))
    with pytest.raises(SealError, match="none of the bank's keys is valid"):
        Sealer.of(files, over)
    sealer = Sealer.of(files, At())
    sealer._clock = over
    with pytest.raises(PortError) as refused:
        sealer.seal(card(), BINDS)
    assert PAN not in str(refused.value)


def test_it_is_of_no_use_for_another_payment_and_never_twice_the_same(files: list[Path]) -> None:
    sealer = Sealer.of(files, At())
    first, second = (sealer.seal(card(), BINDS).sealed for _ in range(2))
    assert len(set(first.split(".")[2:]) & set(second.split(".")[2:])) == 0
    assert PAN not in first
    with pytest.raises(InvalidTag):
        opened(first, PRIVATE[1], binds="f" * 32)


def test_keys_that_cannot_be_used_are_refused(files: list[Path], tmp_path: Path) -> None:
    curve = certificate(tmp_path / "ec.pem", ec.generate_private_key(ec.SECP256R1()), NOW)
    weak = certificate(
        tmp_path / "weak.pem", rsa.generate_private_key(public_exponent=65537, key_size=1024), NOW
    )
    text = tmp_path / "text.pem"
    text.write_text("no certificate")
    for wrong, why in (
        ([], "0 keys"),
        ([*files, curve], "3 keys"),
        ([curve], "not RSA"),
        ([weak], "not RSA"),
        ([text], "no X.509"),
        ([tmp_path / "none.pem"], "cannot be read"),
    ):
        with pytest.raises(SealError, match=why):
            Sealer.of(wrong, At())


class Gateway:
    """Takes cards, and nothing else."""

    def __init__(self) -> None:
        self.cards: list[Card] = []

    async def authorise(
        self, key: str, order: str, amount: Money, card: Card, instalments: int
    ) -> Payment:
        self.cards.append(card)
        return Payment(key, PaymentState.AUTHORISED)

    async def tokenise(self, key: str, card: Card) -> Payment:
        self.cards.append(card)
        return Payment(key, PaymentState.TOKENISED)


async def test_a_gateway_behind_it_sees_sealed_cards_only(files: list[Path]) -> None:
    gateway = Gateway()
    payments = SealedPayments(gateway, Sealer.of(files, At()))  # type: ignore[arg-type]
    await payments.authorise(BINDS, "1", Money(100), card(), 0)
    await payments.tokenise("other", card())
    charged, kept = gateway.cards
    assert opened(charged.sealed, PRIVATE[1])["pan"] == PAN
    assert opened(kept.sealed, PRIVATE[1], "other")["pan"] == PAN
    assert len(charged.pan) + len(kept.pan) == 0
