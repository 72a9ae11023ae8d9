"""The running Asterisk: the modules that the dialplan and the engine call, and the codec of the prompts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ivr.adapters.asterisk.sections import sections
from ivr.adapters.asterisk.template import templates
from ivr.adapters.asterisk.writing import installed
from ivr.adapters.preflight.running import Console
from ivr.app.asterisk import folder_of
from ivr.app.checkup import Finding, Site

SUBJECT = "modules and codecs"
PROMPTS = "ulaw"
_LOADED = re.compile(r"^(\S+\.so)\s.*\sRunning\s", re.MULTILINE)


async def look(site: Site) -> tuple[str, tuple[Finding, ...]]:
    """Ask for its modules, and read which codecs telephones may use."""
    folder = folder_of(site.config)
    found = [*_codecs(installed(folder), str(folder / "pjsip.conf"))] if folder.is_dir() else []
    if not site.config.window.asterisk:
        return "only files: `window: {asterisk: […]}` is not written", tuple(found)
    loaded = set(_LOADED.findall(await Console(site.config.window.asterisk).ask("module show")))
    wanted = needed()
    found += _modules(wanted, loaded)
    return f"{len(loaded)} modules run, {len(wanted & loaded)} of {len(wanted)} needed", tuple(
        found
    )


def needed() -> set[str]:
    """Return the modules that the hotline uses."""
    (file,) = (one for one in templates() if one.name == "modules.conf")
    return {
        value
        for section in sections(file.read_text("utf-8"))
        for key, value in section.settings
        if key == "load"
    }


def _modules(wanted: set[str], loaded: set[str]) -> Iterator[Finding]:
    if lacking := sorted(wanted - loaded):
        yield Finding(
            "DOC301",
            f"these modules do not run: {', '.join(lacking)}",
            "the running Asterisk",
            "a call fails where the dialplan or the engine uses one of them",
            f"asterisk -rx 'module load {lacking[0]}', and `load = {lacking[0]}` in modules.conf; what "
            "Debian has no module of is in its package asterisk-modules",
        )


def _codecs(files: dict[str, str], where: str) -> Iterator[Finding]:
    for section in sections(files.get("pjsip.conf", "")):
        said = dict(section.settings)
        allowed = said.get("allow", "").lower().replace(" ", "")
        if said.get("type") == "endpoint" and not allowed.startswith(PROMPTS):
            yield Finding(
                "DOC302",
                f"{section.name}: `allow = {said.get('allow', '')}`",
                where,
                "prompts are µ-law: everything that is heard would be transcoded, or nothing is heard",
                f"write `disallow = all` and `allow = {PROMPTS},alaw` into this section",
            )
