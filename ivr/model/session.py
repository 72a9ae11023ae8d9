"""The state of one call, as a value.

A session is frozen; the interpreter makes a new one at each step boundary and has it saved, so
that a call whose AGI connection dies goes on at its step on any engine node.
"""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from ivr.model.pace import Pace
from ivr.model.values import Scalar, Value


class Frame(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the call is in one flow, and that flow's own variables.

    `step` is the step to run next, or the one that waits for the frame above to return. `guard`:
    this flow was entered to raise the auth level for the waiting step. `form` is what that step keeps
    until it is over (`Stay`), and `level` the auth level it needs for that beside the flow's.
    """

    flow: str
    step: str
    variables: dict[str, Scalar] = {}
    guard: bool = False
    form: dict[str, Scalar | dict[str, Scalar]] = {}
    level: int = 0


class Session(msgspec.Struct, frozen=True, omit_defaults=True):
    """One call. `frames` is the stack of flows, the running one last.

    `call_id` is Asterisk's UNIQUEID. `facts` are read by expressions and written by steps that
    identify a caller (`customer`). `talked_ms` is the time spent with people or waiting for them.
    `trunk` is what the call came in by (the channel's endpoint). `pace` is the caller's rhythm at the
    keypad. `active_at` is when the caller last pressed a key, as far as the auth level depends on it.
    Secrets are no part of it: the interpreter holds them apart, so that they are never stored.
    """

    call_id: str
    version: str
    dnis: str
    ani: str
    language: str
    started_at: datetime
    frames: tuple[Frame, ...]
    auth: int = 0
    facts: dict[str, Scalar | dict[str, Scalar]] = {}
    steps_taken: int = 0
    failures: int = 0
    resumed: int = 0
    talked_ms: int = 0
    hung_up: bool = False
    pace: Pace = Pace()
    trunk: str = ""
    active_at: datetime | None = None

    @property
    def frame(self) -> Frame:
        """The running flow's frame."""
        return self.frames[-1]

    def with_frame(self, frame: Frame) -> Session:
        """Return the session with its running frame replaced."""
        return msgspec.structs.replace(self, frames=(*self.frames[:-1], frame))

    def scope(self) -> dict[str, Value]:
        """The names that expressions may read here: variables, facts, and `call`."""
        return {
            **self.facts,
            "call": {
                "id": self.call_id,
                "ani": self.ani,
                "dnis": self.dnis,
                "language": self.language,
                "auth": self.auth,
            },
            **self.frame.variables,
            **self.frame.form,
        }

    def reaches(self, level: int) -> bool:
        """Whether the caller's auth level is high enough."""
        return self.auth >= level

    def to_json(self) -> bytes:
        """Serialise the session."""
        return _ENCODER.encode(self)

    @classmethod
    def from_json(cls, data: bytes | str) -> Session:
        """Read what `to_json` wrote. Raises msgspec.DecodeError for anything else."""
        return _DECODER.decode(data)


def recording_name(session: Session) -> str:
    """Return a file name that no other recording of any call has."""
    return f"{_UNSAFE.sub('-', session.call_id)[:48]}-{session.steps_taken}"


_UNSAFE = re.compile(r"[^A-Za-z0-9]+")
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Session)
