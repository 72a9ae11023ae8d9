"""The base of all events of the floor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import msgspec

Words = Mapping[str, str]


class FloorEvent(msgspec.Struct, frozen=True, tag=True):
    """Base of all events of the floor. `words` tell it to people: language → a sentence with the
    event's fields in braces."""

    words: ClassVar[Words] = {}

    def story(self, language: str) -> str:
        """Say in words what happened."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        return self.words[language].format_map(fields)
