"""Start a process, know it again later, and end exactly that one.

A process id alone may by now belong to somebody else. So the record kept of a process also holds
when it started and in which boot of the machine: together they name one process for ever.
"""

from __future__ import annotations

import json
import os
import select
import signal
from dataclasses import asdict, dataclass
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Identity:
    """One process, beyond doubt. `started` is in clock ticks since boot."""

    pid: int
    started: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> Identity | None:
        """Return the identity of a live process, None when there is none with this id."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return None
        # The command name is in brackets and may itself hold brackets and blanks.
        fields = stat.rpartition(")")[2].split()
        if fields[0] in {"Z", "X"}:
            return None
        return cls(pid, int(fields[19]), BOOT_ID.read_text().strip())

    def alive(self) -> bool:
        """Tell whether this very process still runs."""
        return Identity.of(self.pid) == self

    def save(self, path: Path) -> None:
        """Write the record, whole or not at all."""
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(asdict(self)))
        draft.replace(path)

    @classmethod
    def load(cls, path: Path) -> Identity | None:
        """Read a record; None when there is none, or it is not one of ours."""
        try:
            return cls(**json.loads(path.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def end(self, sign: signal.Signals, seconds: float) -> bool:
        """Send `sign` and wait until the process is gone; False when it is still there.

        Goes through a process handle, so that it cannot hit another process that gets the id
        between the check and the signal.
        """
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            if not self.alive():
                return True
            signal.pidfd_send_signal(handle, sign)
            return bool(select.select([handle], [], [], seconds)[0])
        except ProcessLookupError:
            return True
        finally:
            os.close(handle)
