"""The manifest: what each recording of a language says, who speaks it, and how it was made.

`prompts/<language>/manifest.json` is committed beside the recordings, sorted and stable, so that
a diff shows which recordings a change touched.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from ivr.adapters.prompts.texts import CatalogueError

RECIPE = "1"
"""Change this when the processing of recordings changes: every recording is then built again."""

NAME = "manifest.json"

STUDIO = "studio"
"""The `voice` of a recording made from a studio recording, and the folder that it is in."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One recording. `hash` covers everything that it was made from, `audio` the 8 kHz file.

    `studio` is the digest of the studio recording that it was made from, if it was.
    """

    audio: str
    hash: str
    text: str
    voice: str
    studio: str = ""


def served(folder: Path, name: str) -> Path:
    """Return where a prompt's recording is, without extension.

    One made from a studio recording is kept apart from it: Asterisk would take `<name>.wav`, at
    whatever rate the studio chose, for an A-law caller, and play nothing.
    """
    return folder / STUDIO / name if studio(folder, name).is_file() else folder / name


def studio(folder: Path, name: str) -> Path:
    """Return where a prompt's studio recording would be."""
    return folder / f"{name}.wav"


def digest(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def source_hash(text: str, voice: str, studio: str = "") -> str:
    """Return the digest of what a recording is made from."""
    return digest(json.dumps([RECIPE, text, voice, studio], ensure_ascii=False).encode())


def read_manifest(folder: Path) -> dict[str, Entry]:
    """Read the manifest of a language's folder; none is an empty one.

    Raises CatalogueError for one that is damaged.
    """
    path = folder / NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Entry])
    except FileNotFoundError:
        return {}
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        hint = "restore it, or delete it and build again"
        raise CatalogueError([f"{path}:1:1: P011 damaged manifest: {error}; {hint}"]) from error


def write_manifest(folder: Path, entries: Mapping[str, Entry]) -> None:
    """Replace the manifest of a language's folder at once, sorted by id."""
    table = {name: msgspec.to_builtins(entries[name]) for name in sorted(entries)}
    text = json.dumps(table, ensure_ascii=False, indent=1, sort_keys=True)
    replace_file(folder / NAME, f"{text}\n".encode())


def replace_file(path: Path, data: bytes) -> None:
    """Write a file so that a reader, or a crash, sees all of it or nothing of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
