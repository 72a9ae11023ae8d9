"""Commands that may not read everything, where tests are run by root, who may."""

from __future__ import annotations

import os
from pathlib import Path

NOBODY = 65534


def without_rights(*command: str) -> list[str]:
    """Return the command without root's right to look into what is somebody else's.

    It stays root: another user could not enter the folder of a checkout that only root may enter.
    """
    if os.geteuid() != 0:
        return list(command)
    rights = "-dac_override,-dac_read_search"
    return ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}", *command]


def closed_to_us(place: Path) -> None:
    """Make a file or a folder one that `without_rights` may not open."""
    place.chmod(0)
    if os.geteuid() == 0:
        os.chown(place, NOBODY, NOBODY)
