"""What can go wrong, as one tree.

OneCallError
├── FlowError        a flow file cannot be used: file, line, column, code, hint
├── CallerHungUp     the caller is gone, whatever the wire said
├── PortError        something outside answered badly or not at all
│   └── PortTimeout  it did not answer within its budget; what it did is unknown
├── EvaluationError  an expression has no value for these variables
├── LimitExceeded    a flow ran into one of the language's own limits
├── StepDeadline     a step took longer than a step may
└── Unhandled        a step failed, and its flow has no handler for that
"""

from __future__ import annotations


class OneCallError(Exception):
    """Base of every error that OneCall raises on purpose."""


class FlowError(OneCallError):
    """A set of flow files cannot be used. The text names every problem, one a line."""


class CallerHungUp(OneCallError):
    """The caller is gone. One type for HANGUP lines, 511, `-1`, EOF and broken pipes.

    `talked`: a person had answered, in a queue, as far as one can tell.
    """

    def __init__(self, problem: str = "", *, talked: bool = False) -> None:
        super().__init__(problem)
        self.talked = talked


class PortError(OneCallError):
    """A port answered with a failure. `retryable`: asking again may help.

    The text is for operators and must never hold what a caller keyed.
    """

    def __init__(self, port: str, problem: str, *, retryable: bool = False) -> None:
        super().__init__(f"{port}: {problem}")
        self.port = port
        self.problem = problem
        self.retryable = retryable


class PortTimeout(PortError):
    """A port did not answer within its budget (ms); what it did meanwhile is unknown."""

    def __init__(self, port: str, budget_ms: int) -> None:
        super().__init__(port, f"no answer within {budget_ms} ms", retryable=True)


class EvaluationError(OneCallError):
    """An expression has no value: an undefined name, mixed types, or too large a result."""


class LimitExceeded(OneCallError):
    """A flow ran into a limit of the language: steps, depth, failures or duration."""


class StepDeadline(OneCallError):
    """One step took longer than a step may take."""


class Unhandled(OneCallError):
    """A step failed and no handler of the flow takes it: the dialplan's fallback must."""
