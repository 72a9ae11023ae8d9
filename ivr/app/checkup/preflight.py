"""May a caller key a card number: the preflight, as the engine does it before each payment."""

from __future__ import annotations

from ivr.adapters.preflight.gather import look as preflight
from ivr.adapters.preflight.running import Console
from ivr.app.checkup import Finding, Site

SUBJECT = "keys of cards and PINs"


async def look(site: Site) -> tuple[str, tuple[Finding, ...]]:
    """Look at Asterisk's files and at the running one, where the configuration names them."""
    window = site.config.window
    if window.asterisk_conf is None:
        return (
            "not looked at: `window: {asterisk_conf: …}` is not written; no card may be keyed",
            (),
        )
    console = Console(window.asterisk) if window.asterisk else None
    found = await preflight(window.asterisk_conf, console)
    seen = f"{window.asterisk_conf}" + (" and the running Asterisk" if console else ", files only")
    return seen, found
