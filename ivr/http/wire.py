"""Types as they go over the wire: those of the model, but for a few that other systems read better.

Money is an object, `{"minor": 1234, "currency": "CNY"}`; whole numbers are those that every JSON
reader keeps exactly; an instant has its offset from UTC; a secret is a text in a request and nowhere
else. `msgspec` turns values of one kind into the other by their attributes.
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from types import GenericAlias
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from ivr.model.secret import Secret
from ivr.model.values import Money

EXACT = 2**53 - 1
"""The largest number that JavaScript and its like keep exactly."""
TEXT_MOST = 4_096
SECRET_MOST = 64

Number = Annotated[int, msgspec.Meta(ge=-EXACT, le=EXACT)]
Text = Annotated[str, msgspec.Meta(max_length=TEXT_MOST)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Amount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An amount in minor units (fen, cents) of a currency (ISO 4217)."""

    minor: Number
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")] = "CNY"


_SECRET = re.compile(rf"[!-~]{{0,{SECRET_MOST}}}")
_PLAIN: Mapping[Any, Any] = {int: Number, str: Text, datetime: Instant}


def wire(kind: Any, *, strict: bool) -> Any:
    """Return the type that stands for one of the model; a `strict` one knows no other fields.

    Requests are strict: a field that nobody reads is a mistake. Answers are not: a bank's newer
    version may tell more.
    """
    return _wire(kind, strict)


@cache
def _wire(kind: Any, strict: bool) -> Any:
    if kind is Money:
        return Amount
    if kind in _PLAIN:
        return _PLAIN[kind]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _struct(kind, strict)
    inner = tuple(_wire(one, strict) for one in get_args(kind) if one is not ...)
    if get_origin(kind) in (Union, types.UnionType):
        return Union[inner]  # noqa: UP007  # made at run time
    if get_origin(kind) in (tuple, list, Sequence):
        return GenericAlias(tuple, (*inner, ...))
    if get_origin(kind) in (dict, Mapping):
        return GenericAlias(dict, inner)
    return kind


def _struct(kind: type[msgspec.Struct], strict: bool) -> type[msgspec.Struct]:
    hints = get_type_hints(kind)
    fields: list[Any] = []
    for field in msgspec.structs.fields(kind):
        of_wire = _wire(hints[field.name], strict)
        if field.required:
            fields.append((field.name, of_wire))
        elif field.default is not msgspec.NODEFAULT:
            fields.append((field.name, of_wire, convert(field.default, of_wire)))
        else:
            factory = msgspec.field(default_factory=field.default_factory)
            fields.append((field.name, of_wire, factory))
    return msgspec.defstruct(
        kind.__name__,
        fields,
        namespace={"__doc__": inspect.getdoc(kind)},
        frozen=True,
        kw_only=True,
        module="request" if strict else "answer",
        forbid_unknown_fields=strict,
    )


def secret(kind: Any) -> bool:
    """Whether a type of the model has a secret in it."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return any(secret(of_field) for of_field in get_type_hints(kind).values())
    return kind is Secret or any(secret(inner) for inner in get_args(kind))


def convert(value: Any, kind: Any) -> Any:
    """Turn a value into another type of the same shape. Raises msgspec.ValidationError."""
    return msgspec.convert(value, kind, from_attributes=True)


def encode(value: Any) -> bytes:
    """Return JSON. Secrets in it are revealed: it is for the port that consumes them.

    Raises UnicodeEncodeError for a text that is none.
    """
    return msgspec.json.encode(value, enc_hook=_reveal)


def decode(body: bytes, kind: Any) -> Any:
    """Read JSON. Raises msgspec.DecodeError, and its subclass ValidationError, without a value in
    the text."""
    try:
        plain = _whole(msgspec.json.decode(body))
    except (RecursionError, UnicodeDecodeError) as error:
        raise msgspec.DecodeError("not a text, or nested too deeply") from error
    return msgspec.convert(plain, kind, dec_hook=_conceal)


def _whole(value: Any) -> Any:
    """Make 5.0 the whole number that it is to JSON Schema, and to many a language."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {name: _whole(one) for name, one in value.items()}
    return value


def json_schema(kind: type) -> dict[str, object]:
    """Describe what JSON Schema does not know."""
    if kind is not Secret:
        raise NotImplementedError(kind)
    return {"type": "string", "format": "password", "pattern": f"^{_SECRET.pattern}$"}


def _reveal(value: object) -> str:
    if not isinstance(value, Secret):
        raise NotImplementedError(type(value).__name__)
    return value.reveal()


def _conceal(kind: type, value: object) -> Secret:
    if kind is not Secret:
        raise NotImplementedError(kind.__name__)
    if not isinstance(value, str) or not _SECRET.fullmatch(value):
        raise ValueError(f"Expected up to {SECRET_MOST} printable ASCII characters")
    return Secret(value)
