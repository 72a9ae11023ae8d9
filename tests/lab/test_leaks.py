"""The leak scanner finds what it is given, however it stands there, and nothing else."""

from __future__ import annotations

import base64
import random
import sqlite3
import wave
from array import array
from contextlib import closing
from pathlib import Path

import pytest

from lab import tones
from lab.leaks import Scanner

CARD = "371642870951364"
SCANNER = Scanner({"card": CARD})


def hits(data: bytes) -> list[str]:
    return [hit.secret for hit in SCANNER.data(data, "here")]


@pytest.mark.parametrize(
    "told",
    [
        f"card={CARD}&x".encode(),
        b"3716 4287 0951 364",
        b"3716-428709-51364",
        f"['{chr(39).join(CARD)}']".encode(),
        CARD.encode("utf-16"),
        CARD.encode().hex().encode(),
        base64.b64encode(CARD.encode()),
        base64.b64encode(b"x" + CARD.encode() + b"yz"),
        base64.b64encode(b'{"pan":"' + CARD.encode() + b'"}'),
    ],
)
def test_digits_that_stand_together(told: bytes) -> None:
    assert hits(b"\x00before " + told + b" after\xff") == ["card"]


@pytest.mark.parametrize(
    "line",
    [
        "Digit: {0}\r",
        "[2026-11-22 12:00:01.{1}] DTMF[{2}][C-0000000a]: DTMF end '{0}' received on trunk",
        "AGI Tx >> 200 result={3}",
        "Got RTP RFC2833 (type 101, seq {1}, mark 1, event 0000000{0}, end 0)",
        "Signal={0}",
    ],
)
@pytest.mark.parametrize("repeated", [1, 3])
def test_digits_that_are_told_one_by_one(line: str, repeated: int) -> None:
    chance = random.Random(1)
    text = "".join(
        line.format(key, chance.randrange(1000, 9999), chance.randrange(99999), ord(key)) + "\n\n"
        for key in CARD
        for _ in range(repeated)
    )
    assert hits(text.encode()) == ["card"] * (2 if repeated == 1 else 1)


def test_nothing_is_found_where_it_is_not() -> None:
    chance = random.Random(2)
    noise = "".join(
        f"{chance.randrange(10)} of {chance.randrange(10**12)} at 12:{chance.randrange(60)}\n"
        for _ in range(5_000)
    )
    assert hits(noise.encode() + chance.randbytes(200_000)) == []
    assert hits(CARD[:-1].encode()) == []


def test_what_was_deleted_from_a_database_is_found(tmp_path: Path) -> None:
    for journal in ("WAL", "DELETE"):
        file = tmp_path / f"{journal}.sqlite"
        with closing(sqlite3.connect(file)) as database:
            database.execute(f"PRAGMA journal_mode = {journal}")
            database.execute("PRAGMA secure_delete = OFF")
            database.execute("CREATE TABLE kept (text TEXT)")
            database.execute("INSERT INTO kept VALUES (?)", (CARD,))
            database.commit()
            database.execute("DELETE FROM kept")
            database.commit()
            assert [hit.secret for hit in SCANNER.folder(tmp_path)]
        file.unlink()


def write(file: Path, samples: list[int]) -> Path:
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(tones.RATE)
        sound.writeframes(array("h", samples).tobytes())
    return file


def test_tones_in_a_recording(tmp_path: Path) -> None:
    spoken = write(tmp_path / "card.wav", tones.dial(CARD, level=300))
    assert tones.keys(tones.read(spoken)) == CARD
    assert [hit.secret for hit in SCANNER.file(spoken)] == ["card"]
    part = write(tmp_path / "part.wav", tones.dial("5" + CARD[4:8] + "9"))
    assert [hit.secret for hit in SCANNER.file(part)] == ["card"]
    menu = write(tmp_path / "menu.wav", tones.dial("1" + CARD[:2] + "#"))
    assert SCANNER.file(menu) == []


def test_speech_and_noise_are_no_tones(tmp_path: Path) -> None:
    chance = random.Random(3)
    noise = write(tmp_path / "noise.wav", [chance.randrange(-9000, 9000) for _ in range(24_000)])
    assert len(tones.keys(tones.read(noise))) < 3
    assert SCANNER.file(noise) == []


def test_few_digits_are_no_part_of_others() -> None:
    scanner = Scanner({"code": "8350"})
    for told in (b'"cvv":"8350"', b"cvv=8350&", b"cvv8350", b"(8350)"):
        assert [hit.secret for hit in scanner.data(told, "here")] == ["code"]
    for other in (b"18350", b"83507", b".8350", b"at 08:35:01", b"ab8350cd", b"8-3-5-0"):
        assert list(scanner.data(other, "here")) == []


@pytest.mark.parametrize("secret", ["123", "12234567"])
def test_a_secret_that_could_be_an_accident_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="too short"):
        Scanner({"pin": secret})
