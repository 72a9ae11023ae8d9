"""The embedded bank's own promises: durable counters, racing nodes, faults said in plain words."""

from __future__ import annotations

import asyncio
import math
import multiprocessing
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from multiprocessing.queues import Queue
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest

from ivr import pins
from ivr.adapters.bank import embedded
from ivr.adapters.bank.demo import ACCOUNTS, HOLDINGS, PHONES, seed
from ivr.adapters.bank.embedded import EmbeddedBank
from ivr.adapters.bank.file import KIND
from ivr.adapters.bank.matters import close_matter, open_matter
from ivr.adapters.clock import SystemClock
from ivr.centre.pin import ANI_WINDOW, MAX_ATTEMPTS, MAX_ATTEMPTS_ANI
from ivr.database.sqlite import prepare
from ivr.model.errors import PortError
from ivr.model.secret import Secret
from ivr.model.values import Money
from ivr.pins import PinHasher, read_pepper
from ivr.ports.bank import Matter, MatterState
from ivr.ports.identity import PinResult

ACCOUNT, PIN = "6222021001", "408297"
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


class SetClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bank with one account, whose hashes are cheap."""
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    path = tmp_path / "bank.sqlite"
    prepare(path, KIND)
    hasher = PinHasher(read_pepper(path.with_suffix(".pepper")))
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO customers VALUES ('C1', 'Ann', 'vip', 'en')")
        database.execute(
            "INSERT INTO accounts VALUES (?, 'C1', ?)", (ACCOUNT, hasher.hash(ACCOUNT, PIN))
        )
    hasher.close()
    return path


@pytest.fixture
async def bank(path: Path, clock: SetClock) -> AsyncIterator[EmbeddedBank]:
    bank = await EmbeddedBank.open(path, clock)
    yield bank
    await bank.close()


def attempts(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        row = database.execute("SELECT max(made) FROM account_attempts").fetchone()
    return int(row[0] or 0)


async def wrong(bank: EmbeddedBank, ani: str = "") -> PinResult:
    return (await bank.verify_pin(ACCOUNT, Secret("000000"), ani)).result


async def test_the_attempt_is_on_the_disk_before_the_pin_is_looked_at(
    bank: EmbeddedBank, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    check = PinHasher.verify

    async def spy(hasher: PinHasher, stored: str | None, account: str, pin: Secret) -> bool:
        seen.append(attempts(path))
        return await check(hasher, stored, account, pin)

    monkeypatch.setattr(PinHasher, "verify", spy)
    assert (await bank.verify_pin(ACCOUNT, Secret(PIN), "")).result is PinResult.RIGHT
    assert seen == [1]
    assert attempts(path) == 0


async def test_an_attempt_given_up_stays_counted(
    bank: EmbeddedBank, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = asyncio.Event()

    async def never(*_: object) -> bool:
        looking.set()
        await asyncio.Event().wait()
        return False

    with monkeypatch.context() as patched:
        patched.setattr(PinHasher, "verify", never)
        task = asyncio.create_task(bank.verify_pin(ACCOUNT, Secret(PIN), ""))
        await looking.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert attempts(path) == 1
    assert (await bank.verify_pin(ACCOUNT, Secret(PIN), "")).result is PinResult.RIGHT


async def test_a_question_given_up_at_any_moment_leaves_the_bank_usable(bank: EmbeddedBank) -> None:
    for turns in range(12):
        task = asyncio.create_task(bank.unlock(ACCOUNT, "Li Na", "seen"))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert (await bank.verify_pin(ACCOUNT, Secret(PIN), "")).result is PinResult.RIGHT


async def test_counters_outlive_a_restart(path: Path, clock: SetClock) -> None:
    results = []
    for _ in range(MAX_ATTEMPTS + 2):
        bank = await EmbeddedBank.open(path, clock)
        results.append(await wrong(bank))
        await bank.close()
    assert results == [PinResult.WRONG] * MAX_ATTEMPTS + [PinResult.LOCKED] * 2


async def test_unlock(bank: EmbeddedBank) -> None:
    for _ in range(MAX_ATTEMPTS):
        await wrong(bank)
    assert await wrong(bank) is PinResult.LOCKED
    assert await bank.unlock(ACCOUNT, "Li Na", "seen")
    assert not await bank.unlock(ACCOUNT, "Li Na", "seen")
    assert (await bank.verify_pin(ACCOUNT, Secret(PIN), "")).result is PinResult.RIGHT


async def test_a_calling_number_may_try_again_after_its_window(
    bank: EmbeddedBank, clock: SetClock
) -> None:
    for number in range(MAX_ATTEMPTS_ANI):
        await bank.verify_pin(f"7{number:09}", Secret("000000"), "13800001111")
    assert await wrong(bank, "13800001111") is PinResult.LOCKED
    clock.time += ANI_WINDOW - timedelta(seconds=1)
    assert await wrong(bank, "13800001111") is PinResult.LOCKED
    clock.time += timedelta(seconds=1)
    assert await wrong(bank, "13800001111") is PinResult.WRONG


async def test_a_locked_calling_number_does_not_lock_the_account(
    bank: EmbeddedBank, path: Path
) -> None:
    for number in range(MAX_ATTEMPTS_ANI):
        await bank.verify_pin(f"7{number:09}", Secret("000000"), "13800001111")
    for _ in range(MAX_ATTEMPTS):
        assert await wrong(bank, "13800001111") is PinResult.LOCKED
    assert (await bank.verify_pin(ACCOUNT, Secret(PIN), "")).result is PinResult.RIGHT


@pytest.mark.proof
@pytest.mark.timeout(60)
async def test_an_unknown_account_takes_as_long_as_a_wrong_pin(
    tmp_path: Path, clock: SetClock
) -> None:
    seed(tmp_path / "bank.sqlite")
    bank = await EmbeddedBank.open(tmp_path / "bank.sqlite", clock)

    async def least(account: str, so_far: float) -> float:
        began = time.perf_counter()
        await bank.verify_pin(account, Secret("000000"), "")
        return min(so_far, time.perf_counter() - began)

    known = unknown = math.inf
    # A busy machine makes some take longer, and none shorter; in turns, both have the same chance.
    for one in [*ACCOUNTS] * (MAX_ATTEMPTS - 1):
        known = await least(one.number, known)
        unknown = await least(f"8{one.number[1:]}", unknown)
    await bank.close()
    assert 0.7 < unknown / known < 1.4


def race(path: Path, results: Queue[int]) -> None:
    async def attack() -> int:
        bank = await EmbeddedBank.open(path, SystemClock("UTC"))
        answers = await asyncio.gather(
            *(bank.verify_pin(ACCOUNT, Secret("000000"), "") for _ in range(25))
        )
        await bank.close()
        return sum(one.result is not PinResult.LOCKED for one in answers)

    results.put(asyncio.run(attack()))


@pytest.mark.proof
@pytest.mark.timeout(60)
@pytest.mark.timeout(40)  # two interpreters start
def test_two_nodes_racing_evaluate_five(path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    results: Queue[int] = spawn.Queue()
    nodes = [spawn.Process(target=race, args=(path, results)) for _ in range(2)]
    for node in nodes:
        node.start()
    evaluated = [results.get(timeout=30) for _ in nodes]
    for node in nodes:
        node.join(8)
    assert sum(evaluated) == MAX_ATTEMPTS


async def test_a_hash_copied_to_another_account_opens_nothing(
    bank: EmbeddedBank, path: Path
) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO accounts SELECT '1', customer, pin_hash FROM accounts")
    assert (await bank.verify_pin("1", Secret(PIN), "")).result is PinResult.WRONG


async def test_no_pin_and_no_account_in_what_is_kept_or_said(
    bank: EmbeddedBank, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await bank.verify_pin(ACCOUNT, Secret("975310"), "")
    kept = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"975310" not in kept
    assert PIN.encode() not in kept
    assert "975310" not in caplog.text


def test_files_are_for_their_owner_only(path: Path) -> None:
    for file in (path, path.with_suffix(".pepper")):
        assert file.stat().st_mode & 0o777 == 0o600


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_text(path: Path) -> None:
    path.write_text("not a database at all, only some words\n" * 100)


def damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:] = b"\xa5" * (len(content) - 100)
    path.write_bytes(content)


def another_kind(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE notes (text)")


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version=99")


def another_pepper(path: Path) -> None:
    path.with_suffix(".pepper").unlink()


def open_pepper(path: Path) -> None:
    path.with_suffix(".pepper").chmod(0o644)


def short_pepper(path: Path) -> None:
    path.with_suffix(".pepper").write_bytes(b"")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (a_folder, "cannot be opened"),
        (a_text, "is not a database"),
        (damaged, "is damaged|is not a database"),
        (another_kind, "holds something else"),
        (newer, "is of version 99, and this OneCall knows 5 at most"),
        (another_pepper, "made with another secret .* restore that file"),
        (open_pepper, "run chmod 600"),
        (short_pepper, "is cut short"),
    ],
)
async def test_a_bank_that_cannot_be_opened(
    path: Path, clock: SetClock, spoil: Callable[[Path], None], said: str
) -> None:
    bank = await EmbeddedBank.open(path, clock)  # so that the pepper is known to the database
    await bank.close()
    spoil(path)
    with pytest.raises(PortError, match=said) as caught:
        await EmbeddedBank.open(path, clock)
    assert str(path.parent) in str(caught.value)
    assert "\n" not in str(caught.value)


@contextmanager
def as_nobody() -> Iterator[Path]:
    """A folder that the running user cannot write, also when the tests run as root."""
    with TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        (folder / "bank.sqlite").touch(0o644)
        folder.chmod(0o555)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            os.seteuid(user)
            folder.chmod(0o755)


async def test_a_bank_in_a_read_only_folder(clock: SetClock) -> None:
    with as_nobody() as folder, pytest.raises(PortError, match="cannot be written"):
        await EmbeddedBank.open(folder / "bank.sqlite", clock)


async def test_a_locked_database_is_a_retryable_error(bank: EmbeddedBank, path: Path) -> None:
    await bank._shared.file._writer.execute("PRAGMA busy_timeout=50")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(PortError, match="kept locked by another process") as caught:
            await bank.verify_pin(ACCOUNT, Secret(PIN), "")
        assert caught.value.retryable
        other.execute("ROLLBACK")
    assert (await bank.verify_pin(ACCOUNT, Secret(PIN), "")).result is PinResult.RIGHT


def first_version(path: Path) -> None:
    """Make it a bank as the first OneCall had it."""
    with closing(sqlite3.connect(path)) as database:
        (hashed,) = database.execute("SELECT pin_hash FROM accounts").fetchone()
    path.unlink()
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript((KIND.scripts / "0001_bank.sql").read_text("utf-8"))
        database.execute(f"PRAGMA application_id={KIND.application_id}")
        database.execute("PRAGMA user_version=1")
        database.execute("INSERT INTO customers VALUES ('C1', 'Ann', 'vip', 'en')")
        database.execute("INSERT INTO accounts VALUES (?, 'C1', 1, 'CNY', ?)", (ACCOUNT, hashed))


async def test_a_bank_of_the_first_version_is_brought_up_to_date_and_seeded(
    path: Path, clock: SetClock
) -> None:
    first_version(path)
    bank = await EmbeddedBank.open(path, clock)
    assert await bank.identify(PHONES[0][0]) is None
    assert (await bank.verify_pin(ACCOUNT, Secret(PIN), "")).result is PinResult.RIGHT
    seed(path)
    assert await bank.balance(ACCOUNT) == Money(1)
    phone, customer = PHONES[2]
    identified = await bank.identify(phone)
    assert identified is not None
    assert identified.number == customer
    assert await bank.products(customer) == HOLDINGS[customer]
    await bank.close()


async def test_a_matter_is_opened_and_closed(path: Path, bank: EmbeddedBank) -> None:
    opened = NOON - timedelta(hours=2)
    matter = Matter("T7", "transfer", opened, 2, MatterState.REJECTED, Money(1, "USD"))
    open_matter(path, "C1", matter)
    assert await bank.matters("C1", NOON) == (matter,)
    assert close_matter(path, "T7")
    assert not close_matter(path, "T7")
    assert await bank.matters("C1", NOON) == ()


def test_a_matter_of_nobody_and_one_that_is_there_already(path: Path) -> None:
    matter = Matter("T7", "transfer", NOON, 2)
    with pytest.raises(PortError, match="no customer C9"):
        open_matter(path, "C9", matter)
    open_matter(path, "C1", matter)
    with pytest.raises(PortError, match="already a matter T7"):
        open_matter(path, "C1", matter)


def test_the_module_names_its_backend() -> None:
    assert embedded.BACKEND is EmbeddedBank
