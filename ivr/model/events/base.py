"""The base of all events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from ivr.model.story import Telling

Words = Mapping[str, str]


class Event(msgspec.Struct, frozen=True, tag=True):
    """Base of all events.

    `words` tell it to people: language → a sentence with the event's fields in braces. `told_aside`
    events do not come of commands and their answers, so running the call again brings none.
    """

    words: ClassVar[Words] = {}
    told_aside: ClassVar[bool] = False

    def story(self, telling: Telling) -> str:
        """Say in words what happened; empty when it is not worth telling."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        return self.words[telling.language].format_map(fields)
