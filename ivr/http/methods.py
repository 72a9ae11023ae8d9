"""The methods of a port, read from its Protocol: what each takes, answers, and is there for."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, get_args, get_type_hints

import msgspec

from ivr.http.wire import convert, secret, wire


class Method(msgspec.Struct, frozen=True):
    """A method of a port. `parameters` and `answer` are types of the model, `request` and `reply` the
    wire's; `doc` is its docstring."""

    port: str
    name: str
    parameters: Mapping[str, Any]
    answer: Any
    request: type[msgspec.Struct]
    reply: Any
    doc: str

    @property
    def path(self) -> str:
        """Where it is asked for."""
        return f"/v1/{self.port}/{self.name}"

    @property
    def secret(self) -> bool:
        """Whether it is given a secret."""
        return any(secret(kind) for kind in self.parameters.values())

    def asked(self, *given: Any, **named: Any) -> msgspec.Struct:
        """Return the request of a call. Raises msgspec.ValidationError, TypeError."""
        arguments = dict(zip(self.parameters, given, strict=False)) | named
        request: msgspec.Struct = convert(arguments, self.request)
        return request

    def arguments(self, request: msgspec.Struct) -> dict[str, Any]:
        """Return what a request gives, in types of the model."""
        return {
            name: convert(getattr(request, name), kind) for name, kind in self.parameters.items()
        }


def protocol_of(kind: type) -> type:
    """Return the Protocol that a class keeps, or is."""
    return next(part for part in kind.__mro__ if getattr(part, "_is_protocol", False))


def methods_of(port: str, kind: type) -> dict[str, Method]:
    """Return the methods of the Protocol that a class keeps or is, and of those it is made of, by
    name."""
    parts = [part for part in reversed(kind.__mro__) if getattr(part, "_is_protocol", False)]
    functions = {
        name: function
        for part in parts
        for name, function in vars(part).items()
        if inspect.isfunction(function) and not name.startswith("_")
    }
    return {name: _method(port, name, function) for name, function in functions.items()}


def _method(port: str, name: str, function: Any) -> Method:
    hints = get_type_hints(function)
    (answer,) = get_args(hints.pop("return"))
    fields: list[Any] = []
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        kind = wire(hints[parameter.name], strict=True)
        required = parameter.default is inspect.Parameter.empty
        fields.append(
            (parameter.name, kind) if required else (parameter.name, kind, parameter.default)
        )
    title = "".join(word.capitalize() for word in (port, *name.split("_")))
    request = msgspec.defstruct(f"{title}Request", fields, forbid_unknown_fields=True, kw_only=True)
    doc = inspect.cleandoc(function.__doc__ or "")
    return Method(port, name, hints, answer, request, wire(answer, strict=False), doc)
