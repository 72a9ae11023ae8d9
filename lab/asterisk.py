"""One running Asterisk of ours: start it, wait until it is ready, talk to it, end it.

An instance is a folder: `etc` (rendered configuration), `var` (database, keys, secrets), `spool`,
`log`, `run` (control socket, process record). Any number of them run side by side.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import resource
import secrets
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ivr.adapters.asterisk.template import rendered
from lab.errors import LabError
from lab.installation import Installation
from lab.processes import Identity
from lab.render import render_files

START_SECONDS = 30.0
STOP_SECONDS = 10.0
SOCKET_PATH_MAX = 100
"""A Unix socket's path has at most 107 bytes; Asterisk adds the socket's own name."""


@dataclass
class Asterisk:
    """An instance by its name and folder.

    With `tethered`, the process dies with the one that started it, however that one ended: for
    tests. Without, it stays until `stop`.
    """

    name: str
    folder: Path
    installation: Installation
    tethered: bool = False
    _child: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def etc(self) -> Path:
        """The rendered configuration."""
        return self.folder / "etc"

    @property
    def log(self) -> Path:
        """Log files: `messages.log`, `security.log`, `console.log`."""
        return self.folder / "log"

    @property
    def run(self) -> Path:
        """Control socket and process record; elsewhere when the folder's path is too long."""
        run = self.folder / "run"
        if len(str(run)) <= SOCKET_PATH_MAX - len("/asterisk.ctl"):
            return run
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"onecall-{os.getuid()}-{digest}"

    @property
    def console(self) -> tuple[str, ...]:
        """The command whose `-rx` runs console commands."""
        return (*self.installation.command, "-C", str(self.etc / "asterisk.conf"))

    @property
    def record(self) -> Path:
        """The file that says which process is ours."""
        return self.run / "process.json"

    @property
    def directories(self) -> dict[str, str]:
        """What the templates' directory placeholders stand for."""
        return {
            "NAME": self.name,
            "ETC": str(self.etc),
            "MODULES": str(self.installation.modules),
            "DATA": str(self.folder / "data"),
            "VAR": str(self.folder / "var"),
            "SPOOL": str(self.folder / "spool"),
            "RUN": str(self.run),
            "LOG": str(self.log),
        }

    def secret(self, name: str) -> str:
        """Return the secret of that name, made at its first use; only the owner can read it."""
        path = self.folder / "var" / f"{name}.secret"
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(16))
        return path.read_text()

    def configure(
        self,
        templates: Iterable[Path],
        values: Mapping[str, object],
        nodes: Sequence[str] = (),
    ) -> None:
        """Render these templates into `etc` and lay out the instance's folders."""
        for name in ("var", "spool", "log", "data"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.etc, ignore_errors=True)
        render_files(templates, self.etc, {**self.directories, **values}, nodes)
        self._link_data()

    def configured(
        self,
        templates: Iterable[Path],
        values: Mapping[str, object],
        nodes: Sequence[str] = (),
    ) -> bool:
        """Tell whether `etc` holds just what these templates would be rendered to."""
        wanted = rendered(templates, {**self.directories, **values}, nodes)
        there = self.etc.iterdir() if self.etc.is_dir() else ()
        return wanted == {path.name: path.read_text("utf-8") for path in there}

    def _link_data(self) -> None:
        """Give the instance a data folder of its own: the package's links break elsewhere."""
        for entry in self.installation.data.iterdir():
            link = self.folder / "data" / entry.name
            if not link.is_symlink() and not link.exists():
                link.symlink_to(entry.resolve())

    def alive(self) -> bool:
        """Tell whether this instance runs, whoever started it."""
        identity = Identity.load(self.record)
        return identity is not None and identity.alive()

    def start(self) -> None:
        """Start and return when Asterisk is fully booted.

        Raises LabError when it ends instead, with its last words.
        """
        self._forget()
        self.run.mkdir(mode=0o700, parents=True, exist_ok=True)
        command = [*self.console, "-f", "-n"]
        if self.tethered and (setpriv := shutil.which("setpriv")):
            command = [setpriv, "--pdeathsig", "KILL", *command]
        with (self.log / "console.log").open("wb") as console:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_no_core_files,  # nothing else runs in this process yet
            )
        identity = Identity.of(self._child.pid)
        if identity is not None:
            identity.save(self.record)
        self._await_boot()

    def _await_boot(self) -> None:
        assert self._child is not None  # for the type checker: `start` set it
        deadline = time.monotonic() + START_SECONDS
        handle = os.pidfd_open(self._child.pid)
        try:
            # Wakes at once when the process ends; otherwise looks whether it listens yet.
            while not select.select([handle], [], [], 0.02)[0]:
                with contextlib.suppress(ConnectionError, FileNotFoundError):
                    if "fully booted" in self.rx("core waitfullybooted"):
                        return
                if time.monotonic() > deadline:
                    self.stop()
                    raise LabError(f"{self.name}: not ready in {START_SECONDS:.0f} s: {self.log}")
        finally:
            os.close(handle)
        self._child.wait()
        raise LabError(f"{self.name} did not start; its last words:\n{self._last_words()}")

    def _last_words(self) -> str:
        lines: list[str] = []
        for name in ("console.log", "messages.log"):
            with contextlib.suppress(FileNotFoundError):
                lines += (self.log / name).read_text(errors="replace").splitlines()[-4:]
        return "\n".join(f"  {line}" for line in lines) or f"  none; see {self.log}"

    def rx(self, command: str) -> str:
        """Run a console command and return what it printed.

        Raises ConnectionError or FileNotFoundError when the instance does not run.
        """
        with socket.socket(socket.AF_UNIX) as console:
            console.settimeout(START_SECONDS)
            console.connect(str(self.run / "asterisk.ctl"))
            with console.makefile("rb") as answers:
                answers.readline()  # host, process id and version
                console.sendall(b"cli quit after " + command.encode() + b"\0")
                return answers.read().decode(errors="replace").replace("\x00", "").strip("\x7f")

    async def ask(self, command: str) -> str:
        """Run a console command without blocking the event loop."""
        return await asyncio.to_thread(self.rx, command)

    def channels(self) -> list[str]:
        """Return the names of the channels that exist now."""
        return list(self.callers())

    def callers(self) -> dict[str, str]:
        """Return the channels that exist now, each with the number of who calls."""
        lines = self.rx("core show channels concise").splitlines()
        fields = [line.split("!") for line in lines if line.count("!") > 8]
        return {one[0]: one[7] for one in fields}

    def stop(self) -> bool:
        """End this instance and nothing else; False when it did not run."""
        identity = Identity.load(self.record)
        if identity is None or not identity.alive():
            self._forget()
            return False
        # Not `core stop now`: the console knows that command only a moment after the boot.
        if not any(identity.end(sign, STOP_SECONDS) for sign in (signal.SIGTERM, signal.SIGKILL)):
            raise LabError(f"{self.name} (process {identity.pid}) cannot be ended")
        self._forget()
        return True

    def kill(self) -> None:
        """End it as a crash would."""
        identity = Identity.load(self.record)
        if identity is not None:
            identity.end(signal.SIGKILL, STOP_SECONDS)
        self._forget()

    def _forget(self) -> None:
        if self._child is not None:
            self._child.wait()
            self._child = None
        for name in ("process.json", "asterisk.ctl", "asterisk.pid"):
            (self.run / name).unlink(missing_ok=True)
        if self.run.parent != self.folder and self.run.exists():
            self.run.rmdir()


def _no_core_files() -> None:
    """Keys of a card number may be in memory: nothing of it may reach the disk.

    Linux writes no core file of a byte, and gives none to a program when the limit is one byte;
    with 0 it would.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
