"""What a script that waits for an answer still knows.

Two waiting scripts of the same memory go on alike, whatever they were answered before: the search
need look at one of them only. A script's memory is where it waits, and what the locals hold that it
may still read. That is read off the generator, so that no step has to tell it: see the tests, where
nothing is lost by merging.

It stands on CPython: on its bytecode for which locals are still read, on its garbage collector for
the iterators of loops that are under way.
"""

from __future__ import annotations

import dis
import enum
import gc
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from datetime import date, tzinfo
from types import BuiltinFunctionType, CodeType, FunctionType, GeneratorType, MethodType, ModuleType
from typing import Any

import msgspec
from pydantic import BaseModel

from ivr.model.document import Document
from ivr.model.expressions import Expression
from ivr.model.secret import Secret
from ivr.model.step import Step

_ATOMS = frozenset({str, int, bool, bytes, type(None)})
_PLAIN = (str, int, bytes, float, type(None), enum.Enum, type, CodeType, ModuleType, date, tzinfo)
_COMPARED = (BaseModel, Expression)
"""What authors write: equal and hashed by value."""


class Memory:
    """Tells what scripts know. `given` objects are the same in all of them; of what is keyed secretly,
    nothing but its length counts beside what is known to ports (`secrets`)."""

    def __init__(self, *given: object, secrets: Collection[str] = ()) -> None:
        self._secrets = frozenset(secrets)
        self._given = {id(one): one for one in given}

    def give(self, *given: object) -> None:
        """Take further objects for the same in all scripts."""
        self._given.update((id(one), one) for one in given)

    def of(self, value: Any) -> Hashable:
        """Return a value that is equal for what is known alike."""
        kind = type(value)
        if kind in _ATOMS:
            return kind, value
        if id(value) in self._given:
            return "given", id(value)
        return _reader(kind)(self, value)

    def of_plain(self, value: Hashable) -> Hashable:
        """Return what is known of something that is compared by its value."""
        return type(value), value

    def of_written(self, value: Hashable) -> Hashable:
        """Return what is known of what authors wrote."""
        return value

    def of_lasting(self, value: object) -> Hashable:
        """Return what is known of what lasts as long as the search."""
        self._given[id(value)] = value  # kept, so that no other object takes its id
        return "given", id(value)

    def of_script(self, script: GeneratorType[Any, Any, Any]) -> Hashable:
        """Return where a script waits, and what it may still read."""
        frame = script.gi_frame
        if frame is None:
            return "over"
        code, at = frame.f_code, frame.f_lasti
        held = frame.f_locals
        of = self.of
        known = tuple([(name, of(held[name])) for name in _live(code)[at] if name in held])
        inside = tuple(
            [of(one) for one in gc.get_referents(script) if hasattr(type(one), "__next__")]
        )
        return id(code), at, known, inside

    def of_secret(self, value: Secret) -> Hashable:
        """Return what a port can tell of a secret."""
        digits = value.reveal()
        return Secret, digits if digits in self._secrets else len(digits)

    def of_method(self, value: MethodType) -> Hashable:
        """Return what a bound method knows."""
        return MethodType, value.__func__.__name__, self.of(value.__self__)

    def of_function(self, value: FunctionType) -> Hashable:
        """Return what a function has closed over."""
        cells = tuple(self.of(cell.cell_contents) for cell in value.__closure__ or ())
        return FunctionType, value.__code__, cells

    def of_names(self, value: dict[Any, Any]) -> Hashable:
        """Return what stands in a dictionary."""
        return type(value), tuple((self.of(key), self.of(one)) for key, one in value.items())

    def of_row(self, value: Iterable[Any]) -> Hashable:
        """Return what stands in a list."""
        return type(value), tuple(map(self.of, value))

    def of_set(self, value: Iterable[Any]) -> Hashable:
        """Return what is in a set."""
        return type(value), frozenset(map(self.of, value))

    def of_object(self, value: Any) -> Hashable:
        """Return what an object holds."""
        if hasattr(value, "__dict__") and not isinstance(value, Iterator):
            return type(value), self.of(vars(value))
        # An iterator tells where it is by how it would be copied.
        return type(value), tuple(map(self.of, value.__reduce__()))

    def of_struct(self, value: msgspec.Struct) -> Hashable:
        """Return what a value of several fields holds."""
        kind = type(value)
        if kind.__struct_config__.frozen:
            try:
                hash(value)
            except TypeError:
                pass  # something in it can change
            else:
                return value
        return kind, tuple(map(self.of, msgspec.structs.astuple(value)))


Reader = Callable[[Memory, Any], Hashable]
_READERS: tuple[tuple[Any, Reader], ...] = (
    (_PLAIN, Memory.of_plain),
    ((Step, Document), Memory.of_lasting),
    (_COMPARED, Memory.of_written),
    (BuiltinFunctionType, Memory.of_lasting),
    (GeneratorType, Memory.of_script),
    (Secret, Memory.of_secret),
    (MethodType, Memory.of_method),
    (FunctionType, Memory.of_function),
    (dict, Memory.of_names),
    ((tuple, list), Memory.of_row),
    ((set, frozenset), Memory.of_set),
    (msgspec.Struct, Memory.of_struct),
    (object, Memory.of_object),
)
"""How values are read, by what they are: the first that fits."""


_READER_OF: dict[type, Reader] = {}


def _reader(kind: type) -> Reader:
    reader = _READER_OF.get(kind)
    if reader is None:
        reader = next(one for kinds, one in _READERS if issubclass(kind, kinds))
        _READER_OF[kind] = reader
    return reader


_Live = dict[int, tuple[str, ...]]
_LIVE: dict[int, tuple[CodeType, _Live]] = {}
"""By the id of a code, which is kept with it: to hash a code is to hash all that it says."""


def _live(code: CodeType) -> _Live:
    """Return by instruction (offset) the locals that may be read after it, before they are set."""
    known = _LIVE.get(id(code))
    if known is None:
        known = _LIVE[id(code)] = (code, _read_after(code))
    return known[1]


def _read_after(code: CodeType) -> _Live:
    steps = list(dis.get_instructions(code))
    index = {step.offset: number for number, step in enumerate(steps)}
    # Wherever something is raised, any handler may go on.
    handlers = [number for number, step in enumerate(steps) if step.opname == "PUSH_EXC_INFO"]
    follows = [_follows(steps, number, index, handlers) for number in range(len(steps))]
    before: list[frozenset[str]] = [frozenset()] * len(steps)
    after: list[frozenset[str]] = [frozenset()] * len(steps)
    changed = True
    while changed:
        changed = False
        for number in reversed(range(len(steps))):
            after[number] = frozenset().union(*(before[next_] for next_ in follows[number]))
            now = _needs(steps[number], after[number])
            changed |= now != before[number]
            before[number] = now
    closed_over = (*code.co_cellvars, *code.co_freevars)
    return {
        step.offset: tuple(sorted({*after[number], *closed_over}))
        for number, step in enumerate(steps)
    }


_LEAVING = {"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE"}


def _follows(
    steps: list[dis.Instruction], number: int, index: dict[int, int], handlers: list[int]
) -> list[int]:
    step = steps[number]
    found = list(handlers)
    if step.opcode in dis.hasjrel or step.opcode in dis.hasjabs:
        found.append(index[step.argval])
    always = step.opname.startswith("JUMP_")
    always &= "_IF_" not in step.opname
    if not always and step.opname not in _LEAVING and number + 1 < len(steps):
        found.append(number + 1)
    return found


def _needs(step: dis.Instruction, after: frozenset[str]) -> frozenset[str]:
    """Return the locals that are needed before an instruction, of those needed after it."""
    if step.opname == "STORE_FAST":
        return after - {step.argval}
    if "FAST" in step.opname and step.opname != "DELETE_FAST":
        names = step.argval if isinstance(step.argval, tuple) else (step.argval,)
        return after | set(names)
    return after
