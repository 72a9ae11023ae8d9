"""Who may take a caller of a queue, and who comes before whom.

Durations are held in milliseconds.
"""

from __future__ import annotations

import enum
import re
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from ivr.model.document import Document
from ivr.model.duration import Duration, PositiveDuration
from ivr.model.expressions import PATTERN, Expression, read_scalar
from ivr.model.problem import BadValue
from ivr.model.speech import Typed

ANYONE = "anyone"
"""Stands for the condition that every agent meets."""


class Strategy(enum.StrEnum):
    """How one of several free agents is chosen."""

    LONGEST_IDLE = "longest_idle"
    LEAST_OCCUPIED = "least_occupied"
    LINEAR = "linear"
    ROUND_ROBIN = "round_robin"
    LAST_AGENT = "last_agent"


class CallbackMode(enum.StrEnum):
    """Who is rung first when somebody is called back."""

    NONE = "none"
    AGENT_FIRST = "agent_first"
    CUSTOMER_FIRST = "customer_first"


class Part(Document):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def _share(value: Any) -> Any:
    """Return 0.05 of `5%`. Raises BadValue."""
    if not isinstance(value, str) or _SHARE.fullmatch(value) is None:
        raise BadValue("not a share", "write it in per cent: 5%, or 2.5%")
    return float(value[:-1]) / 100


_SHARE = re.compile(r"\d{1,2}(\.\d)?%", re.ASCII)
Share = Annotated[float, BeforeValidator(_share, json_schema_input_type=str), Field(gt=0, lt=1)]
"""A share of callers, written in per cent and held as 0 to 1."""


def _condition(value: Any) -> Any:
    if value == ANYONE:
        return Expression("{{ true }}")
    if isinstance(value, str) and "{{" not in value:
        raise BadValue("not a condition", 'write "{{ … }}", in quotes, or anyone')
    return read_scalar(value)


_WRITTEN = Annotated[str, Field(pattern=rf"{PATTERN}|^{ANYONE}$")]
Condition = Annotated[
    Expression, BeforeValidator(_condition, json_schema_input_type=_WRITTEN), Typed(("truth",))
]
"""A condition on an agent, or `anyone`."""


class Rule(Part):
    """Who may take a call, from some wait on."""

    when: Condition = Field(
        description="Agents of whom this is true, or `anyone`.", examples=["{{ wealth >= 60 }}"]
    )
    after: Duration = Field(0, description="From this wait on (at once).", examples=["40s"])
    second_line: bool = Field(
        False, strict=True, description="Agents of the second line as well (only in a surge)."
    )
    priority: Duration = Field(
        0, description="From then on the caller has this head start more.", examples=["30s"]
    )


class Boost(Part):
    """A head start of some of the callers."""

    when: Annotated[Expression, BeforeValidator(read_scalar), Typed(("truth",))] = Field(
        description="Callers of whom this is true.", examples=["{{ caller.segment == 'vip' }}"]
    )
    by: PositiveDuration = Field(description="Their head start, as time waited.", examples=["60s"])


class Fairness(Part):
    """The limits of priority."""

    head_start: Duration = Field(
        300_000, description="The most that priority counts, as time waited (5m)."
    )
    overtaken: Duration = Field(
        90_000, description="After this wait nobody who came later is served before a caller (90s)."
    )


class Overflow(Part):
    """When a caller does not join at all. Where nobody waits, everybody joins."""

    estimate: PositiveDuration | None = Field(
        None, description="With a longer estimated wait than this.", examples=["15m"]
    )
    ratio: int | None = Field(
        None,
        ge=1,
        strict=True,
        description="With more callers (this one counted) for each agent logged in than this.",
        examples=[5],
    )

    @model_validator(mode="after")
    def _some(self) -> Overflow:
        if self.estimate is None and self.ratio is None:
            raise BadValue("nothing overflows", "write estimate, ratio, or both")
        return self


def _as_rule(value: Any) -> Any:
    """Read a bare condition as a rule that holds at once."""
    return {"when": value} if isinstance(value, str) else value


WrittenRule = Annotated[Rule, BeforeValidator(_as_rule, json_schema_input_type=_WRITTEN | Rule)]
"""A rule, or the bare condition of one that holds at once."""
