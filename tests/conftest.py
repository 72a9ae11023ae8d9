"""Fixtures for every test: a running Asterisk and a telephone, for those that ask for them.

Properties are tried on the same examples in every run, however long one takes; `--hypothesis-profile explore`
tries others.
"""

import os
import tempfile
from pathlib import Path

from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=1000, deadline=None)
settings.load_profile("same")

pytest_plugins = ["lab.fixtures", "tests.places"]

MEMORY = Path("/dev/shm")
ROOM = 8 << 30
"""How much must be free there, in bytes: some labs and PostgreSQLs at once."""


def keep_in_memory() -> None:
    """Keep temporary files in memory where there is room, for workers and programs that are started too.

    A disk that others keep busy makes every commit wait, and shows nothing of OneCall.
    """
    if "TMPDIR" in os.environ or not MEMORY.is_dir():
        return
    found = os.statvfs(MEMORY)
    if found.f_bavail * found.f_frsize >= ROOM and not found.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


keep_in_memory()
