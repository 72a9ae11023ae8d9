"""The running Asterisk: the modules that the dialplan and the engine call, and the codec of the prompts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ivr.adapters.asterisk.sections import sections
from ivr.adapters.asterisk.template import templates
from ivr.adapters.asterisk.writing import installed
from ivr.adapters.preflight.running import Console
from ivr.app.asterisk import looked_at
from ivr.app.checkup import Finding, Site

SUBJECT = "modules and codecs"
PROMPTS = "ulaw"
_LOADED = re.compile(r"^(\S+\.so)\s.*\sRunning\s", re.MULTILINE)


async def look(site: Site) -> tuple[str, tuple[Finding, ...]]:
    """Ask each Asterisk for its modules, and read which codecs telephones may use there."""
    told = [await _looked(*one) for one in looked_at(site.config)]
    return "; ".join(seen for seen, _ in told), tuple(one for _, found in told for one in found)


async def _looked(
    name: str, folder: Path, console: tuple[str, ...]
) -> tuple[str, tuple[Finding, ...]]:
    found = list(_codecs(folder))
    called = f"{name}: " if name else ""
    if not console:
        return f"{called}only files: nothing says how to ask its console", tuple(found)
    loaded = set(_LOADED.findall(await Console(console).ask("module show")))
    wanted = needed()
    found += _modules(wanted, loaded, f"the running Asterisk {name}".rstrip())
    seen = f"{len(loaded)} modules run, {len(wanted & loaded)} of {len(wanted)} needed"
    return f"{called}{seen}", tuple(found)


def needed() -> set[str]:
    """Return the modules that the hotline uses."""
    (file,) = (one for one in templates() if one.name == "modules.conf")
    return {
        value
        for section in sections(file.read_text("utf-8"))
        for key, value in section.settings
        if key == "load"
    }


def _modules(wanted: set[str], loaded: set[str], where: str) -> Iterator[Finding]:
    if lacking := sorted(wanted - loaded):
        yield Finding(
            "DOC301",
            f"these modules do not run: {', '.join(lacking)}",
            where,
            "a call fails where the dialplan or the engine uses one of them",
            f"asterisk -rx 'module load {lacking[0]}', and `load = {lacking[0]}` in modules.conf; what "
            "Debian has no module of is in its package asterisk-modules",
        )


def _codecs(folder: Path) -> Iterator[Finding]:
    files = installed(folder) if folder.is_dir() else {}
    for section in sections(files.get("pjsip.conf", "")):
        said = dict(section.settings)
        allowed = said.get("allow", "").lower().replace(" ", "")
        if said.get("type") == "endpoint" and not allowed.startswith(PROMPTS):
            yield Finding(
                "DOC302",
                f"{section.name}: `allow = {said.get('allow', '')}`",
                str(folder / "pjsip.conf"),
                "prompts are µ-law: everything that is heard would be transcoded, or nothing is heard",
                f"write `disallow = all` and `allow = {PROMPTS},alaw` into this section",
            )
