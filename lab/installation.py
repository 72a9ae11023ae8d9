"""Find an Asterisk to run, or get one.

The machine's own Asterisk is used when it is new enough. Otherwise Debian's package is unpacked
into a folder of ours: it runs from there, without chroot, without root and without being installed,
through the dynamic loader that comes with it.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError

OLDEST = 20
REPOSITORY = Path(__file__).resolve().parent.parent
MARKER = ".onecall-complete"
"""Written last: a folder without it is a half-made one and is made again."""
SUITE = "sid"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Installation:
    """An Asterisk that can be run: its command line and where it keeps what it comes with."""

    command: tuple[str, ...]
    modules: Path
    data: Path
    version: str
    origin: str


def lab_folder() -> Path:
    """Return where the lab keeps everything: `ONECALL_LAB_DIR`, else `.lab` in the repository."""
    given = os.environ.get("ONECALL_LAB_DIR")
    return Path(given).resolve() if given else REPOSITORY / ".lab"


def find(progress: Progress) -> Installation:
    """Return an Asterisk that is ready to run, unpacking one when there is none.

    Raises LabError when none can be had.
    """
    system = _system()
    if system is not None:
        return system
    root = lab_folder() / "root"
    root.parent.mkdir(parents=True, exist_ok=True)
    # Two labs may start at once: the second waits for the first's download.
    with (root.parent / "root.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / MARKER).exists():
            _unpack(root, progress)
    return _unpacked(root)


def _system() -> Installation | None:
    binary = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin")
    if binary is None:
        return None
    version = _version((binary,))
    modules = _first_with("res_agi.so", [*Path("/usr").glob("lib*/**/asterisk/modules")])
    data = _first_with("documentation", [Path("/usr/share/asterisk"), Path("/var/lib/asterisk")])
    if _major(version) < OLDEST or modules is None or data is None:
        return None
    return Installation((binary,), modules, data, version, "this machine's own")


def _first_with(entry: str, folders: list[Path]) -> Path | None:
    return next((folder for folder in folders if (folder / entry).exists()), None)


def _unpacked(root: Path) -> Installation:
    try:
        loader = next((root / "usr/lib64").glob("ld-linux-*"), None) or next(
            (root / "usr/lib").glob("ld-linux-*")
        )
        modules = next((root / "usr/lib").glob("*/asterisk/modules"))
    except StopIteration:
        raise LabError(
            f"{root} is not a usable Asterisk: remove the folder and try again"
        ) from None
    libraries = modules.parent.parent
    command = (str(loader), "--library-path", str(libraries), str(root / "usr/sbin/asterisk"))
    return Installation(
        command, modules, root / "usr/share/asterisk", _version(command), f"unpacked in {root}"
    )


def _unpack(root: Path, progress: Progress) -> None:
    if shutil.which("mmdebstrap") is None:
        _install_mmdebstrap(progress)
    for leftover in (root, *root.parent.glob("root.new-*")):
        shutil.rmtree(leftover, ignore_errors=True)
    # A name of its own: what a killed run left behind may still be writing to another.
    draft = root.with_name(f"root.new-{os.getpid()}")
    progress("unpacking a private Asterisk, about 270 MB (once, well under a minute)")
    command = [
        "mmdebstrap",
        "--variant=extract",
        # Nothing is run in there, so nothing need be mounted, nor stay mounted if we are killed.
        "--skip=chroot/mount",
        # The suite's list of packages may be past its date and still be the newest there is.
        "--aptopt=Acquire::Check-Valid-Until false",
        "--include=asterisk",
        SUITE,
        str(draft),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        lines: list[str] = []
        for line in process.stdout or ():
            lines.append(line)
            if line.startswith("I: ") and "skipping" not in line:
                progress("  " + line[3:].strip())
    if process.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        raise LabError(
            "could not get an Asterisk; is the package archive reachable? The last words were:\n  "
            + "  ".join(lines[-3:]).strip()
        )
    (draft / MARKER).touch()
    draft.rename(root)


def _install_mmdebstrap(progress: Progress) -> None:
    progress("installing mmdebstrap")
    command = [str(REPOSITORY / "scripts" / "apt-install"), "mmdebstrap"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise LabError(
            f"no Asterisk >= {OLDEST} on this machine, and mmdebstrap, which would fetch one, cannot "
            f"be installed:\n{done.stderr.strip()}"
        )


def _version(command: tuple[str, ...]) -> str:
    done = subprocess.run([*command, "-V"], capture_output=True, text=True, timeout=20)
    found = re.search(r"Asterisk\s+(\S+)", done.stdout)
    return found[1] if found else "unknown"


def _major(version: str) -> int:
    found = re.search(r"(\d+)\.", version)
    return int(found[1]) if found else 0
