"""How a backend is opened: what its section of the configuration says of it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ivr.model.secret import Secret


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """An embedded backend keeps its data in `file`; one elsewhere is at `url` (no slash at its end),
    where `token` says who asks, and `ca_file` who may sign its certificate (None: whom the machine
    trusts). What takes longer than `budget_ms` is given up. `texts` is the folder of texts that are
    sent to people."""

    file: Path
    url: str = ""
    token: Secret | None = None
    ca_file: Path | None = None
    budget_ms: int = 3_000
    texts: Path = Path("prompts/messages")
