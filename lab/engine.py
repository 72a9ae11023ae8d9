"""The engine as its own process, for the demo and for live tests: started, watched, killed.

async with Engine(lab, folder) as engine:
    event = await engine.happens("StepEntered", step="menu")
    engine.kill()
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lab.errors import LabError
from lab.installation import REPOSITORY
from lab.ports import ADDRESS
from lab.site import AGENTS, AMI_USER, Lab

STOP_SECONDS = 10
Event = dict[str, Any]
"""One line of the engine's feed: `at`, `call`, `event` with its `type` and fields."""


class Engine:
    """`ivr serve` with a state folder of its own. Two may share a folder: then they are two nodes.

    `settings` override what is written to its `onecall.yaml`; `port` is where it waits for
    Asterisk (the lab's first node). `on_event` sees every event as it happens. `drain_s` is how
    long calls may still take after SIGTERM. A `verbose` one logs all there is to log. `under` is a command
    that it runs under.
    """

    def __init__(
        self,
        lab: Lab,
        folder: Path,
        settings: Mapping[str, Any] | None = None,
        port: int | None = None,
        on_event: Callable[[Event], None] = lambda event: None,
        drain_s: float = 0,
        verbose: bool = False,
        under: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self.port = port or lab.ports.agi
        self.floor_port = lab.ports.floor + self.port - lab.ports.agi
        self.events: list[Event] = []
        self._lab = lab
        self._settings = dict(settings or {})
        self._on_event = on_event
        self._drain_s = drain_s
        self._verbose = verbose
        self._under = under
        self._process: asyncio.subprocess.Process | None = None
        self._news = asyncio.Condition()
        self._reader: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    def descriptors(self) -> int:
        """How many different files and sockets it has open.

        A file that is open several times counts once: SQLite keeps what one connection to a database
        has closed for the next one, as long as another holds a lock on it.
        """
        return len({one.readlink() for one in Path(f"/proc/{self.pid}/fd").iterdir()})

    @property
    def log(self) -> Path:
        """What it says."""
        return self.folder / f"engine-{self.port}.log"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start it and wait until it listens. Raises LabError with what it said instead."""
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / f"onecall-{self.port}.yaml"
        config.write_text(json.dumps(self._configuration(), indent=1), "utf-8")
        read, write = os.pipe()
        said_before = self.log.stat().st_size if self.log.exists() else 0
        command = [*self._under, sys.executable, "-m", "ivr", "serve", "-c", str(config)]
        if setpriv := shutil.which("setpriv"):
            # It ends with whoever started it, however that one ended.
            command = [setpriv, "--pdeathsig", "KILL", *command]
        command += ["--drain", str(self._drain_s), *(["--verbose"] if self._verbose else [])]
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                "--events",
                f"/dev/fd/{write}",
                cwd=REPOSITORY,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                pass_fds=[write],
                start_new_session=True,
            )
        os.close(write)
        self._reader = asyncio.create_task(self._read(read))
        assert self._process.stdout is not None
        said = await self._process.stdout.readline()
        if not said.startswith(b"listening"):
            await self.stop()
            with self.log.open("rb") as log:
                log.seek(said_before)
                raise LabError(f"the engine did not start:\n{log.read().decode('utf-8')}")

    def _configuration(self) -> dict[str, Any]:
        return {
            "flows": str(REPOSITORY / "flows"),
            "prompts": str(REPOSITORY / "prompts"),
            "state": str(self.folder),
            "agi": {"host": ADDRESS, "port": self.port},
            "ami": {
                "host": ADDRESS,
                "port": self._lab.ports.ami,
                "user": AMI_USER,
                "secret_file": str(self._lab.exchange.folder / "var" / "ami.secret"),
                "queue_log": str(self._lab.exchange.log / "queue_log"),
            },
            "window": {
                "asterisk_conf": str(self._lab.exchange.etc),
                "asterisk": list(self._lab.exchange.console),
            },
            "bank": {"file": str(self.folder / "bank.sqlite")},
            "knowledge": {"file": str(self.folder / "knowledge.sqlite")},
            "notify": {"file": str(self.folder / "notify.sqlite")},
            "payments": {"file": str(self.folder / "payments.sqlite")},
            "floor": {"host": ADDRESS, "port": self.floor_port},
            "agents": {"endpoints": AGENTS},
            "destinations": {"desk": "Local/8001@transfer"},
            **self._settings,
        }

    def kill(self) -> None:
        """End it as a crash would: SIGKILL."""
        assert self._process is not None
        with suppress(ProcessLookupError):
            self._process.kill()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    async def gone(self) -> int:
        """Wait for its end; return its exit status."""
        assert self._process is not None
        return await self._process.wait()

    async def stop(self) -> None:
        """End it, kindly first."""
        if self._process is None:
            return
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.terminate()
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        if self._reader is not None:
            await self._reader

    async def says(self, text: str, within: float = 5) -> str:
        """Wait until its log has a line with this text; return the line."""
        async with asyncio.timeout(within):
            while True:
                lines = self.log.read_text("utf-8").splitlines()
                found = next((line for line in lines if text in line), None)
                if found is not None:
                    return found
                # A log tells nobody that it has grown.
                await asyncio.sleep(0.02)

    async def happens(self, kind: str, within: float = 5, since: int = 0, **fields: Any) -> Event:
        """Wait for an event of a type with these fields, from the `since`-th on; return its line.

        Raises LabError with what happened instead.
        """

        def found() -> Event | None:
            return next(
                (
                    line
                    for line in self.events[since:]
                    if line["event"]["type"] == kind
                    and all(line["event"].get(name) == value for name, value in fields.items())
                ),
                None,
            )

        try:
            async with asyncio.timeout(within), self._news:
                await self._news.wait_for(lambda: found() is not None)
        except TimeoutError:
            happened = [line["event"] for line in self.events[since:]][-12:]
            raise LabError(f"no {kind} {fields} within {within} s, but {happened}") from None
        line = found()
        assert line is not None
        return line

    async def _read(self, pipe: int) -> None:
        """Take the feed's lines until the engine's end closes it."""
        reader = asyncio.StreamReader(limit=1 << 20)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(pipe, "rb")
        )
        try:
            async for line in reader:
                event: Event = json.loads(line)
                self.events.append(event)
                self._on_event(event)
                async with self._news:
                    self._news.notify_all()
        finally:
            transport.close()
