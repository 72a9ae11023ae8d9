"""Rendered configuration files, written for a process of the lab."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ivr.adapters.asterisk.template import rendered


def render_files(
    templates: Iterable[Path], target: Path, values: Mapping[str, object], nodes: Sequence[str] = ()
) -> None:
    """Render these files into the folder `target`, readable by the owner only."""
    target.mkdir(parents=True, exist_ok=True)
    for name, text in rendered(templates, values, nodes).items():
        path = target / name
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(text, "utf-8")
