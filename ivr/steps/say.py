"""The step type `say`."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from ivr.model.commands import Script, ask
from ivr.model.outcome import Outcome
from ivr.model.prompt import BargeIn
from ivr.model.properties import Properties
from ivr.model.speech import Speech
from ivr.model.step import Context, Step
from ivr.ports.channel import Play


class Say(Step):
    """Play prompts and spoken values.

    A key cuts them short and is kept for the next menu; with `bargein: none` everything is heard. A
    sentence that must not be missed also has `buffer: flush`, which forgets keys pressed before and
    meanwhile.
    """

    verb: ClassVar[str] = "say"
    shorthand: ClassVar[str | None] = "prompt"
    outcomes: ClassVar[dict[str, str]] = {"done": "It was said, or a key cut it short."}
    normal: ClassVar[str | None] = "done"
    example: ClassVar[str] = """\
tell-balance:
  say: [balance-is, {money: "{{ balance }}"}]
  next: anything-else
"""

    prompt: Speech = Field(
        description="What is heard: a prompt, a spoken value, or a list of them."
    )
    bargein: BargeIn | None = Field(
        None, description="`none`: no key cuts it short; keys are kept (inherited: any)."
    )
    buffer: Literal["keep", "flush"] | None = Field(
        None, description="`flush`: keys pressed before and meanwhile are forgotten."
    )

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, body: Any) -> Any:
        # `say: {money: …}` and `say: {prompt: x, language: en}` are what is said, not the fields.
        if not isinstance(body, dict) or "prompt" not in body or "language" in body:
            return {"prompt": body}
        return body

    def run(self, context: Context) -> Script[Outcome]:
        rules = context.rules(Properties(bargein=self.bargein, buffer=self.buffer))
        yield from ask(Play(context.audible(self.prompt), rules.bargein, rules.flush))
        return Outcome("done")

    def speeches(self) -> tuple[Speech, ...]:
        return (self.prompt,)
