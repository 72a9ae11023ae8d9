"""How `ivr why` tells what happened: what a teller knows beside the events themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

LANGUAGES = ("zh", "en")
"""The languages that stories are told in."""


class Telling(msgspec.Struct, frozen=True):
    """What is known of one event beside itself.

    `language` is the story's. `text` gives what a prompt says (its id when nobody knows); `heard`
    is what the caller heard meanwhile with the spoken values, and `keys` what they keyed: both come
    from the call's journal and are empty where it is not known or secret.
    """

    language: str
    text: Callable[[str], str]
    heard: str = ""
    keys: str = ""

    def texts(self, prompts: Iterable[str]) -> str:
        """Return what the caller heard: from the journal, else the texts of the prompts."""
        return self.heard or " ".join(self.text(prompt) for prompt in prompts)
