"""What callers hear: every recording of every language is there, is sound, and Asterisk may read it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

from ivr.adapters.asterisk.account import account, may_read
from ivr.adapters.prompts.catalogue import Catalogue, load_catalogue
from ivr.app.checkup import Finding, Site

SUBJECT = "recordings"
ENDING = ".ulaw"
_CONTAINERS = (b"RIFF", b"ID3", b"OggS", b"fLaC", b".snd")
"""How files begin that are no raw µ-law: they would be heard as noise."""
_MOST = 5


async def look(site: Site) -> tuple[str, tuple[Finding, ...]]:
    """Look at every recording that a caller may hear, and at the music."""
    folder = site.config.prompts
    catalogue = load_catalogue(folder)
    files = _files(catalogue)
    user = account(site.config.asterisk.log)
    found = await asyncio.to_thread(lambda: (*_missing(catalogue, folder), *_unsound(files, user)))
    languages = ", ".join(catalogue.languages)
    return f"{len(files)} recordings in {languages}", (*found, *_music(site.config.asterisk.music))


def _files(catalogue: Catalogue) -> list[Path]:
    found = (
        catalogue.resolve(name, language)
        for language in catalogue.languages
        for name in catalogue.texts(language)
    )
    return [Path(one.path + ENDING) for one in found if one is not None]


def _missing(catalogue: Catalogue, folder: Path) -> Iterator[Finding]:
    for why in sorted({one.why for one in catalogue.missing()}):
        names = [f"{one.language}/{one.id}" for one in catalogue.missing() if one.why == why]
        yield Finding(
            "DOC201",
            f"{why}: {_some(names)}",
            str(folder),
            "callers hear an apology instead, or what the text no longer says",
            "ivr prompts build && ivr reload",
        )


def _unsound(files: Sequence[Path], user: int) -> Iterator[Finding]:
    if other := [str(one) for one in files if _begin(one) in _CONTAINERS]:
        yield Finding(
            "DOC202",
            f"no raw µ-law: {_some(other)}",
            str(Path(other[0]).parent),
            "Asterisk plays the bytes as they are: callers hear noise",
            "put the recording there as a .wav of that name, then: ivr prompts build",
        )
    folders = {one for file in files for one in file.parents}
    shut = sorted(str(one) for one in (*folders, *files) if not may_read(user, one))
    if shut:
        yield Finding(
            "DOC203",
            f"Asterisk may not read: {_some(shut)}",
            shut[0],
            "callers hear an apology instead",
            f"chmod o+rX {shut[0]}",
        )


def _begin(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            start = opened.read(4)
    except OSError:
        return b""
    return next((one for one in _CONTAINERS if start.startswith(one)), b"")


def _music(folder: Path) -> Iterator[Finding]:
    if folder.is_dir() and not any(one.is_file() for one in folder.iterdir()):
        yield Finding(
            "DOC204",
            "there is no music",
            str(folder),
            "who waits hears silence, and hangs up",
            "put a recording there (.ulaw, .wav or .sln), or name another folder: `asterisk.music`",
        )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more
