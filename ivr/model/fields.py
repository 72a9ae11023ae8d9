"""Kinds of fields that several step types have."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ivr.model.digits import KEYS
from ivr.model.problem import BadValue

_KEYS = Literal["", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"] | int


def read_key(value: object) -> object:
    """Read a key: YAML makes a number of an unquoted digit. Raises BadValue."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value != "" and (not isinstance(value, str) or value not in tuple(KEYS)):
        raise BadValue("not a key", 'one of 0-9, "*" and "#", in quotes; "" for none')
    return value


OptionalKey = Annotated[str, BeforeValidator(read_key, json_schema_input_type=_KEYS)]
"""One key of a telephone, or nothing."""

VariableName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
StepName = Annotated[str, Field(min_length=1, max_length=64)]
FlowName = Annotated[str, Field(min_length=1, max_length=64)]
ConfiguredName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""The name of something in the configuration: a queue, a destination."""
