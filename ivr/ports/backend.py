"""How a backend is opened: what its section of the configuration says of it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ivr.model.secret import Secret


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """An embedded backend keeps its data in `file`; one elsewhere is at `url` (no slash at its end),
    where `token` says who asks, and `ca_file` who may sign its certificate (None: whom the machine
    trusts). What takes longer than `budget_ms` is given up. `texts` is a folder of the bank's own texts
    for messages (None: OneCall's). So many wrong PINs may come by one trunk within an hour (None:
    OneCall's figure)."""

    file: Path
    url: str = ""
    token: Secret | None = None
    ca_file: Path | None = None
    budget_ms: int = 3_000
    texts: Path | None = None
    trunk_attempts: int | None = None
