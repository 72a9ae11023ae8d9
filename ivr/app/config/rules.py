"""How far a call may go, and how carefully flows are proved and published."""

from __future__ import annotations

from pydantic import Field

from ivr.app.config.section import Section
from ivr.centre.guardrail import Settings
from ivr.model.duration import Duration
from ivr.model.limits import Limits


class LimitsConfig(Section):
    """The limits of one call."""

    steps: int = Field(1000, ge=1, description="Most steps.")
    depth: int = Field(16, ge=1, le=64, description="Most flows within each other.")
    failures: int = Field(30, ge=1, description="Most wrong or missing entries.")
    step: Duration = Field(300_000, description="Longest time in one step.")
    call: Duration = Field(3_600_000, description="Longest call.")

    def limits(self) -> Limits:
        """Return them as the engine wants them."""
        return Limits(
            steps=self.steps,
            depth=self.depth,
            failures=self.failures,
            step_ms=self.step,
            call_ms=self.call,
        )


class ProveConfig(Section):
    """How near a person, or a promised call back, must be to every caller (`ivr prove`)."""

    failures: int = Field(3, ge=0, le=20, description="Failures of the caller on the way there.")
    within: Duration = Field(120_000, description="Time until then, hearing every prompt.")


class CanaryConfig(Section):
    """How carefully `ivr publish --canary` tries a release; see docs/canary.md."""

    alpha: float = Field(0.05, gt=0, lt=1, description="Harmless canaries taken back, at most.")
    beta: float = Field(0.05, gt=0, lt=1, description="Harmful canaries called harmless, at most.")
    harm: float = Field(2.0, gt=1, description="The smallest factor on a rate worth stopping for.")
    floor: float = Field(0.02, gt=0, lt=1, description="Rates below this are no harm.")
    minimum: int = Field(10, ge=1, description="Callers who must have heard it before a verdict.")
    longest: Duration = Field(86_400_000, gt=0, description="What is not decided by then is ended.")
    settle: Duration = Field(0, description="A call counts when it is so old, and over.")

    def settings(self) -> Settings:
        """Return them as the guardrail wants them."""
        return Settings(
            alpha=self.alpha,
            beta=self.beta,
            harm=self.harm,
            floor=self.floor,
            minimum=self.minimum,
            hours=self.longest / 3_600_000,
            settle=self.settle / 1000,
        )
