"""A private Kamailio with the project's own configuration, on an address of the loopback."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from lab.errors import LabError
from lab.installation import REPOSITORY
from lab.render import render_files
from lab.sip import ask
from lab.tether import Tether

CONFIGURATION = REPOSITORY / "kamailio-conf"
FILES = ("kamailio.cfg", "dispatcher.list", "address.list")
TABLES = ("agents", "location", "version")
START_SECONDS = 10.0
ANSWER_SECONDS = 0.2
OK = 200


class Kamailio:
    """A proxy in a folder: `etc`, `var` (passwords, where telephones are), `run`, `log`.

    It ends with the process that started it. The folder's path must be short: a Unix socket is in it.
    """

    def __init__(self, folder: Path, address: str, port: int) -> None:
        self.folder = folder
        self.address = address
        self.port = port
        self._control = folder / "run" / "kamailio.ctl"
        self.log = folder / "log"
        command = [str(_program()), "-f", str(folder / "etc" / "kamailio.cfg")]
        # In the foreground with its workers, and its words on stderr.
        command += ["-DD", "-E", "-Y", str(folder / "run"), "-m", "32", "-M", "8"]
        self._tether = Tether(command, self.log)

    def configure(self, values: Mapping[str, object]) -> None:
        """Render the configuration: nobody has registered yet."""
        etc, tables = self.folder / "etc", self.folder / "var" / "db"
        (self.folder / "run").mkdir(parents=True, exist_ok=True)
        own = {
            "SIP_ADDRESS": self.address,
            "SIP_PORT": self.port,
            "ETC": etc,
            "VAR": self.folder / "var",
            "RUN": self.folder / "run",
            "KAMAILIO_MODULES": _modules(),
        }
        render_files([CONFIGURATION / name for name in FILES], etc, {**own, **values})
        render_files([CONFIGURATION / "db" / name for name in TABLES], tables, {**own, **values})

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._tether.alive

    def start(self) -> None:
        """Start it and return when it answers. Raises LabError with its last words."""
        self._mend()
        self._tether.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > deadline:
                self.stop()
                said = "\n".join(self.log.read_text(errors="replace").splitlines()[-6:])
                raise LabError(f"Kamailio did not start; its last words:\n{said}")

    def _mend(self) -> None:
        """What kamailio-conf/onecall.conf does: a table cut in its middle by a kill begins anew."""
        table = self.folder / "var" / "db" / "location"
        if not table.read_text().endswith("\n"):
            table.write_text((CONFIGURATION / "db" / "location").read_text())

    def _answers(self) -> bool:
        try:
            return ask("OPTIONS", (self.address, self.port), within=ANSWER_SECONDS) == OK
        except ConnectionRefusedError:
            time.sleep(0.02)  # nobody listens yet, and nobody tells when
            return False

    def stop(self) -> bool:
        """End it, all at once: it has nothing to say goodbye to. False when it did not run."""
        return self._tether.cut()

    def ask(self, *command: str) -> str:
        """Run a command of `kamcmd` and return what it printed."""
        words = ["kamcmd", "-s", f"unix:{self._control}", *command]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout

    def telephones(self) -> set[str]:
        """Return who has said where its telephone is."""
        lines = self.ask("ul.dump").splitlines()
        return {line.split(":")[1].strip() for line in lines if line.strip().startswith("AoR:")}

    def asterisks(self) -> dict[str, str]:
        """Return each Asterisk's URI, and `AP` when it gets calls or `IP` when it does not."""
        fields = [line.strip().partition(": ") for line in self.ask("dispatcher.list").splitlines()]
        uris = [value for name, _, value in fields if name == "URI"]
        return dict(zip(uris, (value for name, _, value in fields if name == "FLAGS"), strict=True))


def _program() -> Path:
    found = shutil.which("kamailio", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if found is None:
        subprocess.run(["./scripts/apt-install", "kamailio"], cwd=REPOSITORY, check=True)
        return Path("/usr/sbin/kamailio")
    return Path(found)


def _modules() -> Path:
    found = sorted(Path("/usr/lib").glob("*/kamailio/modules"))
    if not found:
        raise LabError("no modules of Kamailio in /usr/lib: apt-get install --reinstall kamailio")
    return found[0]
