"""Every misconfiguration that was planted is found, by its code, with what to do; a sound system has none."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio

from ivr.app.checkup import (
    clock,
    databases,
    disk,
    engines,
    examine,
    files,
    manager,
    modules,
    sounds,
)
from ivr.app.checkup import redis as shared
from tests.app.checkup.kit import System, make

pytestmark = pytest.mark.proof

NOBODY = 65534

Spoil = Callable[[System], Awaitable[None] | None]


def edit(file: str, old: str, new: str) -> Spoil:
    return lambda system: system.edit(file, old, new)


def wrong_secret(system: System) -> None:
    (system.folder / "ami.secret").write_text("wrong\n", "utf-8")


def may_less(system: System) -> None:
    system.actions -= {"Redirect", "Originate"}


def may_more(system: System) -> None:
    system.actions |= {"Command"}


def old_asterisk(system: System) -> None:
    system.version = "18.26.4"


def clock_apart(system: System) -> None:
    system.clock = -90


def no_recording(system: System) -> None:
    (system.own("en") / "welcome.ulaw").unlink()


def wav_for_ulaw(system: System) -> None:
    file = system.own("zh") / "welcome.ulaw"
    data = b"RIFF" + file.read_bytes()
    file.unlink()
    file.write_bytes(data)


def shut_away(system: System) -> None:
    os.chown(system.folder / "log", NOBODY, -1)
    system.prompts.chmod(0o700)


def no_music(system: System) -> None:
    (system.folder / "music/one.ulaw").unlink()


def module_missing(system: System) -> None:
    system.runs(modules.needed() - {"app_queue.so"})


async def engine_down(system: System) -> None:
    await system.leave(system.servers[0])


async def engine_sick(system: System) -> None:
    await system.leave(system.servers[1])


def not_named(system: System) -> None:
    system.settings["asterisk"] = {"nodes": [f"127.0.0.1:{system.agi}", "10.0.0.9:4573"]}


def secret_told(system: System) -> None:
    (system.folder / "ami.secret").chmod(0o644)


def customers_told(system: System) -> None:
    (system.state / "bank.sqlite").chmod(0o640)


def made_by_root(system: System) -> None:
    os.chown(system.state, NOBODY, -1)


def messages_shut(system: System) -> None:
    os.chown(system.folder / "log", NOBODY, -1)
    (system.state / "messages").mkdir(mode=0o755)


def damaged(system: System) -> None:
    with (system.state / "bank.sqlite").open("r+b") as file:
        file.seek(8192)
        file.write(b"\x5a" * 8192)


def versioned(version: int) -> Spoil:
    def spoil(system: System) -> None:
        with closing(sqlite3.connect(system.state / "bank.sqlite")) as database:
            database.execute(f"PRAGMA user_version={version}")

    return spoil


def redis_gone(system: System) -> None:
    url = system.folder / "redis.url"
    url.write_text("redis://127.0.0.1:1/0\n", "utf-8")
    url.chmod(0o600)
    secret = str(system.folder / "ami.secret")
    system.settings["cluster"] = {"redis": {"url_file": str(url)}, "secret_file": secret}


async def asterisk_down(system: System) -> None:
    await system.ami.stop()
    await system.ami.start()
    port = system.ami.port
    await system.ami.stop()
    system.settings["ami"] = {
        "port": port,
        "user": "engine",
        "secret_file": str(system.folder / "ami.secret"),
    }


USER = "[engine]\n"
SEEDS: list[tuple[str, str, Spoil]] = [
    ("DOC101", manager.SUBJECT, asterisk_down),
    ("DOC102", manager.SUBJECT, wrong_secret),
    ("DOC103", manager.SUBJECT, may_less),
    ("DOC104", manager.SUBJECT, may_more),
    ("DOC105", manager.SUBJECT, old_asterisk),
    ("DOC106", manager.SUBJECT, edit("manager.conf", "read = call,agent,user", "read = call")),
    ("DOC106", manager.SUBJECT, edit("manager.conf", "user\nwrite =", "user,cdr\nwrite =")),
    ("DOC106", manager.SUBJECT, edit("manager.conf", "(Dial|Bridge|Queue|", "(Dial|Bridge|")),
    ("DOC106", manager.SUBJECT, edit("manager.conf", "DTMFBegin,", "")),
    ("DOC106", manager.SUBJECT, edit("manager.conf", "writetimeout = 5000", "writetimeout = 100")),
    ("DOC201", sounds.SUBJECT, no_recording),
    ("DOC202", sounds.SUBJECT, wav_for_ulaw),
    ("DOC203", sounds.SUBJECT, shut_away),
    ("DOC204", sounds.SUBJECT, no_music),
    ("DOC301", modules.SUBJECT, module_missing),
    ("DOC302", modules.SUBJECT, edit("pjsip.conf", "allow = ulaw,alaw", "allow = g722,ulaw")),
    ("DOC401", engines.SUBJECT, not_named),
    ("DOC402", engines.SUBJECT, engine_down),
    ("DOC403", engines.SUBJECT, engine_sick),
    ("DOC502", manager.SUBJECT, clock_apart),
    ("DOC701", files.SUBJECT, secret_told),
    ("DOC702", files.SUBJECT, customers_told),
    ("DOC703", files.SUBJECT, made_by_root),
    ("DOC704", files.SUBJECT, messages_shut),
    ("DOC801", databases.SUBJECT, damaged),
    ("DOC801", databases.SUBJECT, versioned(99)),
    ("DOC802", databases.SUBJECT, versioned(1)),
    ("DOC901", shared.SUBJECT, redis_gone),
]


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound system's files."""
    return make(tmp_path_factory.mktemp("clean"))


@pytest_asyncio.fixture
async def system(configuration: Path, tmp_path: Path) -> AsyncIterator[System]:
    """A sound system."""
    async with System(tmp_path, configuration) as system:
        yield system


async def test_nothing_is_found_in_a_sound_system(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whether somebody keeps the clock of the machine that tests run on is not ours to choose, nor is
    # what its console says of keys (tests/adapters/preflight).
    monkeypatch.setattr(clock, "kept", lambda: True)
    system.settings["window"] = {}
    looked = await examine(system.site())
    assert [one.findings for one in looked] == [()] * len(looked)
    assert len(looked) == 10


@pytest.mark.parametrize(
    ("code", "subject", "spoil"), SEEDS, ids=[f"{one[0]}-{n}" for n, one in enumerate(SEEDS)]
)
async def test_what_was_planted_is_found(
    system: System, code: str, subject: str, spoil: Spoil
) -> None:
    assert await system.found(subject) == ()
    spoilt = spoil(system)
    if spoilt is not None:
        await spoilt
    found = await system.found(subject)
    assert {one.code for one in found} == {code}, found
    assert all(one.fix and one.why and one.where for one in found)
    assert "right" not in str(found)


async def test_a_clock_that_nobody_keeps(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "kept", lambda: False)
    (found,) = await system.found(clock.SUBJECT)
    assert found.code == "DOC501"


@pytest.mark.parametrize(
    ("code", "limit", "value"),
    [("DOC601", "LEAST_BYTES", 1 << 62), ("DOC602", "LEAST_INODES", 2.0)],
)
async def test_a_disk_that_is_nearly_full(
    system: System, monkeypatch: pytest.MonkeyPatch, code: str, limit: str, value: float
) -> None:
    monkeypatch.setattr(disk, limit, value)
    assert {one.code for one in await system.found(disk.SUBJECT)} == {code}


async def test_what_cannot_be_looked_at_is_found_too(system: System) -> None:
    (system.prompts / "zh.yaml").unlink()
    (system.prompts / "zh.yaml").write_text("- no\n", "utf-8")
    looked = {one.subject: one for one in await examine(system.site())}
    (found,) = looked[sounds.SUBJECT].findings
    assert found.code == "DOC001"
    assert "zh.yaml" in found.what


async def test_who_does_not_answer_is_not_waited_for(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.app.checkup.BUDGET_S", 0.05)
    system.ami.mute = True
    looked = {one.subject: one for one in await examine(system.site())}
    (found,) = looked[manager.SUBJECT].findings
    assert (found.code, found.what) == ("DOC001", "no answer in 0.05 s")
    await asyncio.sleep(0)


async def test_of_several_asterisks_each_is_looked_at(system: System) -> None:
    other = shutil.copytree(system.etc, system.folder / "other")
    console = system.console()
    login = {"port": system.ami.port, "secret_file": str(system.folder / "ami.secret")}
    system.settings["ami"] = [
        {**login, "name": "ast1", "asterisk_conf": str(system.etc), "console": console},
        {
            **login,
            "name": "ast2",
            "asterisk_conf": str(other),
            "console": ["/bin/sh", "-c", "true"],
        },
    ]
    plan = other / "extensions.conf"
    plan.write_text(plan.read_text("utf-8").replace(f"127.0.0.1:{system.agi}", "127.0.0.1:1"))
    lacks = await system.found(modules.SUBJECT)
    assert [(one.code, one.where) for one in lacks] == [("DOC301", "the running Asterisk ast2")]
    unnamed = await system.found(engines.SUBJECT)
    assert ("DOC401", str(plan)) in [(one.code, one.where) for one in unnamed]
    assert ("DOC402", "127.0.0.1:1") in [(one.code, one.where) for one in unnamed]
    assert len(unnamed) == 2
