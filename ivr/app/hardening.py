"""What the kernel is told of a process that holds secrets: its memory never comes to a disk."""

from __future__ import annotations

import ctypes
import os
import resource

from ivr.app.config import ConfigError

_PR_SET_DUMPABLE = 4


def harden() -> None:
    """Have no core file written of this process, and no other process of its user look into it.

    Called at the start, before there is any secret; what the process opens by /dev/fd is open by
    then, since these are root's from here on. Raises ConfigError where the kernel refuses.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    kernel = ctypes.CDLL(None, use_errno=True)
    if kernel.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        why = os.strerror(ctypes.get_errno())
        raise ConfigError(f"the kernel does not keep this process's memory from the disk: {why}")
