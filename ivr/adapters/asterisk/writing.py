"""Files put into Asterisk's folder: what they replace is kept, and belongs to whom it belonged."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from ivr.model.errors import OneCallError

MODE = 0o640
"""Passwords are in some of them: for Asterisk's user and group, nobody else."""

RELOADS = {
    "acl.conf": "module reload acl",
    "ccss.conf": "module reload ccss",
    "cdr.conf": "module reload cdr",
    "cel.conf": "module reload cel",
    "extensions.conf": "dialplan reload",
    "features.conf": "module reload features",
    "indications.conf": "module reload indications",
    "logger.conf": "logger reload",
    "manager.conf": "manager reload",
    "musiconhold.conf": "moh reload",
    "pjproject.conf": "module reload res_pjproject.so",
    "pjsip.conf": "module reload res_pjsip.so",
    "queuerules.conf": "queue reload rules",
    "queues.conf": "queue reload all",
    "rtp.conf": "module reload res_rtp_asterisk.so",
    "udptl.conf": "module reload udptl",
}
RESTART = "core restart when convenient"
"""What every other file needs: Asterisk reads it once."""


class WritingError(OneCallError):
    """A folder cannot be read or written: which file, why, what to do."""


def installed(folder: Path) -> dict[str, str]:
    """Return the text of each configuration file in a folder. Raises WritingError."""
    if not folder.is_dir():
        raise WritingError(f"{folder}: no such folder; name Asterisk's with --folder")
    files = {}
    for file in sorted(folder.glob("*.conf")):
        try:
            files[file.name] = file.read_text("utf-8")
        except UnicodeDecodeError:
            raise WritingError(f"{file}: not UTF-8; save it so, or move it away") from None
        except OSError as error:
            raise WritingError(
                f"{file}: cannot be read: {error.strerror}; run this as root or Asterisk's user"
            ) from error
    return files


def write(folder: Path, texts: Mapping[str, str], aside: Path | None = None) -> None:
    """Write files, each whole or not at all; what they replace is kept in the folder `aside`.

    A new file belongs to whom the folder belongs to. Raises WritingError; the files before the one it
    names are written then, and their old ones are in `aside`.
    """
    for name, text in texts.items():
        try:
            _write(folder, folder / name, text, aside)
        except OSError as error:
            raise WritingError(
                f"{folder / name}: cannot be written: {error.strerror}; run this as root, and see to "
                f"the disk" + (f"; what was replaced before is in {aside}" if aside else "")
            ) from error


def _write(folder: Path, file: Path, text: str, aside: Path | None) -> None:
    like = folder.stat()
    draft = file.with_name(f".{file.name}.new")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, MODE), "w") as opened:
        opened.write(text)
    draft.chmod(MODE)
    if file.exists():
        like = file.stat()
        if aside is not None:
            aside.mkdir(mode=0o700, exist_ok=True)
            shutil.copy2(file, aside / file.name)
    if (like.st_uid, like.st_gid) != (draft.stat().st_uid, draft.stat().st_gid):
        os.chown(draft, like.st_uid, like.st_gid)
    draft.replace(file)


def reloads(names: Iterable[str]) -> tuple[str, ...]:
    """Return the console commands after which Asterisk has taken these files; a restart does for all."""
    commands = dict.fromkeys(RELOADS.get(name, RESTART) for name in names)
    return (RESTART,) if RESTART in commands else tuple(commands)
