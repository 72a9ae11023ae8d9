"""No more PINs are evaluated than there may be, whatever restarts, kills and nodes do."""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import os
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

import aiosqlite
import pytest

from ivr import pins
from ivr.adapters.bank.audit import entries
from ivr.adapters.bank.demo import ACCOUNTS
from ivr.adapters.bank.demo_access import ACCESS
from ivr.adapters.bank.embedded import EmbeddedBank
from ivr.adapters.clock import SystemClock
from ivr.centre.pin import Lockout
from ivr.model.secret import Secret
from ivr.pins import PinHasher
from ivr.ports.backend import Settings
from ivr.ports.clock import Clock
from ivr.ports.identity import By, Factor, PinResult
from tests.contracts.conftest import StillClock, seeded

FIRST = ACCOUNTS[0]
ANI = "13900000001"
TRUNK = "PJSIP/carrier"
FEW = Lockout(account=5, ani=3, trunk=4)
WRONG = "000000"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo's bank, whose hashes are cheap."""
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    for name, content in zip(("bank.sqlite", "bank.pepper"), seeded(), strict=True):
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o600)
    return tmp_path / "bank.sqlite"


@asynccontextmanager
async def opened(
    path: Path, clock: Clock | None = None, lockout: Lockout = FEW
) -> AsyncIterator[EmbeddedBank]:
    bank = await EmbeddedBank.open(path, clock or StillClock(), lockout=lockout)
    try:
        yield bank
    finally:
        await bank.close()


async def tried(bank: EmbeddedBank, account: str, ani: str = "", trunk: str = "") -> PinResult:
    return (await bank.verify_pin(account, Secret(WRONG), ani, trunk)).result


async def test_wrong_pins_count_for_the_trunk_whatever_the_calling_numbers(path: Path) -> None:
    clock = StillClock()
    async with opened(path, clock) as bank:
        callers = [f"1390000000{number}" for number in range(FEW.trunk + 1)]
        results = [await tried(bank, f"7{ani}", ani, TRUNK) for ani in callers]
        assert results == [PinResult.WRONG] * FEW.trunk + [PinResult.LOCKED]
        assert await tried(bank, FIRST.number, "13900000009", "PJSIP/other") is PinResult.WRONG
        clock.at += FEW.trunk_window
        assert await tried(bank, FIRST.number, "13900000009", TRUNK) is PinResult.WRONG


async def test_a_right_pin_is_taken_off_the_trunk(path: Path) -> None:
    async with opened(path, StillClock()) as bank:
        for _ in range(FEW.trunk + 2):
            answer = await bank.verify_pin(FIRST.number, Secret(FIRST.pin), ANI, TRUNK)
            assert answer.result is PinResult.RIGHT


async def test_a_bank_says_how_many_may_come_by_one_trunk(path: Path) -> None:
    bank = await EmbeddedBank.opened(Settings(file=path, trunk_attempts=2), StillClock())
    results = [await tried(bank, f"7{number:08}", "", TRUNK) for number in range(3)]
    await bank.close()
    assert results == [PinResult.WRONG] * 2 + [PinResult.LOCKED]


@pytest.mark.parametrize("trunk", ["", "PJSIP/x y", "'; --", "t" * 81])
async def test_a_trunk_that_may_not_be_written_is_not_counted(path: Path, trunk: str) -> None:
    async with opened(path, StillClock()) as bank:
        results = {await tried(bank, f"7{number:08}", "", trunk) for number in range(FEW.trunk + 1)}
        assert results == {PinResult.WRONG}
        with closing(sqlite3.connect(path)) as database:
            found = database.execute("SELECT trunk, made FROM trunk_attempts").fetchall()
        assert found == []


async def test_a_number_that_is_nobodys_costs_the_same_statements(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Times of milliseconds cannot be compared on a busy machine; what is done in them can.
    done: list[str] = []
    for name in ("execute", "execute_fetchall"):
        usual = getattr(aiosqlite.Connection, name)

        def noted(self: object, sql: str, *values: object, usual: Any = usual) -> Any:
            done.append(sql)
            return usual(self, sql, *values)

        monkeypatch.setattr(aiosqlite.Connection, name, noted)
    async with opened(path) as bank:
        done.clear()
        found = [await bank.look_up(By.CARD, Secret(ACCESS[0].card), ANI, TRUNK)]
        known, done[:] = done.copy(), []
        found.append(await bank.look_up(By.CARD, Secret("4242424242424242"), ANI, TRUNK))
    assert [one.customer is not None for one in found] == [True, False]
    assert known == done != []


@pytest.mark.parametrize(("pin", "noted"), [(FIRST.pin, 1), (WRONG, 0)])
async def test_only_a_right_pin_authorises_what_it_binds(path: Path, pin: str, noted: int) -> None:
    digest = hashlib.sha256(b"read back").hexdigest()
    async with opened(path) as bank:
        await bank.verify_pin(FIRST.number, Secret(pin), ANI, TRUNK, digest)
    with closing(sqlite3.connect(path)) as database:
        found = database.execute("SELECT digest, customer, account FROM authorisations").fetchall()
    assert found == [(digest, FIRST.customer, FIRST.number)] * noted


async def test_what_is_done_to_locks_is_written_down_for_ever(path: Path) -> None:
    async with opened(path, StillClock(), lockout=Lockout()) as bank:
        for _ in range(6):
            await tried(bank, FIRST.number)
        await bank.unlock(FIRST.number, "Li Na", "identity card seen")
        await bank.begin_factor("C1001", Factor.CODE, "zh", "1.1")
        for _ in range(6):
            await bank.verify_factor("C1001", Factor.CODE, Secret("xyz"))
        await bank.change_pin(FIRST.number, Secret(FIRST.pin), Secret("850264"), "", "")
    told = [(one.what, one.subject, one.actor, one.reason) for one in entries(path, None)]
    assert told == [
        ("locked", FIRST.number, "caller", ""),
        ("unlocked", FIRST.number, "Li Na", "identity card seen"),
        ("second factors locked", "C1001", "caller", ""),
        ("pin changed", FIRST.number, "caller", ""),
    ]
    with closing(sqlite3.connect(path)) as database:
        for sql in ("DELETE FROM audit", "UPDATE audit SET actor = 'nobody'"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                database.execute(sql)


async def test_unlocking_frees_the_second_factors_too(path: Path) -> None:
    async with opened(path, StillClock(), lockout=Lockout()) as bank:
        results = [await bank.verify_factor("C1001", Factor.CODE, Secret("000")) for _ in range(6)]
        assert results[-1] is PinResult.LOCKED
        assert await bank.unlock(FIRST.number, "Li Na", "seen")
        assert await bank.verify_factor("C1001", Factor.CODE, Secret("000")) is PinResult.WRONG


def attack(path: Path, tries: int, looked_at: Queue[str], kills: bool) -> None:
    """Try PINs through one engine, by one number and one trunk; say of each when it is looked at, and
    where it `kills`, be killed just then."""

    async def spying(hasher: PinHasher, stored: str | None, account: str, pin: Secret) -> bool:
        looked_at.put(account)
        if kills:
            # Only what the queue's thread has written is known to have been looked at.
            looked_at.close()
            looked_at.join_thread()
            os.kill(os.getpid(), signal.SIGKILL)
        return False

    setattr(PinHasher, "verify", spying)  # noqa: B010  (in this process of its own)

    async def run() -> None:
        bank = await EmbeddedBank.open(path, SystemClock("UTC"), lockout=FEW)
        accounts = [FIRST.number] if tries == 1 else [one.number for one in ACCOUNTS]
        for number in range(tries):
            account = accounts[number % len(accounts)]
            await bank.verify_pin(account, Secret(WRONG), ANI, TRUNK)
        await bank.close()

    asyncio.run(run())


def looked(path: Path, nodes: int, rounds: int, tries: int, *, kills: bool) -> list[str]:
    """Return the accounts whose PINs were looked at by so many nodes at once, in so many rounds."""
    spawn = multiprocessing.get_context("spawn")
    looked_at: Queue[str] = spawn.Queue()
    for _ in range(rounds):
        racing = [
            spawn.Process(target=attack, args=(path, tries, looked_at, kills)) for _ in range(nodes)
        ]
        for node in racing:
            node.start()
        for node in racing:
            node.join(30)
            assert node.exitcode in ((0, -signal.SIGKILL) if kills else (0,))
    found = []
    while not looked_at.empty():
        found.append(looked_at.get(timeout=5))
    return found


@pytest.mark.proof
@pytest.mark.timeout(120)
def test_two_engines_racing_look_at_no_more_than_a_line_may_try(path: Path) -> None:
    assert len(looked(path, nodes=2, rounds=1, tries=20, kills=False)) == FEW.ani


@pytest.mark.proof
@pytest.mark.timeout(120)
def test_kills_at_the_very_moment_add_no_attempt(path: Path) -> None:
    found = looked(path, nodes=1, rounds=FEW.ani + 2, tries=1, kills=True)
    assert found == [FIRST.number] * FEW.ani
