"""A sound system to spoil: files of a real configuration, and what answers on real ports."""

from __future__ import annotations

import asyncio
import shlex
import shutil
from pathlib import Path
from typing import Any, Self

import yaml

from ivr.adapters.clock import SystemClock
from ivr.app.checkup import Finding, Site, subjects
from ivr.app.checkup.manager import NEEDED
from ivr.app.checkup.modules import needed
from ivr.app.config.reading import read_config
from ivr.app.demo import seed
from tests.adapters.ami.fake import FakeAmi, Fields, success
from tests.adapters.preflight.kit import clean

PROMPTS = Path(__file__).parents[3] / "prompts"
READY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def make(folder: Path) -> Path:
    """Make what systems are copied from, and return its folder."""
    clean(folder / "lab").rename(folder / "etc")
    (folder / "state").mkdir(mode=0o750)
    seed(folder / "state" / "bank.sqlite")
    return folder


class System:
    """An Asterisk, an engine and what they keep, below one folder; `etc` is Asterisk's configuration.

    The engine's ports and Asterisk's manager answer as the real ones do (those are in `tests/live`).
    """

    def __init__(self, folder: Path, clean: Path) -> None:
        self.folder = folder
        self.prompts = folder / "prompts"
        self.state = shutil.copytree(clean / "state", folder / "state")
        self.etc = shutil.copytree(clean / "etc", folder / "etc")
        self.ami = FakeAmi()
        self.actions = set(NEEDED)
        self.version = "22.10.1"
        self.clock = 0.0
        self.settings: dict[str, Any] = {}
        self._modules = folder / "modules"
        self._servers: list[asyncio.Server] = []

    async def __aenter__(self) -> Self:
        await self.ami.start()
        self.ami.answers["ListCommands"] = self._lists
        self.ami.answers["CoreSettings"] = lambda fields: success(
            fields, f"AsteriskVersion: {self.version}"
        )
        self.ami.answers["Ping"] = lambda fields: success(
            fields, f"Timestamp: {SystemClock('UTC').now().timestamp() + self.clock:.6f}"
        )
        engine = await asyncio.start_server(_silent, "127.0.0.1", 0)
        floor = await asyncio.start_server(_ready, "127.0.0.1", 0)
        self._servers = [engine, floor]
        self.agi, self.floor = (one.sockets[0].getsockname()[1] for one in self._servers)
        self._write()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.ami.stop()
        await self.leave(*self._servers)

    async def leave(self, *servers: asyncio.Server) -> None:
        """Have nobody answer there any more."""
        for server in servers:
            server.close()
            await server.wait_closed()

    @property
    def servers(self) -> list[asyncio.Server]:
        """The engine's two: for Asterisk, and for load balancers."""
        return self._servers

    def edit(self, file: str, old: str, new: str) -> None:
        """Change a file of Asterisk's."""
        path = self.etc / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    def console(self) -> list[str]:
        """Return the command for the console of an Asterisk that runs these modules."""
        return ["/bin/sh", "-c", f"cat {shlex.quote(str(self._modules))}", "asterisk"]

    def runs(self, modules: set[str]) -> None:
        """Have these modules run."""
        lines = (f"{one:<40} What it does  0  Running  core\n" for one in sorted(modules))
        self._modules.write_text("".join(lines), "utf-8")

    async def found(self, subject: str) -> tuple[Finding, ...]:
        """Return what is found wrong with a subject."""
        look = dict(subjects())[subject]
        _, found = await look(self.site())
        return found

    def site(self) -> Site:
        """Return what is to be looked at."""
        config = {
            "flows": str(PROMPTS.parent / "flows"),
            "prompts": str(self.prompts),
            "state": str(self.state),
            "bank": {"file": str(self.state / "bank.sqlite")},
            "knowledge": {"file": str(self.state / "knowledge.sqlite")},
            "notify": {"file": str(self.state / "notify.sqlite")},
            "payments": {"file": str(self.state / "payments.sqlite")},
            "agi": {"port": self.agi},
            "floor": {"port": self.floor},
            "ami": {
                "port": self.ami.port,
                "user": "engine",
                "secret_file": str(self.folder / "ami.secret"),
            },
            "window": {
                "asterisk_conf": str(self.etc),
                "asterisk": self.console(),
            },
            "asterisk": {"log": str(self.folder / "log"), "music": str(self.folder / "music")},
            **self.settings,
        }
        file = self.folder / "onecall.yaml"
        file.write_text(yaml.safe_dump(config), "utf-8")
        return Site(read_config(file))

    def own(self, language: str) -> Path:
        """Return a folder of a language's recordings that may be spoilt."""
        folder = self.prompts / language
        folder.unlink()
        folder.mkdir()
        for file in (PROMPTS / language).iterdir():
            (folder / file.name).symlink_to(file)
        return folder

    def _write(self) -> None:
        self.prompts.mkdir()
        for name in ("zh", "en", "zh.yaml", "en.yaml"):
            (self.prompts / name).symlink_to(PROMPTS / name)
        secret = self.folder / "ami.secret"
        secret.write_text("right\n", "utf-8")
        secret.chmod(0o600)
        for name in ("log", "music"):
            (self.folder / name).mkdir()
        (self.folder / "music/one.ulaw").write_bytes(b"\xff" * 8)
        self.runs(needed())
        plan = self.etc / "extensions.conf"
        text = plan.read_text("utf-8")
        for port in ("22002", "22003"):
            text = text.replace(f"agi://127.0.0.1:{port}/", f"agi://127.0.0.1:{self.agi}/")
        plan.write_text(text, "utf-8")

    def _lists(self, fields: Fields) -> str:
        return success(fields, *(f"{one}: what it does" for one in sorted(self.actions)))


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def _ready(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(READY)
    await writer.drain()
    writer.close()
