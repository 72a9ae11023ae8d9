"""Staff's credentials: what lets somebody in, what locks, and what is written down."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr import pins
from ivr.adapters.staff.attempts import LOCKED, MOST, MOST_SOURCE
from ivr.adapters.staff.demo import PEOPLE, seed
from ivr.adapters.staff.embedded import PEPPER, EmbeddedStaff
from ivr.adapters.staff.register import Register
from ivr.model.errors import PortError
from ivr.model.secret import Secret
from ivr.ports.agents import Refusal
from ivr.ports.staff import Person, Role

LI_NA = next(iter(PEOPLE))
PIN, PASSWORD = PEOPLE[LI_NA]
PHONE, DESK = "PJSIP/agent1001", "192.0.2.7"


class Hands:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 9, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's staff, whose hashes are cheap."""
    file = tmp_path_factory.mktemp("staff") / "staff.sqlite"

    async def seeding() -> None:
        made = await EmbeddedStaff.open(file, Hands(), file.with_name(PEPPER))
        await seed(made)
        await made.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pins, "MEMORY_KIB", 64)
        asyncio.run(seeding())
    return file


@pytest.fixture
async def staff(
    seeded: Path, tmp_path: Path, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[EmbeddedStaff]:
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    for file in seeded.parent.iterdir():
        shutil.copy(file, tmp_path)
    opened = await EmbeddedStaff.open(tmp_path / seeded.name, clock, tmp_path / PEPPER)
    yield opened
    await opened.close()


def file_of(staff: EmbeddedStaff) -> Path:
    """Return the SQLite file of the staff."""
    assert isinstance(staff.place, Path)
    return staff.place


async def wrong(staff: EmbeddedStaff, source: str = PHONE, agent: str = "1001") -> object:
    return await staff.check_pin(agent, Secret("000000"), source)


async def done(staff: EmbeddedStaff) -> list[str]:
    return [f"{line.who} {line.what}" for line in await staff.trail(0) if line.who != "demo"]


async def test_a_pin_lets_an_agent_in_at_a_telephone_and_a_password_at_the_desk(
    staff: EmbeddedStaff,
) -> None:
    assert await staff.check_pin("1001", Secret(PIN), PHONE) == LI_NA
    assert await staff.check("li.na", Secret(PASSWORD), DESK) == LI_NA
    assert await staff.check_pin("1001", Secret(PASSWORD), PHONE) is Refusal.CREDENTIALS
    assert await staff.check("li.na", Secret(PIN), DESK) is Refusal.CREDENTIALS
    assert await done(staff) == ["li.na pin.wrong", "li.na password.wrong"]


@pytest.mark.parametrize("agent", ["9999", "", "1001' OR '1'='1", "１００１"])
async def test_who_is_not_there_is_refused_like_a_wrong_pin(
    staff: EmbeddedStaff, agent: str
) -> None:
    assert await wrong(staff, agent=agent) is Refusal.CREDENTIALS


async def test_wrong_pins_lock_and_a_right_one_forgives(staff: EmbeddedStaff, clock: Hands) -> None:
    for _ in range(MOST - 1):
        assert await wrong(staff) is Refusal.CREDENTIALS
    assert await staff.check_pin("1001", Secret(PIN), PHONE) == LI_NA
    for _ in range(MOST):
        assert await wrong(staff) is Refusal.CREDENTIALS
    assert await staff.check_pin("1001", Secret(PIN), PHONE) is Refusal.LOCKED
    assert await staff.check("li.na", Secret(PASSWORD), DESK) == LI_NA, "the desk is another door"
    clock.at += LOCKED
    assert await staff.check_pin("1001", Secret(PIN), PHONE) == LI_NA


async def test_one_place_cannot_try_everybody(staff: EmbeddedStaff) -> None:
    for number in range(MOST_SOURCE):
        assert await wrong(staff, agent=f"70{number:02}") is Refusal.CREDENTIALS
    assert await wrong(staff, agent="7099") is Refusal.LOCKED
    assert await staff.check_pin("1001", Secret(PIN), "PJSIP/agent1002") == LI_NA


async def test_an_attempt_is_on_the_disk_before_the_pin_is_looked_at(
    staff: EmbeddedStaff, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []

    async def looked_at(*_: object) -> bool:
        with closing(sqlite3.connect(file_of(staff))) as other:
            row = other.execute("SELECT made FROM attempts").fetchone()
        counted.append(row[0])
        return False

    monkeypatch.setattr(staff.hasher, "verify", looked_at)
    await wrong(staff)
    assert counted == [1]


async def test_attempts_at_the_same_time_are_all_counted(staff: EmbeddedStaff) -> None:
    results = await asyncio.gather(*(wrong(staff) for _ in range(2 * MOST)))
    assert results.count(Refusal.CREDENTIALS) == MOST
    assert results.count(Refusal.LOCKED) == MOST


async def test_attempts_outlive_the_process(staff: EmbeddedStaff, clock: Hands) -> None:
    for _ in range(MOST):
        await wrong(staff)
    again = await EmbeddedStaff.open(staff.place, clock, file_of(staff).with_name(PEPPER))
    try:
        assert await again.check_pin("1001", Secret(PIN), PHONE) is Refusal.LOCKED
    finally:
        await again.close()


async def test_a_hash_is_of_one_person_only(staff: EmbeddedStaff) -> None:
    with closing(sqlite3.connect(file_of(staff))) as database, database:
        database.execute(
            "UPDATE people SET pin_hash = (SELECT pin_hash FROM people WHERE agent = '1001') "
            "WHERE agent = '1002'"
        )
    assert await staff.check_pin("1002", Secret(PIN), PHONE) is Refusal.CREDENTIALS


async def test_no_credential_is_kept_as_it_is(staff: EmbeddedStaff) -> None:
    await staff.check_pin("1001", Secret(PIN), PHONE)
    await staff.check_pin(PIN, Secret("1001"), PHONE)
    await staff.check(PASSWORD.lower(), Secret(PASSWORD), DESK)
    kept = b"".join(file.read_bytes() for file in file_of(staff).parent.iterdir())
    assert PIN.encode() not in kept
    assert PASSWORD.encode().lower() not in kept.lower()
    assert file_of(staff).stat().st_mode & 0o077 == 0


async def test_who_is_disabled_is_out_at_once(staff: EmbeddedStaff) -> None:
    register = Register(staff, "admin")
    await register.active("li.na", on=False)
    assert await staff.person("li.na") is None
    assert await staff.check_pin("1001", Secret(PIN), PHONE) is Refusal.CREDENTIALS
    await register.active("li.na", on=True)
    assert await staff.check_pin("1001", Secret(PIN), PHONE) == LI_NA


async def test_an_administrator_unlocks(staff: EmbeddedStaff) -> None:
    register = Register(staff, "admin")
    assert not await register.unlock("li.na")
    for _ in range(MOST):
        await wrong(staff)
    assert await register.unlock("li.na")
    assert await staff.check_pin("1001", Secret(PIN), PHONE) == LI_NA
    assert (await done(staff))[-1] == "admin staff.unlock"


async def test_a_new_pin_replaces_the_old_one(staff: EmbeddedStaff) -> None:
    await Register(staff, "admin").pin("li.na", Secret("947318"))
    assert await staff.check_pin("1001", Secret(PIN), PHONE) is Refusal.CREDENTIALS
    assert await staff.check_pin("1001", Secret("947318"), PHONE) == LI_NA


@pytest.mark.parametrize("pin", ["123456", "111111", "58204", "5820471", "58204a"])
async def test_easy_pins_are_refused(staff: EmbeddedStaff, pin: str) -> None:
    with pytest.raises(PortError, match="6 digits that are not easy"):
        await Register(staff, "admin").pin("li.na", Secret(pin))


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "12 to 64"),
        ("with spaces in it", "12 to 64"),
        ("密码密码密码密码密码密码", "easy"),
        ("x" * 65, "12 to 64"),
        ("li.na-and-more", "easy"),
        ("aaaaaaaaaaaaaa", "easy"),
    ],
)
async def test_easy_passwords_are_refused(staff: EmbeddedStaff, password: str, why: str) -> None:
    with pytest.raises(PortError, match=why):
        await Register(staff, "admin").password("li.na", Secret(password))


@pytest.mark.parametrize(
    "person",
    [
        Person("li.na", Role.SUPERVISOR),
        Person("other", Role.AGENT, "1001"),
        Person("Other Name", Role.SUPERVISOR),
        Person("other", Role.AGENT, "10"),
    ],
)
async def test_nobody_is_added_twice_or_without_what_it_takes(
    staff: EmbeddedStaff, person: Person
) -> None:
    with pytest.raises(PortError, match="staff"):
        await Register(staff, "admin").add(person)


async def test_who_is_not_there_cannot_be_changed(staff: EmbeddedStaff) -> None:
    register = Register(staff, "admin")
    for act in (register.role("nobody", Role.AGENT), register.active("nobody", on=True)):
        with pytest.raises(PortError, match="there is no nobody"):
            await act


async def test_the_trail_is_only_added_to(staff: EmbeddedStaff) -> None:
    await staff.note("grace.liu", "spy.listen", "1001", DESK)
    line = (await staff.trail(1))[0]
    assert (line.who, line.what, line.about, line.source) == (
        "grace.liu", "spy.listen", "1001", DESK,
    )  # fmt: skip
    for sql in ("DELETE FROM trail", "UPDATE trail SET who = 'x'"):
        with closing(sqlite3.connect(file_of(staff))) as database, pytest.raises(sqlite3.Error):
            database.execute(sql)


async def test_a_place_is_forgiven_no_more_than_it_was_right(
    staff: EmbeddedStaff, clock: Hands
) -> None:
    for number in range(MOST_SOURCE - 1):
        await wrong(staff, agent=f"70{number:02}")
    for _ in range(3):
        assert await staff.check_pin("1001", Secret(PIN), PHONE) == LI_NA
    assert await wrong(staff, agent="7098") is Refusal.CREDENTIALS
    assert await wrong(staff, agent="7099") is Refusal.LOCKED
    clock.at += LOCKED + timedelta(seconds=1)
    assert await wrong(staff, agent="7099") is Refusal.CREDENTIALS


@pytest.mark.parametrize("low", Role)
def test_roles_cover_those_before_them(low: Role) -> None:
    assert Role.ADMINISTRATOR.covers(low)
    assert low.covers(Role.AGENT)
    assert low.covers(Role.SUPERVISOR) == (low is not Role.AGENT)
