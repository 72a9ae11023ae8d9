"""May a caller key a card number: the preflight, as the engine does it before each payment."""

from __future__ import annotations

from ivr.adapters.preflight.gather import look as preflight
from ivr.adapters.preflight.running import Console
from ivr.app.checkup import Finding, Site

SUBJECT = "keys of cards and PINs"


async def look(site: Site) -> tuple[str, tuple[Finding, ...]]:
    """Look at Asterisk's files and at the running one, where the configuration names them."""
    window = site.config.window
    pairs = {
        (one.asterisk_conf or window.asterisk_conf, one.console or window.asterisk)
        for one in site.config.asterisks
    } or {(window.asterisk_conf, window.asterisk)}
    seen, found = list[str](), list[Finding]()
    for folder, command in sorted(pairs, key=str):
        if folder is None:
            continue
        found += await preflight(folder, Console(command) if command else None)
        seen.append(f"{folder}" + (" and the running Asterisk" if command else ", files only"))
    if not seen:
        return (
            "not looked at: `window: {asterisk_conf: …}` is not written; no card may be keyed",
            (),
        )
    return "; ".join(seen), tuple(found)
