"""The files of a flow folder: their texts, and the version that they make."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from ivr.adapters.flowfile.reader import MAX_BYTES
from ivr.model.codes import Code
from ivr.model.place import Place
from ivr.model.problem import Problem

CALLERS = "callers"
"""The subfolder of the scripted callers: no flows, and no part of a version."""


def version_of(files: Mapping[str, str]) -> str:
    """Return the SHA-256 (hex) of the files' paths and bytes, whatever order they are in."""
    digest = hashlib.sha256()
    for path in sorted(files):
        for part in (path.encode(), files[path].encode("utf-8", "surrogatepass")):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()


def texts_of(folder: Path) -> tuple[dict[str, str], list[Problem]]:
    """Read every flow file of a folder; return the texts by path within it."""
    found: list[Problem] = []
    if not folder.is_dir():
        place = Place(str(folder), 1, 1)
        hint = "name a folder with flow files"
        return {}, [Problem(Code.UNREADABLE, place, "there is no such folder", hint)]
    texts: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        name = "/".join(parts)
        if parts[0] == CALLERS or any(part.startswith(".") for part in parts):
            continue
        if path.suffix == ".yml":
            found.append(_unreadable(name, "a .yml file is not read", "name it .yaml"))
        elif path.suffix == ".yaml":
            _add(texts, found, path, name)
    return texts, found


def _add(texts: dict[str, str], found: list[Problem], path: Path, name: str) -> None:
    try:
        if path.stat().st_size > MAX_BYTES:
            message = f"more than {MAX_BYTES} bytes"
            found.append(Problem(Code.TOO_LARGE, Place(name, 1, 1), message, "split the flow"))
            return
        if path.exists() and not path.is_file():
            found.append(_unreadable(name, "this is no file", "put a flow file in its place"))
            return
        texts[name] = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        column = error.start - error.object.rfind(b"\n", 0, error.start)
        place = Place(name, line, column)
        found.append(Problem(Code.UNREADABLE, place, "not UTF-8", "save the file as UTF-8"))
    except OSError as error:
        found.append(_unreadable(name, error.strerror or "cannot be read", "see to the file"))


def _unreadable(name: str, message: str, hint: str) -> Problem:
    return Problem(Code.UNREADABLE, Place(name, 1, 1), message, hint)
