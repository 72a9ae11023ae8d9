"""What pages say, in every language they speak: `words/<language>.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

LANGUAGES = ("zh", "en")
"""The first one is spoken to whoever's browser asks for none of them."""
_FOLDER = Path(__file__).parent / "words"


@cache
def words(language: str) -> Mapping[str, str]:
    """Return what pages say in a language, by key."""
    found: dict[str, str] = yaml.safe_load((_FOLDER / f"{language}.yaml").read_text("utf-8"))
    return found


def language_of(wanted: str, accepted: str) -> str:
    """Return the language of a page: the one `wanted`, else the first that a browser accepts."""
    if wanted in LANGUAGES:
        return wanted
    offered = (one.partition(";")[0].strip()[:2].lower() for one in accepted.split(","))
    return next((one for one in offered if one in LANGUAGES), LANGUAGES[0])
