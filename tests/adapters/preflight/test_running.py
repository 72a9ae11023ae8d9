"""What the running Asterisk tells counts as the files do, and nothing is believed unasked.

A stand-in console answers as Asterisk 22 does, from files. The real one is in `tests/live`.
"""

from __future__ import annotations

import asyncio
import os
import shlex
from pathlib import Path

import pytest

from ivr.adapters.preflight.gather import Preflight, look
from ivr.adapters.preflight.running import Console
from tests.adapters.preflight.kit import clean

ANSWERS = {
    "core show settings": """
PBX Core settings
-----------------
  Root console verbosity:      0
  Current console verbosity:   0
  Debug level:                 0
  Dump core on crash:          No
  Min DTMF duration::          40

* Directories
  -------------
  PID file:                    PIDFILE
""",
    "logger show channels": """Logger queue limit: 1000

Channel                             Type     Formatter  Status    Configuration
-------                             ----     ---------  ------    -------------
                                    Console  default    Enabled    - ERROR VERBOSE
/var/log/asterisk/security.log      File     default    Enabled    -
/var/log/asterisk/messages.log      File     default    Enabled    - NOTICE WARNING ERROR
""",
    "cel show status": "CEL Logging: Disabled\n",
    "manager show settings": """
Global Settings:
----------------
  Manager (AMI):             Yes
  Web Manager (AMI/HTTP):    No
  TCP Bindaddress:           127.0.0.1:5038
  Channel vars:
  Disabled events:           DTMFBegin,DTMFEnd,VarSet,AGIExecStart,AGIExecEnd,AsyncAGIStart,AsyncAGIExec,AsyncAGIEnd
  Debug:                     No
""",
    "manager show users": """
username
--------
engine
-------------------
1 manager users configured.
""",
    "manager show user engine": """
          username: engine
            secret: <Set>
         read perm: call,agent,user
        write perm: call,agent,reporting,originate
""",
}

SEEDS = [
    ("PCI304", "core show settings", "verbosity:      0", "verbosity:      3"),
    ("PCI304", "core show settings", "Debug level:                 0", "Debug level:   2"),
    ("PCI302", "core show settings", "on crash:          No", "on crash:          Yes"),
    ("PCI211", "logger show channels", "- NOTICE WARNING", "- DTMF NOTICE WARNING"),
    ("PCI211", "logger show channels", "- ERROR VERBOSE", "- DEBUG ERROR VERBOSE"),
    ("PCI201", "cel show status", "Disabled", "Enabled\nCEL Tracking Event: DTMF"),
    ("PCI204", "cel show status", "Disabled", "Enabled\nCEL Tracking Application: all"),
    (
        "PCI202",
        "cel show status",
        "Disabled",
        "Enabled\nCEL Event Subscriber: Manager Event Logging",
    ),
    ("PCI101", "manager show settings", "DTMFEnd,", ""),
    ("PCI102", "manager show settings", "127.0.0.1:5038", "0.0.0.0:5038"),
    ("PCI103", "manager show settings", "HTTP):    No", "HTTP):    Yes"),
    ("PCI104", "manager show settings", "Debug:                     No", "Debug:   Yes"),
    ("PCI111", "manager show user engine", "call,agent,user", "call,dtmf"),
    ("PCI112", "manager show user engine", "call,agent,reporting", "system,call"),
    ("PCI004", "logger show channels", "File ", "Fancy"),
    ("PCI004", "manager show settings", "Disabled events", "Events that are off"),
    ("PCI004", "manager show users", "-------------------\n", ""),
    ("PCI004", "manager show users", "engine", "engine; core stop now"),
]


class StandIn:
    """A console that prints files. `asked` is what it was asked, in order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "answers"
        self.folder.mkdir()
        pid = folder / "asterisk.pid"
        pid.write_text(f"{os.getpid()}\n", "ascii")
        for command, answer in ANSWERS.items():
            (self.folder / command).write_text(answer.replace("PIDFILE", str(pid)), "utf-8")
        script = f'cd {shlex.quote(str(self.folder))} && echo >> asked && cat "$2"'
        self.console = Console(("/bin/sh", "-c", script, "asterisk"))

    def spoil(self, command: str, old: str, new: str) -> None:
        file = self.folder / command
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), "utf-8")

    @property
    def asked(self) -> int:
        return len((self.folder / "asked").read_text("ascii"))


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clean configuration."""
    return clean(tmp_path_factory.mktemp("clean"))


async def codes(configuration: Path, console: Console) -> set[str]:
    return {one.code for one in await look(configuration, console)}


async def test_a_running_asterisk_that_is_clean(configuration: Path, tmp_path: Path) -> None:
    # The stand-in's process is this one, whose limit is not ours to choose.
    assert await codes(configuration, StandIn(tmp_path).console) <= {"PCI602"}


@pytest.mark.parametrize(
    ("code", "command", "old", "new"), SEEDS, ids=[f"{one[0]}-{n}" for n, one in enumerate(SEEDS)]
)
async def test_what_it_does_beside_its_files_is_refused(
    configuration: Path, tmp_path: Path, code: str, command: str, old: str, new: str
) -> None:
    asterisk = StandIn(tmp_path)
    asterisk.spoil(command, old, new)
    found = [one for one in await look(configuration, asterisk.console) if one.code != "PCI602"]
    assert [one.code for one in found] == [code]
    assert found[0].fix


@pytest.mark.parametrize(
    "command", [("/no/such/asterisk",), ("/bin/sh", "-c", "echo Unable to connect; exit 1")]
)
async def test_one_that_cannot_be_asked_is_refused(
    configuration: Path, command: tuple[str, ...]
) -> None:
    (found,) = await look(configuration, Console(command))
    assert found.code == "PCI004"
    assert "No such file" in found.what or "Unable to connect" in found.what


async def test_one_that_does_not_answer_is_refused_and_its_command_ended(
    configuration: Path, tmp_path: Path
) -> None:
    note = shlex.quote(str(tmp_path / "pid"))
    hanging = ("/bin/sh", "-c", f"echo $$ > {note}; exec sleep 60")
    (found,) = await look(configuration, Console(hanging, budget_s=0.2))
    assert found.code == "PCI004"
    assert "no answer in 0.2 s" in found.what
    pid = int(await asyncio.to_thread((tmp_path / "pid").read_text))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_one_look_serves_for_a_while(configuration: Path, tmp_path: Path) -> None:
    asterisk = StandIn(tmp_path)
    asterisk.spoil("manager show settings", "Debug:                     No", "Debug:   Yes")
    preflight = Preflight(configuration, asterisk.console, keep_ms=60_000)
    first = await asyncio.gather(preflight.problem(), preflight.problem())
    asked = asterisk.asked
    assert "PCI104" in first[0]
    assert "ivr doctor --pci" in first[0]
    assert await preflight.problem() == first[0] == first[1]
    assert asterisk.asked == asked
    assert "PCI104" in await Preflight(configuration, asterisk.console, keep_ms=0).problem()
    assert asterisk.asked == 2 * asked


async def test_what_is_old_is_looked_at_again(configuration: Path, tmp_path: Path) -> None:
    asterisk = StandIn(tmp_path)
    preflight = Preflight(configuration, asterisk.console, keep_ms=0)
    await preflight.problem()
    asterisk.spoil("logger show channels", "- NOTICE", "- DTMF NOTICE")
    assert "PCI211" in await preflight.problem()
