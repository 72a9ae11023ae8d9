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
from collections.abc import Hashable, Iterator
from datetime import date, tzinfo
from functools import cache
from types import BuiltinFunctionType, CodeType, FunctionType, GeneratorType, MethodType, ModuleType
from typing import Any

import msgspec
from pydantic import BaseModel

from ivr.model.expressions import Expression
from ivr.model.secret import Secret
from ivr.model.step import Step

_ATOMS = frozenset({str, int, bool, bytes, type(None)})
_PLAIN = (str, int, bytes, float, type(None), enum.Enum, type, CodeType, ModuleType, date, tzinfo)
_LASTING = (Step, BuiltinFunctionType)
"""Part of the flows or the program: the same object is the same value."""
_COMPARED = (BaseModel, Expression)
"""What authors write: equal and hashed by value."""


class Memory:
    """Tells what scripts know. `given` objects are the same in all of them."""

    def __init__(self, *given: object) -> None:
        self._given = {id(one): one for one in given}

    def of(self, value: Any) -> Hashable:
        """Return a value that is equal for what is known alike."""
        if type(value) in _ATOMS:
            return type(value), value
        if isinstance(value, _PLAIN):
            return type(value), value
        if id(value) in self._given:
            return "given", id(value)
        if isinstance(value, _COMPARED) and not isinstance(value, Step):
            return value
        if isinstance(value, _LASTING):
            self._given[id(value)] = value  # kept, so that no other object takes its id
            return "given", id(value)
        if isinstance(value, GeneratorType):
            return self._of_script(value)
        return self._of_parts(value)

    def _of_script(self, script: GeneratorType[Any, Any, Any]) -> Hashable:
        frame = script.gi_frame
        if frame is None:
            return "over"
        held = frame.f_locals
        known = tuple(
            (name, self.of(held[name])) for name in _read_after(frame.f_code, frame.f_lasti, held)
        )
        inside = tuple(
            self.of(one) for one in gc.get_referents(script) if isinstance(one, Iterator)
        )
        return frame.f_code, frame.f_lasti, known, inside

    def _of_parts(self, value: Any) -> Hashable:
        kind = type(value)
        if isinstance(value, Secret):
            return kind, value.reveal()
        if isinstance(value, MethodType):
            return kind, value.__func__.__name__, self.of(value.__self__)
        if isinstance(value, FunctionType):
            cells = tuple(self.of(cell.cell_contents) for cell in value.__closure__ or ())
            return kind, value.__code__, cells
        if isinstance(value, dict):
            return kind, tuple((self.of(key), self.of(one)) for key, one in value.items())
        if isinstance(value, tuple | list):
            return kind, tuple(map(self.of, value))
        if isinstance(value, set | frozenset):
            return kind, frozenset(map(self.of, value))
        if isinstance(value, msgspec.Struct):
            return self._of_struct(kind, value)
        if hasattr(value, "__dict__") and not isinstance(value, Iterator):
            return kind, self.of(vars(value))
        # An iterator tells where it is by how it would be copied.
        return kind, tuple(map(self.of, value.__reduce__()))

    def _of_struct(self, kind: type[msgspec.Struct], value: msgspec.Struct) -> Hashable:
        if kind.__struct_config__.frozen:
            try:
                hash(value)
            except TypeError:
                pass  # something in it can change
            else:
                return value
        return kind, tuple(map(self.of, msgspec.structs.astuple(value)))


def _read_after(code: CodeType, at: int, held: dict[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in _live(code)[at] if name in held)


@cache
def _live(code: CodeType) -> dict[int, tuple[str, ...]]:
    """Return by instruction (offset) the locals that may be read after it, before they are set."""
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
