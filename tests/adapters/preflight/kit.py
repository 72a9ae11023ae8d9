"""A clean configuration to spoil: what the lab renders of `asterisk-conf` and `dialplans`."""

from __future__ import annotations

from pathlib import Path

from lab.installation import Installation
from lab.ports import Ports
from lab.site import Lab


def clean(folder: Path) -> Path:
    """Render it and return its folder; the Asterisk of it need not exist."""
    data = folder / "data"
    (data / "documentation").mkdir(parents=True)
    nothing = Installation(("asterisk",), folder / "modules", data, "22.0.0", "nowhere")
    site = Lab(folder, Ports.block(22000), nothing)
    site.configure()
    return site.exchange.etc
