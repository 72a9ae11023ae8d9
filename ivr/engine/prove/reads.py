"""What a step has read of its call while it ran.

A step that ran once need not be run again where all that it read is the same; and what no step ever
reads tells no two calls apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from msgspec.structs import replace

from ivr.model.session import Frame, Session

ALL = "*"
"""Stands for every name of a group, where it was read as a whole."""
_ABSENT = object()

Where = tuple[str, ...]
"""Where something stands: a name, or a group and a name."""


class Reads:
    """What was read of a session: its attributes, which levels the caller reaches, and what stood where
    in its scope and facts."""

    def __init__(self) -> None:
        self.attributes: dict[str, Any] = {}
        self.levels: dict[int, bool] = {}
        self.scope: dict[Where, Any] = {}
        self.facts: dict[Where, Any] = {}

    def hold(self, session: Session, scope: Mapping[str, Any]) -> bool:
        """Whether all that was read is the same there."""
        return (
            all(getattr(session, name) == value for name, value in self.attributes.items())
            and all(session.reaches(level) is held for level, held in self.levels.items())
            and all(_at(scope, path) == value for path, value in self.scope.items())
            and all(_at(session.facts, path) == value for path, value in self.facts.items())
        )


class Watched:
    """Stands for a session in a step's context, and notes in `reads` what is read of it."""

    def __init__(self, session: Session, reads: Reads) -> None:
        self._session = session
        self._reads = reads
        self._own = frozenset(session.frame.form)

    def keeping(self, form: Mapping[str, Any], level: int) -> Watched:
        """Return the session with another form. What a step keeps itself is not noted."""
        frame = replace(self._session.frame, form=dict(form), level=level)
        return Watched(self._session.with_frame(frame), self._reads)

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """The facts of the call, noting which are read."""
        return _Names(self._session.facts, self._reads.facts)

    @cached_property
    def frame(self) -> Frame:
        """The running frame. A step reads its variables by their names in the scope."""
        return replace(self._session.frame, variables={})

    def scope(self) -> Mapping[str, Any]:
        """Return the names that expressions may read, noting which they do."""
        return self._scope

    @cached_property
    def _scope(self) -> Mapping[str, Any]:
        return _Names(self._session.scope(), self._reads.scope, own=self._own)

    def reaches(self, level: int) -> bool:
        """Whether the caller's auth level is high enough, and note that this was asked."""
        held = self._session.reaches(level)
        self._reads.levels[level] = held
        return held

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._session, name)
        self._reads.attributes[name] = value
        return value


class _Names(dict[str, Any]):
    """Names that note who is looked up; a group's names are noted one by one, its `own` not at all."""

    def __init__(
        self,
        names: Mapping[str, Any],
        noted: dict[Where, Any],
        path: Where = (),
        own: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(names)
        self._noted = noted
        self._path = path
        self._own = own

    def __getitem__(self, name: str) -> Any:
        value = self.get(name, _ABSENT)
        if value is _ABSENT:
            raise KeyError(name)
        return value

    def get(self, name: str, default: Any = None) -> Any:
        """Return what a name holds, and note it."""
        if name in self._own:
            return super().get(name)
        path = (*self._path, name)
        value = super().get(name, _ABSENT)
        self._noted[path] = _told(value)
        if isinstance(value, Mapping):
            return _Names(value, self._noted, path)
        return default if value is _ABSENT else value

    def __contains__(self, name: object) -> bool:
        self.get(str(name))
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def keys(self) -> Any:
        """Return the names, and note that all were asked for."""
        self._noted[(*self._path, ALL)] = dict(super().items())
        return super().keys()

    def items(self) -> Any:
        """Return the names and what they hold, and note that all were asked for."""
        self.keys()
        return super().items()

    def values(self) -> Any:
        """Return what the names hold, and note that all were asked for."""
        self.keys()
        return super().values()


def _told(value: Any) -> Any:
    """Return what looking a name up tells: of a group, only that it is one."""
    return Mapping if isinstance(value, Mapping) else value


def _at(names: Mapping[str, Any], path: Where) -> Any:
    """Return what stands somewhere now, as it was noted then."""
    found: Any = names
    for name in path:
        if not isinstance(found, Mapping):
            return _ABSENT
        found = dict(found) if name == ALL else found.get(name, _ABSENT)
        if name == ALL:
            return found
    return _told(found)
