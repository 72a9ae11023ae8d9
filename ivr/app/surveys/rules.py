"""Whom a version of the flows asks, read from its files: in the transaction that writes a call's row."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ivr.adapters.flowfile import try_load_files
from ivr.centre.surveys.deciding import Asking

_OF_SURVEYS = re.compile(r"""^["']?survey(_rules)?["']?\s*:""", re.MULTILINE)
"""A file of surveys, or of their rules: only these are read, as whoever writes calls down waits for it."""


def asking_of(files: Mapping[str, str]) -> Asking:
    """Return whom flows ask, by their files: the same that `Asking.of` has of the whole set."""
    kept = {path: text for path, text in files.items() if _OF_SURVEYS.search(text)}
    return Asking.of(try_load_files(kept).sound)
