"""Files of a flow folder that are no flows: what they say, and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

import msgspec

from ivr.model.document import Document
from ivr.model.place import Place

D = TypeVar("D", bound=Document)


class Sheet(msgspec.Struct, Generic[D], frozen=True):
    """A file's document. `places` are those of its keys and list items: `questions.solved`."""

    document: D
    place: Place
    places: Mapping[str, Place] = {}

    def place_of(self, *paths: str) -> Place:
        """Return the place of the first path that the file has, else the file's."""
        return next((self.places[path] for path in paths if path in self.places), self.place)
