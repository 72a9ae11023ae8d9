"""The input properties as authors write them: in a flow's `defaults` and in a step's body."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ivr.model.duration import PositiveDuration
from ivr.model.fields import OptionalKey
from ivr.model.prompt import BargeIn
from ivr.model.properties import Properties

Tries = Annotated[int, Field(ge=1, le=20, strict=True, examples=[3])]


class InputFields(BaseModel):
    """How keys are read. What is not set is inherited: engine < flow < step."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    timeout: PositiveDuration | None = Field(
        None, description="From the end of the prompt to the first key (engine: 5s)."
    )
    interdigit: PositiveDuration | None = Field(
        None, description="From one key to the next, in an entry (engine: 3s)."
    )
    tries: Tries | None = Field(
        None, description="How often it asks, for either kind of failure (engine: 3)."
    )
    no_input_tries: Tries | None = Field(
        None, description="How often it asks a silent caller, where that differs from `tries`."
    )
    invalid_tries: Tries | None = Field(
        None, description="How often it asks after wrong keys, where that differs from `tries`."
    )
    max_failures: Tries | None = Field(
        None, description="How many failures of both kinds together end it (engine: 5)."
    )
    terminator: OptionalKey | None = Field(
        None, description='The key that ends an entry; "" for none (engine: #).'
    )
    cancel: OptionalKey | None = Field(
        None, description='The key that clears an entry or goes back; "" for none (engine: *).'
    )
    bargein: BargeIn | None = Field(
        None,
        description="Which keys cut the prompt: any, valid (only one that begins a valid entry) "
        "or none (engine: any).",
    )
    buffer: Literal["keep", "flush"] | None = Field(
        None, description="Whether keys typed ahead are kept or forgotten (engine: keep)."
    )

    def properties(self) -> Properties:
        """Return what is set, as properties."""
        return Properties(
            timeout_ms=self.timeout,
            interdigit_ms=self.interdigit,
            tries=self.tries,
            no_input_tries=self.no_input_tries,
            invalid_tries=self.invalid_tries,
            max_failures=self.max_failures,
            terminator=self.terminator,
            cancel=self.cancel,
            bargein=self.bargein,
            buffer=self.buffer,
        )
