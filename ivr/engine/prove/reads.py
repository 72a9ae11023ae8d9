"""What a step has read of its call while it ran.

A step that ran once need not be run again where all that it read is the same: the search remembers
each run with what it read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ivr.model.session import Session
from ivr.model.values import Value

_ABSENT = object()


class Reads:
    """What was read of a session: its attributes, and names in its scope, each with the value."""

    def __init__(self) -> None:
        self.attributes: dict[str, Any] = {}
        self.names: dict[str, Any] = {}

    def hold(self, session: Session, scope: Mapping[str, Value]) -> bool:
        """Whether all that was read is the same there."""
        return all(scope.get(name, _ABSENT) == value for name, value in self.names.items()) and all(
            getattr(session, name) == value for name, value in self.attributes.items()
        )


class Watched:
    """Stands for a session in a step's context, and notes in `reads` what is read of it."""

    def __init__(self, session: Session, reads: Reads) -> None:
        self._session = session
        self._reads = reads

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._session, name)
        self._reads.attributes[name] = value
        return value

    def scope(self) -> Mapping[str, Value]:
        """Return the names that expressions may read, noting which they do."""
        return _Scope(self._session.scope(), self._reads)


class _Scope(dict[str, Value]):
    """A scope that notes the names looked up in it."""

    def __init__(self, scope: Mapping[str, Value], reads: Reads) -> None:
        super().__init__(scope)
        self._reads = reads

    def __getitem__(self, name: str) -> Value:
        self._reads.names[name] = super().get(name, _ABSENT)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return what a name holds, and note that it was asked."""
        self._reads.names[name] = super().get(name, _ABSENT)
        return super().get(name, default)
